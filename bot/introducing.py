"""Saying where the bot is, so that profiles can show a link that opens it."""

from aiogram import Bot
from aiogram.exceptions import AiogramError
from mode import Service

from infra.actor import every
from infra.bus import Bus
from infra.config import Settings
from infra.log import get_logger
from schemas.errors import BusError
from schemas.telegram import IntroduceBot

log = get_logger(__name__)

_PAUSE = 2.0
_AGAIN = 300
"""Seconds: whoever keeps the address may have lost it."""


class Introducer(Service):
    """Tells where the bot is as soon as Telegram and the bus are there, and now and then again."""

    abstract = False

    def __init__(self, bot: Bot, bus: Bus, settings: Settings) -> None:
        super().__init__()
        self._bot = bot
        self._bus = bus
        self._simulator = settings.telegram_api_base.rstrip("/")

    @Service.task
    async def _first(self) -> None:
        while not self.should_stop and not await self._tell():
            await self.sleep(_PAUSE)

    @every(seconds=_AGAIN)
    async def _again(self) -> None:
        await self._tell()

    async def _tell(self) -> bool:
        try:
            await self._bus.request(IntroduceBot(address=await self._address()))
        except (AiogramError, BusError) as error:
            log.warning("cannot say yet where the bot is", error=str(error))
            return False
        return True

    async def _address(self) -> str:
        """What a deep link begins with."""
        if self._simulator:
            return f"{self._simulator}/?start="
        return f"https://t.me/{(await self._bot.me()).username}?start="
