"""Asking Telegram for updates until told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiogram import Bot, Dispatcher
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

_BACKOFF = BackoffConfig(min_delay=0.2, max_delay=5.0, factor=1.5, jitter=0.1)

AT_ONCE = 64
"""Updates that are handled at the same time; further ones wait at Telegram."""


async def poll(bot: Bot, dispatcher: Dispatcher) -> None:
    """Answer updates until cancelled, whatever happens to the network; then finish those begun.

    Raises ConfigError when Telegram does not know the token.
    """
    await _introduce(bot)
    polling = asyncio.ensure_future(
        dispatcher.start_polling(
            bot,
            handle_signals=False,
            close_bot_session=False,
            backoff_config=_BACKOFF,
            tasks_concurrency_limit=AT_ONCE,
        )
    )
    try:
        await asyncio.shield(polling)
    finally:
        # Cancelling start_polling would leave its own tasks behind; this is its way out.
        if not polling.done():
            await dispatcher.stop_polling()
            await polling


async def _introduce(bot: Bot) -> None:
    try:
        me = await _patiently(bot.me, TelegramUnauthorizedError, TelegramNotFound)
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        raise ConfigError("Telegram does not know this BOT_TOKEN") from error
    log.info("telegram answers", bot=me.username)
    try:
        await _patiently(lambda: set_menus(bot), TelegramBadRequest, TelegramRetryAfter)
    except TelegramAPIError as error:
        # Telegram may want an hour's pause for this; the last menu that it took does until then.
        log.warning("the menu of commands stays as it was", error=str(error))


async def _patiently(ask: Callable[[], Awaitable[T]], *final: type[TelegramAPIError]) -> T:
    """Ask until Telegram answers; the `final` errors are answers too, and raised."""
    backoff = Backoff(_BACKOFF)
    while True:
        try:
            return await ask()
        except final:
            raise
        except (TelegramAPIError, ClientDecodeError) as error:
            log.warning("cannot reach Telegram yet", error=type(error).__name__)
            await backoff.asleep()
