"""The bot's first words with Telegram, before any update."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.utils.backoff import Backoff, BackoffConfig

from bot.commands import set_menus
from infra.config import ConfigError
from infra.log import get_logger

log = get_logger(__name__)

T = TypeVar("T")

BACKOFF = BackoffConfig(min_delay=0.2, max_delay=5.0, factor=1.5, jitter=0.1)


async def arrive(bot: Bot) -> None:
    """Make sure of the token and set the menus, however long Telegram is away.

    Raises ConfigError when Telegram does not know the token.
    """
    try:
        me = await patiently(bot.me, TelegramUnauthorizedError, TelegramNotFound)
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        raise ConfigError("Telegram does not know this BOT_TOKEN") from error
    log.info("telegram answers", bot=me.username)
    try:
        await patiently(lambda: set_menus(bot), TelegramBadRequest, TelegramRetryAfter)
    except TelegramAPIError as error:
        # Telegram may want an hour's pause for this; the last menu that it took does until then.
        log.warning("the menu of commands stays as it was", error=str(error))


async def patiently(ask: Callable[[], Awaitable[T]], *final: type[TelegramAPIError]) -> T:
    """Ask until Telegram answers; the `final` errors are answers too, and raised."""
    backoff = Backoff(BACKOFF)
    while True:
        try:
            return await ask()
        except final:
            raise
        except (TelegramAPIError, ClientDecodeError) as error:
            log.warning("cannot reach Telegram yet", error=type(error).__name__)
            await backoff.asleep()
