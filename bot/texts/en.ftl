## The menus of commands

command-start = Say hello and see whether the service is up
command-tasks = Your tasks: overdue, today, later
command-new = New task: /new Buy paper @ben !high fri 5pm
command-done = Complete a task: /done 42
command-assign = Give a task to somebody: /assign 42 @ben
command-due = Set a deadline: /due 42 tomorrow 18:00
command-mute = Send nothing for a while: /mute 2h
command-lang = Choose the language
command-link = Link this Telegram account to your account
command-unlink = End the link
command-help = See what I can do
command-bind = Tell this group what happens in a team
command-unbind = Tell this group nothing more
command-kinds = Choose what this group is told

## Saying hello

greeting = Hello, { $name }! I am the bot of <b>Team Task Manager</b>.
service-up = The service is up.
service-down = The service cannot be reached right now. It usually comes back by itself within a minute.
help-pointer = Send /help to see what I can do.
help-heading = This is what I understand:
help-more = Reply to a notice to comment on its task. Write or forward a message to make a task of it: it is yours, unless you name somebody.
group-greeting = Hello! I can tell this group what happens in a team. An admin of the team sends /bind here.
group-only = This is for groups: add me to one, and send it there.
private-only = Please write that to me in a private chat.

## Linking

link-first = I do not know you yet. Open the link in your profile on the site, or send /link and enter the code there.
link-code = Your code:
link-expires = Enter it in your profile on the site. It works once, within { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}.
link-instead = You are linked as { $name } ({ $username }). If somebody else enters the code, they take the place.
linked = Linked: you are { $name } ({ $username }).
start-too-old = This link was used already, or is too old. Get a new one in your profile on the site, or send /link.
unlinked = The link has ended: nothing more comes here. Send /link to link again.
unlinked-already = This Telegram account is not linked. Send /link to link it.

## Tasks

tasks = <b>{ $count ->
    [one] { $count } open task
   *[other] { $count } open tasks
}</b>
tasks-none = You have no open tasks.
tasks-overdue = Overdue
tasks-today = Today
tasks-later = Later
tasks-undated = Without a deadline
tasks-page = Page { $page } of { $last }
done = ✅ Done:
done-already = ✅ That was done already:
done-how = Send the number of the task, like this: /done 42. The numbers are in /tasks.
undone = ↩️ Taken back.

## New tasks

new-how = Send the task in one line, like this: /new Buy paper @ben !high #office tomorrow 18:00
new-which-team = Which team is this for?
new-no-team = You are in no team where you may add tasks.
new-no-list = This team has no list yet. Add one on the site first.
offer = Make this a task? { $title }
only-text = I can only make tasks of messages with text.
forgotten = All right, no task.
forwarded-from = Forwarded from { $name }
created = 📌 New task
detail-list = List: { $name }
detail-assignee = Assignee: { $name }
detail-priority = Priority: { $priority }
detail-due = Due: { $at }
priority-none = none
priority-low = low
priority-medium = medium
priority-high = high
priority-urgent = urgent
no-such-member = Nobody here is called { $name }. There are: { $known }
no-such-label = This team has no label { $name }. There are: { $known }

## Changing tasks

assign-how = Send the number of the task and whose it is, like this: /assign 42 @ben, /assign 42 me, or /assign 42 off
given = 👤 Assignee: { $name }
given-to-nobody = 👤 Nobody has this task now.
due-how = Send the number of the task and the deadline, like this: /due 42 tomorrow 18:00, or /due 42 off
due-unclear = I do not understand “{ $phrase }”. Try: tomorrow 18:00, fri 5pm, in 2 hours, 28 Nov 10:00
due-passed = That moment has passed: { $at }
due-set = 🗓 Due: { $at }
due-unset = 🗓 No deadline.
snoozed = ⏰ Once more: { $at }
commented = 💬 Comment added:
comment-which = Which task is this about?
comment-on-nothing = That message is about no task that can still be commented on.

## Settings

muted = 🔕 Nothing comes here until { $at }. Notices wait in your inbox on the site.
unmuted = 🔔 Notices come here again.
not-muted = 🔔 Notices come here. How long shall I be quiet?
mute-unclear = I do not understand “{ $phrase }”. Try: /mute 2h, /mute tomorrow 9:00, or /mute off
language-name = English
language-choose = Which language do you want?
language-chosen = I speak English with you now.

## Groups

bind-which-team = Which team shall this group be told about?
bind-no-team = You are no admin of any team. Ask one to send /bind here.
bound = This group is told what happens in the team { $team }. Choose what:
not-bound = This group is told about no team. An admin of the team sends /bind here.
unbound = This group is told nothing more about the team { $team }.
kind-assigned = Assigned
kind-unassigned = Unassigned
kind-mentioned = Mentions
kind-commented = Comments
kind-completed = Completed
kind-due-soon = Due soon
kind-overdue = Overdue
kind-added = New members

## Buttons

button-done = ✅ Done
button-give = 👤 Reassign
button-hour = ⏰ In an hour
button-tomorrow = ⏰ Tomorrow 9:00
button-open = 🔗 Open
button-undo = ↩️ Undo
button-nobody = Nobody
button-back = Back
button-create = Create the task
button-no = No
button-mute = { $hours ->
    [one] { $hours } hour
   *[other] { $hours } hours
}
button-mute-tomorrow = Until tomorrow 9:00
button-unmute = 🔔 Send notices

## Everything else

refused-invalid = That does not work: { $detail }
refused-unauthenticated = I do not know who you are: { $detail }
refused-forbidden = You may not do that: { $detail }
refused-not-found = I cannot find that: { $detail }
refused-conflict = That did not work: { $detail }
refused-too-large = That is too long: { $detail }
refused-overloaded = There is too much to do right now. Nothing was done; please try again in a moment.
refused-unavailable = The service cannot be reached right now. Please see in a minute whether it was done, and try again.
message-too-old = This message is too old for its buttons.
message-gone = I cannot find the message that this is about. Please send it again.
not-yours = Only whoever wrote the message can do this.
unknown-message = I do not understand that. Send /help to see what I can do.
unknown-button = This button does nothing any more.
failure = Something went wrong on our side. Please try again in a moment.
