"""Live updates: many sockets on one team while tasks are created there, some in every second."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from time import perf_counter, perf_counter_ns
from urllib.parse import urlsplit

import msgspec

from tests.bench.processes import cpu_seconds
from tests.bench.receivers import Received
from tests.bench.sending import create_many, session
from tests.bench.system import Board, System
from tests.waiting import wait_for

EVENTS_PER_SECOND = 20
SOCKETS = (500, 2_000)

_READY_SECONDS = 60
_DRAIN_SECONDS = 10


class Live(msgspec.Struct):
    """What so many sockets received."""

    sockets: int
    opening_seconds: float
    events: int
    delivered: float
    """The share of all frames that there should have been."""
    closed: int
    """Sockets that the gateway closed."""
    p50_ms: float
    """From the request that creates a task to the receipt of the event by one socket."""
    p99_ms: float
    gateway_percent: float
    """Of one processor, while events were sent."""
    errors: int


async def listen(system: System, board: Board, sockets: int, seconds: float) -> Live:
    """So many sockets on the board's first team, for so long."""
    begun = perf_counter()
    argv = ("-m", "tests.bench.receivers", urlsplit(system.url).netloc, str(board.teams[0]), str(sockets))
    process = await asyncio.create_subprocess_exec(sys.executable, *argv, stdin=PIPE, stdout=PIPE)
    try:
        await asyncio.wait_for(_ask(process, board.cookie.strip()), _READY_SECONDS)
        opening_seconds = perf_counter() - begun
        before, then = cpu_seconds(system.roots)["gateway"], perf_counter()
        events, errors = await _create(system, board, seconds)
        spent = (cpu_seconds(system.roots)["gateway"] - before) / (perf_counter() - then)
        await _settle(process, events * sockets)
        assert process.stdin is not None
        process.stdin.close()
        found = msgspec.json.decode(await _line(process), type=Received)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    return Live(
        sockets=sockets,
        opening_seconds=opening_seconds,
        events=events,
        delivered=found.frames / max(events * sockets, 1),
        closed=found.closed,
        p50_ms=found.p50_ms,
        p99_ms=found.p99_ms,
        gateway_percent=100 * spent,
        errors=errors,
    )


async def _create(system: System, board: Board, seconds: float) -> tuple[int, int]:
    """How many were created, and how many not."""
    tasks = [{"list": board.lists[0]}] * int(seconds * EVENTS_PER_SECOND)
    async with session(system, board) as http:
        titles = await create_many(http, tasks, EVENTS_PER_SECOND, perf_counter_ns)
    return len(titles) - titles.count(""), titles.count("")


async def _settle(process: Process, expected: int) -> None:
    """Wait until all is there, or nothing more comes."""

    async def all_there() -> bool:
        return int(await _ask(process, "")) >= expected

    with suppress(AssertionError):
        await wait_for(all_there, _DRAIN_SECONDS)


async def _ask(process: Process, line: str) -> bytes:
    assert process.stdin is not None
    process.stdin.write(line.encode() + b"\n")
    return await _line(process)


async def _line(process: Process) -> bytes:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the receivers have given up")
    return line
