"""What the bot sends to the simulator of Telegram, which writes down when each call came."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession

from tests.bench.arrivals import Arrival
from tests.bench.system import System

_TITLE = re.compile(r"\b[0-9]{19}\b")
"""Nanoseconds since 1970."""

_TOO_MANY = 429


class Calls:
    """Those about tasks."""

    def __init__(self) -> None:
        self.sent: dict[str, Arrival] = {}
        self.too_many = 0
        """Calls that were refused because of Telegram's limits."""

    def take(self, call: dict[str, Any]) -> None:
        self.too_many += call.get("error_code") == _TOO_MANY
        if call["method"] == "sendMessage" and call["ok"]:
            titles = _TITLE.findall(call.get("text") or "")
            for title in titles:
                self.sent.setdefault(title, Arrival(int(call["at"] * 1e9), len(titles) == 1))


@asynccontextmanager
async def calls(system: System) -> AsyncGenerator[Calls]:
    """From now on, until the context ends."""
    found = Calls()
    async with ClientSession(system.settings.telegram_api_base) as telegram, asyncio.TaskGroup() as group:
        await telegram.delete("/simulator/calls")
        reading = group.create_task(_read(telegram, found))
        yield found
        reading.cancel()


async def _read(telegram: ClientSession, found: Calls) -> None:
    after = 0
    while True:
        # The answer comes as soon as there is a call.
        async with telegram.get("/simulator/calls", params={"after": after, "wait": 10}) as answer:
            page = await answer.json()
        for call in page["calls"]:
            found.take(call)
        after = page["after"]
