"""Tasks that are created over HTTP at their times, whatever becomes of those before."""

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp

from tests.bench.system import Board, System

_JSON = {"Content-Type": "application/json"}
_CREATED = 201

Clock = Callable[[], int]
"""What is written into the titles: the moment of the request, in nanoseconds."""


def session(system: System, board: Board) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
    """In the name of the board's user, with as many connections as it takes."""
    name, _, value = board.cookie.strip().partition(": ")
    connector = aiohttp.TCPConnector(limit=0)
    return aiohttp.ClientSession(system.url, headers={name: value}, connector=connector)


async def create(http: aiohttp.ClientSession, fields: dict[str, Any], clock: Clock) -> str:
    """One task; gives its title, which is empty when it was refused."""
    title = str(clock())
    async with http.post("/api/tasks/", data=json.dumps({**fields, "title": title}), headers=_JSON) as answer:
        return title if answer.status == _CREATED else ""


async def create_many(
    http: aiohttp.ClientSession, tasks: Iterable[dict[str, Any]], per_second: float, clock: Clock
) -> list[str]:
    """The titles of all of them, in order; empty where one was refused."""
    loop = asyncio.get_running_loop()
    start, sent = loop.time(), list[asyncio.Task[str]]()
    async with asyncio.TaskGroup() as group:
        for number, fields in enumerate(tasks):
            await asyncio.sleep(start + number / per_second - loop.time())
            sent.append(group.create_task(create(http, fields, clock)))
    return [task.result() for task in sent]
