"""Presence: heartbeats in bundles, as gateways send them, each at its time whatever became of the one before."""

import asyncio
from itertools import cycle
from time import perf_counter

import msgspec

from infra.bus import Bus
from schemas.base import Role
from schemas.errors import BusError
from schemas.ids import TeamId, UserId
from schemas.presence import AT_ONCE, Beat, TakeBeats
from tests.bench.latencies import percentile
from tests.bench.processes import cpu_seconds
from tests.bench.system import System

PER_SECOND = 10_000
CONNECTIONS = 20_000
"""Two for each person: a page, and a board."""

_BOARD_SIZE = 20
_FIRST = 10**9


class Heartbeats(msgspec.Struct):
    """What became of so many in a second."""

    per_second: int
    connections: int
    coming_seconds: float
    """Until all of them were here, and announced."""
    handled: float
    """The share of the bundles that presence took."""
    p50_ms: float
    """From the moment a bundle was due until it was answered."""
    p99_ms: float
    actors_ms: float
    """Processor time for 1,000 heartbeats, of all actors; nobody asks the others for anything meanwhile."""
    redis_ms: float
    errors: int


async def beat(system: System, seconds: float) -> Heartbeats:
    """So many for so long; afterwards everybody has gone."""
    crowd = [_bundle(first) for first in range(0, CONNECTIONS, AT_ONCE)]
    async with Bus(system.settings, Role.GATEWAY) as bus:
        begun = perf_counter()
        for bundle in crowd:
            await bus.request(bundle)
        coming_seconds = perf_counter() - begun
        before = cpu_seconds(system.roots)
        took = await _send(bus, crowd, seconds)
        after = cpu_seconds(system.roots)
        for bundle in crowd:
            await bus.request(TakeBeats(gone=tuple(one.connection for one in bundle.beats)))
    done = [one for one in took if one is not None]
    spent = {name: (after[name] - before[name]) * 1e6 / (len(took) * AT_ONCE) for name in ("actors", "redis")}
    return Heartbeats(
        per_second=PER_SECOND,
        connections=CONNECTIONS,
        coming_seconds=coming_seconds,
        handled=len(done) / len(took),
        p50_ms=percentile(done, 50),
        p99_ms=percentile(done, 99),
        actors_ms=spent["actors"],
        redis_ms=spent["redis"],
        errors=len(took) - len(done),
    )


def _bundle(first: int) -> TakeBeats:
    """The next thousand connections."""
    return TakeBeats(beats=tuple(_beat(number) for number in range(first, first + AT_ONCE)))


def _beat(number: int) -> Beat:
    user, board = divmod(number, 2)
    team = TeamId(_FIRST + user // _BOARD_SIZE) if board else None
    return Beat(user=UserId(_FIRST + user), connection=f"bench-{number}", board=team)


async def _send(bus: Bus, crowd: list[TakeBeats], seconds: float) -> list[float | None]:
    """How many milliseconds each took; None for those that were not taken."""
    bundles, start = cycle(crowd), perf_counter()

    async def ask(bundle: TakeBeats, due: float) -> float | None:
        try:
            await bus.request(bundle)
        except BusError:
            return None
        return (perf_counter() - due) * 1000

    asked: list[asyncio.Task[float | None]] = []
    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * PER_SECOND / AT_ONCE)):
            due = start + number * AT_ONCE / PER_SECOND
            await asyncio.sleep(due - perf_counter())
            asked.append(group.create_task(ask(next(bundles), due)))
    return [task.result() for task in asked]
