"""The bot on a real bus, and the bot and the simulator as processes."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from msgspec.structs import replace

from bot.answering import answer_people
from bot.client import create_bot
from bot.main import main
from bot.texts import TEXTS
from infra.bus import Bus
from infra.config import ConfigError, Settings
from schemas.base import Role
from tests.bot.simulated import TOKEN, People, Someone, cancelled


async def service_is_up(person: Someone) -> None:
    """Ask until the bot says so."""
    while TEXTS["en"].say("service-up") not in (await person.asks("/start"))["text"]:
        pass


@asynccontextmanager
async def start(module: str, **environ: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """`main` of a module; its log is on standard error. At the end it is killed, if it still runs."""
    code = f"from {module} import main; from infra.config import Settings; main(Settings.read(), [])"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env={"PATH": os.defpath, **environ}, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


@asynccontextmanager
async def process(module: str, **environ: str) -> AsyncGenerator[asyncio.StreamReader]:
    """The log of a `main`; at the end it is told to stop, and must do so in good order."""
    async with start(module, **environ) as child:
        assert child.stderr is not None
        yield child.stderr
        child.send_signal(signal.SIGTERM)
        errors = await child.stderr.read()
        assert (await child.wait(), b"Traceback" in errors) == (0, False), errors.decode()


async def test_start_says_that_the_service_is_up_once_the_bus_is(people: People, settings: Settings) -> None:
    settings = replace(settings, bot_token=TOKEN, telegram_api_base=people.url)
    bus = Bus(settings, Role.BOT)
    answering = asyncio.create_task(answer_people(create_bot(settings), bus, settings))

    await service_is_up(await people.add())
    await cancelled(answering)

    assert bus.client.is_closed


@pytest.mark.timeout(30)
async def test_the_bot_answers_until_it_is_told_to_stop(people: People, settings: Settings) -> None:
    environ = {"NATS_URL": settings.nats_url, "NATS_PASSWORD_BOT": settings.nats_password_bot, "BOT_TOKEN": TOKEN}
    async with process("bot.main", TELEGRAM_API_BASE=people.url, **environ):
        await service_is_up(await people.add())


@pytest.mark.timeout(30)
async def test_the_bot_stops_in_good_order_while_neither_telegram_nor_the_bus_are_there() -> None:
    nowhere = {"NATS_URL": "nats://127.0.0.1:9", "TELEGRAM_API_BASE": "http://127.0.0.1:9"}
    async with process("bot.main", BOT_TOKEN=TOKEN, **nowhere) as log:
        while b"cannot reach Telegram yet" not in await log.readline():
            pass


@pytest.mark.timeout(30)
async def test_the_simulator_serves_until_it_is_told_to_stop() -> None:
    """Even while a page listens."""
    async with aiohttp.ClientSession() as http:
        async with process("bot.simulator.main", SIMULATOR_PORT="0", LOG_FORMAT="json") as log:
            url = json.loads(await log.readline())["url"]
            stream = await http.get(f"{url}/simulator/events")
            async with http.get(f"{url}/bot{TOKEN}/getUpdates") as updates:
                assert updates.status == 200
        assert await stream.read() == b""


@pytest.mark.parametrize(
    ("settings", "variable"),
    [(Settings(bot_token=TOKEN), "NATS_URL"), (Settings(nats_url="nats://127.0.0.1"), "BOT_TOKEN")],
)
def test_a_setting_that_is_missing_is_named(settings: Settings, variable: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        main(settings)
