"""The bot at work: it answers people, and tells them what they should know."""

import asyncio

from aiogram import Bot

from bot import webhook
from bot.client import create_bot, wait_when_asked
from bot.dispatcher import create_dispatcher
from bot.introducing import Introducer
from bot.links import Links
from bot.outbound import Outbound
from bot.polling import poll
from infra.bus import Bus
from infra.config import Settings
from infra.process import run, stop_signal, supervised
from schemas.base import Role


def answer_until_stopped(settings: Settings) -> None:
    """Until SIGTERM or SIGINT. Raises ConfigError."""
    if settings.webhook_url:
        webhook.check(settings)

    async def until_stopped() -> None:
        bus = Bus(settings, Role.BOT)
        working = asyncio.ensure_future(answer_people(create_bot(settings), bus, settings))
        stopping = asyncio.ensure_future(stop_signal().wait())
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        working.cancel()
        try:
            await working
        except asyncio.CancelledError:
            return

    run(until_stopped, settings)


async def answer_people(bot: Bot, bus: Bus, settings: Settings) -> None:
    """Answer them, and tell them what they should know, until cancelled. Raises ConfigError.

    The bus may be away: people are told, which is better than silence.
    """
    wait_when_asked(bot)
    links = Links.of(settings)
    connecting = asyncio.ensure_future(bus.connect())
    try:
        async with supervised(Introducer(bot, bus, settings), Outbound(bot, bus, links)):
            dispatcher = create_dispatcher(bus, links)
            if settings.webhook_url:
                await webhook.receive(bot, dispatcher, settings)
            else:
                await poll(bot, dispatcher)
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        await bus.close()
        await bot.session.close()
