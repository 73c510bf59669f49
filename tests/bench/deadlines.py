"""Deadlines: how late they are announced, and how long it takes when very many pass at once."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec

from infra.bus import Bus, RawMessage
from schemas.base import Role, UtcTime, team_event_subjects
from schemas.clock import TaskOverdue
from schemas.tasks import CreateTask
from tests.bench.latencies import percentile
from tests.bench.system import Board, System
from tests.waiting import wait_for

SINGLE = 200
AT_ONCE = 10_000
CREATES_PER_SECOND = 200
"""So many while the others are announced."""

_SPREAD_SECONDS = 4.0
_AHEAD_SECONDS = 3.0
_PATIENCE_SECONDS = 30.0

_FALL_DUE = """
    WITH made AS (
        INSERT INTO board.tasks (team, list, title, description, checklist, due_at, rank, version, created_by,
            created_at, updated_at)
        SELECT l.team, l.id, 'Due ' || n, '', '[]', $4, n, 1, $2, now(), now()
        FROM generate_series(1::bigint, $3) n
        JOIN unnest($1::bigint[]) WITH ORDINALITY place (list, number) ON place.number = n % cardinality($1) + 1
        JOIN board.lists l ON l.id = place.list
        RETURNING id, team, due_at)
    INSERT INTO board.alarms (task, team, due_at, wake_at) SELECT id, team, due_at, due_at FROM made
"""


class Lateness(msgspec.Struct):
    """From a deadline to the receipt of its event on the bus."""

    tasks: int
    heard: int
    p50_ms: float
    p99_ms: float


class Sweep(msgspec.Struct):
    """Very many deadlines in one moment."""

    tasks: int
    heard: int
    written_seconds: float
    """From when the store takes up the first of them to when it takes up the last batch."""
    seconds: float
    """From then to the receipt of the last event."""
    meanwhile: "Creates"
    before: "Creates"


class Creates(msgspec.Struct):
    """Of tasks that are created at a steady rate."""

    p50_ms: float
    p99_ms: float


class Deadlines(msgspec.Struct):
    lateness: Lateness
    alone: Sweep
    """With nothing else to do."""
    busy: Sweep
    """While tasks are created."""

    @property
    def missing(self) -> int:
        """Deadlines that were never announced."""
        return sum(part.tasks - part.heard for part in (self.lateness, self.alone, self.busy))


class _Due(msgspec.Struct):
    due_at: UtcTime


class _Overdue(msgspec.Struct):
    """As much of TaskOverdue as is looked at: who measures shares the processors."""

    team: int
    at: UtcTime
    task: _Due


class _Heard(msgspec.Struct):
    at: datetime
    due_at: datetime
    received: datetime


_decode = msgspec.json.Decoder(_Overdue).decode


async def deadlines(system: System, board: Board, bus: Bus) -> Deadlines:
    """On a board whose lists take all of it."""
    async with Bus(system.settings, Role.GATEWAY) as ears:
        lateness = await _lateness(bus, ears, board)
        alone = await _sweep(system, ears, board, nullcontext([]))
        return Deadlines(lateness, alone, await _sweep(system, ears, board, _creating(bus, board)))


async def _lateness(bus: Bus, ears: Bus, board: Board) -> Lateness:
    async with _hearing(ears, board) as heard:
        for _ in range(SINGLE):
            due = datetime.now(UTC) + timedelta(seconds=_AHEAD_SECONDS + random.uniform(0, _SPREAD_SECONDS))
            await bus.request(CreateTask(by=board.user.id, list=board.lists[0], title="Due", due_at=due))
        await _until(lambda: len(heard) >= SINGLE)
        late = [(one.received - one.due_at) / timedelta(milliseconds=1) for one in heard]
    return Lateness(tasks=SINGLE, heard=len(heard), p50_ms=percentile(late, 50), p99_ms=percentile(late, 99))


async def _sweep(
    system: System, ears: Bus, board: Board, creating: AbstractAsyncContextManager[list[tuple[datetime, float]]]
) -> Sweep:
    due = datetime.now(UTC) + timedelta(seconds=2 * _AHEAD_SECONDS)
    connection = await asyncpg.connect(system.settings.database_url)
    await connection.execute(_FALL_DUE, board.lists, board.user.id, AT_ONCE, due)
    await connection.close()
    async with _hearing(ears, board) as heard, creating as created:
        await _until(lambda: len(heard) >= AT_ONCE)
    now = datetime.now(UTC)
    first, last = min((one.at for one in heard), default=now), max((one.received for one in heard), default=now)
    last_batch = max((one.at for one in heard), default=now)
    return Sweep(
        tasks=AT_ONCE,
        heard=len(heard),
        written_seconds=(last_batch - first) / timedelta(seconds=1),
        seconds=(last - first) / timedelta(seconds=1),
        meanwhile=_creates(took for at, took in created if first <= at <= last),
        before=_creates(took for at, took in created if at < due),
    )


def _creates(latencies: Iterable[float]) -> Creates:
    took = [*latencies]
    return Creates(percentile(took, 50), percentile(took, 99)) if took else Creates(0.0, 0.0)


@asynccontextmanager
async def _hearing(ears: Bus, board: Board) -> AsyncGenerator[list[_Heard]]:
    """What is announced as overdue in the board's teams."""
    heard: list[_Heard] = []
    teams = {*board.teams}

    async def hear(message: RawMessage) -> None:
        received, event = datetime.now(UTC), _decode(message.data)
        if event.team in teams:
            heard.append(_Heard(event.at, event.task.due_at, received))

    listening = await ears.listen(team_event_subjects(TaskOverdue.tag()), hear)
    yield heard
    await listening.unsubscribe()


@asynccontextmanager
async def _creating(bus: Bus, board: Board) -> AsyncGenerator[list[tuple[datetime, float]]]:
    """When each was to be sent, and milliseconds from then to the answer, whatever became of those before."""
    created: list[tuple[datetime, float]] = []
    over = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def create(at: float) -> None:
        meant = datetime.now(UTC) - timedelta(seconds=loop.time() - at)
        await bus.request(CreateTask(by=board.user.id, list=random.choice(board.lists), title="Meanwhile"))
        created.append((meant, 1000 * (loop.time() - at)))

    async def keep_creating() -> None:
        start, number = loop.time(), 0
        async with asyncio.TaskGroup() as sent:
            while not over.is_set():
                await asyncio.sleep(start + number / CREATES_PER_SECOND - loop.time())
                sent.create_task(create(start + number / CREATES_PER_SECOND))
                number += 1

    async with asyncio.TaskGroup() as group:
        group.create_task(keep_creating())
        yield created
        over.set()


async def _until(predicate: Callable[[], bool]) -> None:
    """What never comes shows in the numbers."""
    try:
        await wait_for(predicate, _PATIENCE_SECONDS)
    except AssertionError:
        return
