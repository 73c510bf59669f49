"""Notices: from an assignment to the toast, and to the word that something waits for Telegram, idle and under load."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from itertools import cycle
from statistics import quantiles
from time import perf_counter

import asyncpg
import msgspec

from infra.bus import Bus, RawMessage
from schemas.base import Role
from schemas.deliveries import DeliveryQueued
from schemas.ids import TelegramId, UserId
from schemas.notices import Toasted
from schemas.presence import AT_ONCE, Beat, TakeBeats
from schemas.tasks import CreateTask
from tests.bench.system import Board, System
from tests.waiting import wait_for

PEOPLE = 4_000
"""In the web; so many more are told on Telegram."""
SINGLE = 200
PER_SECOND = 500
BUSY_SECONDS = 10

_BEAT_SECONDS = 8.0
_PATIENCE_SECONDS = 20.0
_FIRST_TELEGRAM = 5_000_000_000

_JOIN = """
    WITH made AS (
        INSERT INTO accounts.users (username, name, password_hash, is_admin, is_active, created_at, time_zone, version,
            announced)
        SELECT $2 || n, 'Somebody ' || n, '', FALSE, TRUE, now(), 'UTC', 1, TRUE FROM generate_series(1, $3::int) n
        RETURNING id, username, name),
    linked AS (
        INSERT INTO accounts.telegram_links ("user", telegram, linked_at, is_reachable)
        SELECT id, $4 + id, now(), TRUE FROM made),
    joined AS (
        INSERT INTO board.members (team, "user", username, name, role, is_active)
        SELECT $1, id, username, name, 'member', TRUE FROM made)
    SELECT id FROM made
"""


class Told(msgspec.Struct):
    """From the request that gives somebody a task to the receipt of what tells them, on the bus."""

    assignments: int
    heard: int
    p50_ms: float
    p99_ms: float


class Notices(msgspec.Struct):
    toast: Told
    """One assignment after another."""
    telegram: Told
    """The same, to people who are not in the web: until it is said that something waits for their chat."""
    busy_toast: Told
    """At PER_SECOND assignments a second."""


class _Ears:
    """When each toast and each nudge was heard first, by the person."""

    def __init__(self) -> None:
        self.toasts: dict[str, float] = {}
        self.nudges: dict[UserId, float] = {}

    async def toast(self, raw: RawMessage) -> None:
        event = msgspec.json.decode(raw.data, type=Toasted)
        for notice in event.notices if event.toast else ():
            self.toasts.setdefault(notice.title or "", perf_counter())

    async def nudge(self, raw: RawMessage) -> None:
        self.nudges.setdefault(UserId(int(raw.subject.rsplit(".", 1)[1]) - _FIRST_TELEGRAM), perf_counter())


async def notices(system: System, board: Board, bus: Bus) -> Notices:
    """On the board's first team, which gets many members."""
    here, away = await _join(system, board, "here", PEOPLE), await _join(system, board, "away", SINGLE)
    ears = _Ears()
    async with Bus(system.settings, Role.GATEWAY) as gateway, Bus(system.settings, Role.OPERATOR) as operator:
        await gateway.listen(Toasted.subjects(), ears.toast)
        await operator.listen(DeliveryQueued.subjects(), ears.nudge)
        async with _present(gateway, here):
            toast = await _one_by_one(bus, board, here[:SINGLE], lambda title, _: ears.toasts.get(title))
            telegram = await _one_by_one(bus, board, away, lambda _, user: ears.nudges.get(user))
            busy = await _busy(bus, board, here, ears.toasts)
    return Notices(toast=toast, telegram=telegram, busy_toast=busy)


async def _join(system: System, board: Board, name: str, count: int) -> list[UserId]:
    """People who are members, as if they had come long ago."""
    connection = await asyncpg.connect(system.settings.database_url)
    rows = await connection.fetch(_JOIN, board.teams[0], name, count, TelegramId(_FIRST_TELEGRAM))
    await connection.close()
    return [UserId(row["id"]) for row in rows]


@asynccontextmanager
async def _present(gateway: Bus, users: list[UserId]) -> AsyncGenerator[None]:
    """They sit before the web all the time."""

    async def beat() -> None:
        for start in range(0, len(users), AT_ONCE):
            beats = tuple(Beat(user=user, connection=f"bench-{user}") for user in users[start : start + AT_ONCE])
            await gateway.request(TakeBeats(beats=beats))

    async def keep_beating() -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            await beat()

    await beat()
    async with asyncio.TaskGroup() as group:
        beating = group.create_task(keep_beating())
        yield
        beating.cancel()


async def _one_by_one(bus: Bus, board: Board, users: list[UserId], when: Callable[[str, UserId], float | None]) -> Told:
    """`when` says when it was heard of a title, or of a person."""
    took: list[float] = []
    for user in users:
        title, started = f"For {user}", perf_counter()
        await bus.request(CreateTask(by=board.user.id, list=board.lists[0], title=title, assignee=user))
        await _until(lambda title=title, user=user: when(title, user) is not None)
        if (heard := when(title, user)) is not None:
            took.append(heard - started)
    return _told(len(users), took)


async def _busy(bus: Bus, board: Board, users: list[UserId], heard: dict[str, float]) -> Told:
    started: dict[str, float] = {}
    loop, places = asyncio.get_running_loop(), cycle(board.lists[:4])

    async def give(title: str, user: UserId) -> None:
        started[title] = perf_counter()
        await bus.request(CreateTask(by=board.user.id, list=next(places), title=title, assignee=user))

    begun = loop.time()
    async with asyncio.TaskGroup() as sent:
        for number, user in zip(range(PER_SECOND * BUSY_SECONDS), cycle(users), strict=False):
            await asyncio.sleep(begun + number / PER_SECOND - loop.time())
            sent.create_task(give(f"Busy {number}", user))
    await _until(lambda: started.keys() <= heard.keys())
    return _told(len(started), [heard[title] - at for title, at in started.items() if title in heard])


def _told(assignments: int, took: list[float]) -> Told:
    cuts = quantiles(took, n=100, method="inclusive") if len(took) > 1 else [0.0] * 99
    return Told(assignments=assignments, heard=len(took), p50_ms=1000 * cuts[49], p99_ms=1000 * cuts[98])


async def _until(predicate: Callable[[], bool]) -> None:
    """What never comes shows in the numbers."""
    try:
        await wait_for(predicate, _PATIENCE_SECONDS)
    except AssertionError:
        return
