"""Notices: how long after an assignment somebody is told of it, on a page or in Telegram."""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import cycle, islice
from time import time_ns
from typing import Any

import msgspec
from aiohttp import ClientSession

from tests.bench.arrivals import Arrivals, Told, told
from tests.bench.calls import calls
from tests.bench.pages import pages
from tests.bench.people import Person, people
from tests.bench.processes import quiet
from tests.bench.sending import create, create_many, session
from tests.bench.system import Board, System
from tests.waiting import wait_for

PER_SECOND = 500
TELEGRAM_PER_SECOND = 30
"""What Telegram lets through."""

_ONE_BY_ONE = 100
_MOST_SECONDS = 5.0
"""Who is told more than five times in ten seconds gets a summary; there is somebody for each of a second."""

_PAUSE_SECONDS = 0.1
_TOLD_SECONDS = 10.0
_QUIET_SECONDS = 8.0


class Notices(msgspec.Struct):
    """What came of it."""

    told: list[Told]
    too_many: int
    """Messages that Telegram refused because they were too many."""

    @property
    def errors(self) -> int:
        return sum(one.errors for one in self.told)


async def tell(system: System, board: Board, seconds: float, say: Callable[[str], None]) -> Notices:
    """In Telegram, while nobody is in the web; then on everybody's page."""
    say("people to be told")
    crowd = await people(system, board, _ONE_BY_ONE + int(min(seconds, 1.0) * PER_SECOND))
    some, many = crowd[:_ONE_BY_ONE], crowd[_ONE_BY_ONE:]
    await quiet(system.roots, _QUIET_SECONDS)
    async with session(system, board) as http, calls(system) as chats:
        say("assignments to people in Telegram")
        found = [await _one_by_one("Telegram, one at a time", http, board, some, chats.sent)]
        titles = await _at_once(http, board, many, chats.sent, len(many), len(many) / TELEGRAM_PER_SECOND)
        found.append(told(f"Telegram, {len(many)} at {PER_SECOND} per second", titles, chats.sent))
        found.append(told("the first of them", titles, chats.sent, first=TELEGRAM_PER_SECOND))
    async with session(system, board) as http, pages(system, crowd) as web:
        say("assignments to people in the web")
        await quiet(system.roots, _QUIET_SECONDS)
        found.append(await _one_by_one("toast, one at a time", http, board, some, web.shown))
        count = int(min(seconds, _MOST_SECONDS) * PER_SECOND)
        titles = await _at_once(http, board, many, web.shown, count, 0.0)
        found.append(told(f"toast, {PER_SECOND} per second", titles, web.shown))
    return Notices(found, chats.too_many)


async def _one_by_one(name: str, http: ClientSession, board: Board, crowd: Sequence[Person], heard: Arrivals) -> Told:
    """Each after the one before has arrived, at no particular moment."""
    titles: list[str] = []
    for task in _tasks(board, crowd, _ONE_BY_ONE):
        titles.append(await create(http, task, time_ns))
        await _until_told(titles[-1:], heard, _TOLD_SECONDS)
        await asyncio.sleep(random.uniform(0, _PAUSE_SECONDS))
    return told(name, titles, heard)


async def _at_once(
    http: ClientSession, board: Board, crowd: Sequence[Person], heard: Arrivals, count: int, longer: float
) -> list[str]:
    """So many at their times; `longer` is how many seconds more the last of them may take than otherwise."""
    titles = await create_many(http, _tasks(board, crowd, count), PER_SECOND, time_ns)
    await _until_told(titles, heard, _TOLD_SECONDS + longer)
    return titles


def _tasks(board: Board, crowd: Sequence[Person], count: int) -> Iterator[dict[str, Any]]:
    """Everybody is given one in turn."""
    for one in islice(cycle(crowd), count):
        yield {"list": board.lists[0], "assignee": one.user}


async def _until_told(titles: Sequence[str], heard: Arrivals, seconds: float) -> None:
    """What never comes shows in the numbers."""
    expected = {title for title in titles if title}
    with suppress(AssertionError):
        await wait_for(lambda: expected <= heard.keys(), seconds)
