"""What all methods have in common."""

from typing import Any

from bot.simulator.telegram import Telegram
from schemas.base import Record


class Method(Record):
    """The class name is the method's; unknown parameters are ignored, as Telegram does."""

    async def run(self, telegram: Telegram) -> Any:
        """The result. Raises BotApiError."""
        raise NotImplementedError

    @classmethod
    def api_name(cls) -> str:
        """As the documentation writes it."""
        return cls.__name__[0].lower() + cls.__name__[1:]
