## The menu of commands

command-start = Say hello and see whether the service is up
command-help = See what I can do

## Answers to commands

greeting = Hello, { $name }! I am the bot of <b>Team Task Manager</b>.
service-up = The service is up.
service-down = The service cannot be reached right now. It usually comes back by itself within a minute.
help-pointer = Send /help to see what I can do.
help-heading = This is what I understand:

## Everything else

unknown-message = I do not understand that yet. Send /help to see what I can do.
unknown-button = This button does nothing any more.
failure = Something went wrong on our side. Please try again in a moment.
