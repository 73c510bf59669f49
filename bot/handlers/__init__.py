"""What the bot does with each kind of update; every module makes one router."""
