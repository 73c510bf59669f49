"""The bot as a process of its own."""

import asyncio
from collections.abc import Sequence

from aiogram import Bot

from bot.client import create_bot
from bot.dispatcher import create_dispatcher
from bot.polling import poll
from infra.bus import Bus
from infra.config import Settings
from infra.process import run, stop_signal
from schemas.base import Role


def main(settings: Settings, _names: Sequence[str] = ()) -> None:
    """Answer people until SIGTERM or SIGINT. Names choose the parts of larger processes; this one has no parts.

    Raises ConfigError.
    """
    settings.require("nats_url")

    async def until_stopped() -> None:
        working = asyncio.ensure_future(answer_people(create_bot(settings), Bus(settings, Role.BOT)))
        stopping = asyncio.ensure_future(stop_signal().wait())
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        working.cancel()
        try:
            await working
        except asyncio.CancelledError:
            return

    run(until_stopped, settings)


async def answer_people(bot: Bot, bus: Bus) -> None:
    """Until cancelled. The bus may be away: people are told, which is better than silence. Raises ConfigError."""
    connecting = asyncio.ensure_future(bus.connect())
    try:
        await poll(bot, create_dispatcher(bus))
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        await bus.close()
        await bot.session.close()
