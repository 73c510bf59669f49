"""A Telegram of our own: the Bot API methods that the bot uses, over HTTP, and a chat page for people.

It serves one bot, and keeps everything in memory unless it is told of a file. Tests, demos and newcomers need no
Telegram account with it. What Telegram would do, it does, with these exceptions: buttons and webhooks may lead to this
machine, nobody has to be an admin to change a group, and message numbers are never the same in two chats.
"""
