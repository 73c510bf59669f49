"""The Bot API methods that the bot uses: each struct is one, its fields are the parameters, `run` is what it does.

https://core.telegram.org/bots/api#available-methods
"""

from bot.simulator.methods import chats, menus, messages, updates
from bot.simulator.methods.method import Method

__all__ = ["METHODS", "Method", "chats", "menus", "messages", "updates"]

METHODS: dict[str, type[Method]] = {method.__name__.lower(): method for method in Method.__subclasses__()}
"""By name in lower case: Telegram does not mind the case."""
