"""The kinds of load, and their course: each kind a few times in turn, so that a noisy moment hits all alike."""

import itertools
import json
import statistics
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from time import perf_counter

import msgspec
import nats
from hdrh.histogram import HdrHistogram

from infra.bus import Bus
from infra.config import Settings
from schemas.errors import BusError
from schemas.tasks import CreateTask
from tests.bench.ceilings import Ceilings
from tests.bench.echo import SUBJECT
from tests.bench.inserts import TITLE, inserting
from tests.bench.load import Ask, Tally, call, request, send
from tests.bench.processes import Roots, busy_seconds, cpu_seconds, quiet
from tests.bench.system import Board, System

HTTP, BUS = "HTTP creates", "bus creates"
ECHO, RELAY, NATS = "aiohttp echo", "aiohttp + NATS echo", "NATS echo"
SINGLE, BATCH = "single inserts", "batches of 50"
OTHERS = "other programs"

_SETTLE_SECONDS = 2.0
_LONGEST_MICROSECONDS = 60_000_000


Drive = Callable[[int, Callable[[], Tally]], Awaitable[Tally]]


class Phase(msgspec.Struct):
    """One kind of load. `drive` brings up what it needs, makes a Tally, loads, and takes down."""

    name: str
    in_flight: int
    drive: Drive
    of_product: bool = False
    """Whether it is the product that is loaded, and not what it is compared with."""
    creates: bool = False
    """Whether tasks are made that must be there at the end."""
    share: float = 1.0
    """Of the time that the others get."""


class Measured(msgspec.Struct):
    """What came of one phase in all its rounds."""

    name: str
    in_flight: int
    per_second: float
    """The median of the rounds."""
    rounds: list[float]
    p50_ms: float
    p99_ms: float
    acknowledged: int
    errors: int
    wall_seconds: float
    """With the warm-up, as are the processor seconds."""
    cpu_seconds: dict[str, float]
    of_product: bool
    creates: bool


def phases(system: System, board: Board, bus: Bus, echo: Ceilings) -> list[Phase]:
    """All of them, each next to what it is compared with."""
    settings = system.settings
    real = itertools.cycle([request("/api/tasks/", _body(list_id), board.cookie) for list_id in board.lists])
    create = _on_bus(bus, board)
    return [
        Phase(HTTP, 32, over_http(system.url, real), of_product=True, creates=True),
        Phase(HTTP, 128, over_http(system.url, real), of_product=True, creates=True),
        Phase(RELAY, 128, over_http(echo.relay, real)),
        Phase(ECHO, 128, over_http(echo.http, real)),
        Phase(BUS, 32, create, of_product=True, creates=True),
        Phase(BUS, 128, create, of_product=True, creates=True),
        Phase(NATS, 128, _over_nats(echo.nats, board)),
        Phase(f"{SINGLE}, asyncpg", 16, _into(settings, 1, core=False)),
        Phase(f"{SINGLE}, SQLAlchemy", 16, _into(settings, 1, core=True)),
        Phase(f"{BATCH}, asyncpg", 1, _into(settings, 50, core=False)),
        Phase(f"{BATCH}, SQLAlchemy", 1, _into(settings, 50, core=True)),
    ]


async def run(
    phases: Sequence[Phase], roots: Roots, *, rounds: int, seconds: float, say: Callable[[str], None]
) -> list[Measured]:
    """`seconds` is how long each phase is measured in all; its warm-up takes a quarter of that on top."""
    found: list[list[tuple[Tally, float, dict[str, float]]]] = [[] for _ in phases]
    for number in range(1, rounds + 1):
        for place, phase in enumerate(phases):
            await quiet(roots, _SETTLE_SECONDS)
            say(f"round {number} of {rounds}: {phase.name}, {phase.in_flight} in flight")
            before, begun, share = _spent(roots), perf_counter(), seconds * phase.share / rounds
            tally = await phase.drive(phase.in_flight, partial(Tally, share / 4, share))
            took, after = perf_counter() - begun, _spent(roots)
            found[place].append((tally, took, {name: after[name] - before[name] for name in after}))
    return [_measured(phase, outcome) for phase, outcome in zip(phases, found, strict=True)]


def _spent(roots: Roots) -> dict[str, float]:
    """Processor seconds of each of ours, and of all that runs here beside them and disturbs."""
    spent = cpu_seconds(roots)
    return {**spent, OTHERS: busy_seconds() - sum(spent.values())}


def _measured(phase: Phase, outcome: list[tuple[Tally, float, dict[str, float]]]) -> Measured:
    tallies = [tally for tally, _, _ in outcome]
    histogram = HdrHistogram(1, _LONGEST_MICROSECONDS, 3)
    for nanoseconds in itertools.chain.from_iterable(tally.latencies for tally in tallies):
        histogram.record_value(min(nanoseconds // 1000, _LONGEST_MICROSECONDS))
    rounds = [tally.per_second for tally in tallies]
    return Measured(
        name=phase.name,
        in_flight=phase.in_flight,
        per_second=statistics.median(rounds),
        rounds=rounds,
        p50_ms=histogram.get_value_at_percentile(50) / 1000,
        p99_ms=histogram.get_value_at_percentile(99) / 1000,
        acknowledged=sum(tally.acknowledged for tally in tallies),
        errors=sum(tally.errors for tally in tallies),
        wall_seconds=sum(took for _, took, _ in outcome),
        cpu_seconds={name: sum(cpu[name] for _, _, cpu in outcome) for name in outcome[0][2]},
        of_product=phase.of_product,
        creates=phase.creates,
    )


# What each phase does


def _body(list_id: int) -> bytes:
    return json.dumps({"title": TITLE, "list": list_id}).encode()


def over_http(url: str, requests: Iterator[bytes]) -> Drive:
    """Requests, each sent once, however many rounds there are."""

    async def drive(in_flight: int, begin: Callable[[], Tally]) -> Tally:
        return await send(url, requests, in_flight, begin())

    return drive


def _with(asking: Callable[[int], AbstractAsyncContextManager[Ask]]) -> Drive:
    """A phase whose requests are coroutines, with what they need held open meanwhile."""

    async def drive(in_flight: int, begin: Callable[[], Tally]) -> Tally:
        async with asking(in_flight) as ask:
            return await call(ask, in_flight, begin())

    return drive


def _on_bus(bus: Bus, board: Board) -> Drive:
    lists = itertools.cycle(board.lists)

    async def ask(_: int) -> int:
        try:
            await bus.request(CreateTask(by=board.user.id, list=next(lists), title=TITLE))
        except BusError:
            return 0
        return 1

    return _with(lambda _: nullcontext(ask))


def _over_nats(url: str, board: Board) -> Drive:
    payload = msgspec.json.encode(CreateTask(by=board.user.id, list=board.lists[0], title=TITLE))

    @asynccontextmanager
    async def asking(_: int) -> AsyncGenerator[Ask]:
        async with await nats.connect(url) as client:

            async def ask(_: int) -> int:
                return bool((await client.request(SUBJECT, payload, timeout=5)).data)

            yield ask

    return _with(asking)


def _into(settings: Settings, tasks: int, *, core: bool) -> Drive:
    return _with(lambda in_flight: inserting(settings, in_flight, tasks, core=core))
