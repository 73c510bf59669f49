"""A Telegram of our own: the Bot API methods that the bot uses, over HTTP, and a chat page for people.

It keeps everything in memory and serves one bot. Tests, demos and newcomers need no Telegram account with it.
"""
