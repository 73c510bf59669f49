"""The ticker: one that nobody hears, one that is heard again, and two at once."""

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from actors.overdue import Overdue
from actors.sql.alarms import AT_ONCE
from actors.task_store import TaskStore
from infra.actor import Actor, handle
from infra.bus import Bus, RawMessage
from infra.config import Settings
from infra.db import connect_database
from schemas.base import Role, team_event_subjects
from schemas.clock import SweepTasks, Swept, TaskOverdue
from tests.actors.conftest import Scene
from tests.infra.own_servers import open_nats
from tests.waiting import wait_for

MANY = 2 * AT_ONCE + 200
SAID = {"deadlines are not swept", "deadlines are swept again"}

_FALL_DUE = text("""
    WITH made AS (
        INSERT INTO board.tasks (team, list, title, description, checklist, due_at, rank, version, created_by,
            created_at, updated_at)
        SELECT :team, :list, 'Task ' || n, '', '[]', now(), n, 1, :by, now(), now() FROM generate_series(1, :count) n
        RETURNING id, team, due_at)
    INSERT INTO board.alarms (task, team, due_at, wake_at) SELECT id, team, due_at, due_at FROM made
""")


def said(lines: list[Any]) -> list[str]:
    """What the ticker has logged."""
    return [line["event"] for line in lines if line["event"] in SAID]


def sweeps_of(store: Actor) -> int:
    return next(endpoint.requests for endpoint in store.endpoints if endpoint.name == "task-sweep")


@pytest.fixture
async def store(actors: Mapping[type[Actor], Actor]) -> Actor:
    return actors[TaskStore]


async def test_it_is_heard_each_second(store: Actor) -> None:
    before = sweeps_of(store)

    await wait_for(lambda: sweeps_of(store) >= before + 2)


async def test_an_outage_is_logged_when_it_begins_and_when_it_is_over(tmp_path: Path, settings: Settings) -> None:
    async with open_nats(tmp_path) as nats, Bus(nats.settings, Role.OVERDUE) as bus:
        with capture_logs() as lines:
            async with Overdue(bus, patience=0.1) as ticker:
                await wait_for(lambda: said(lines))
                for _ in range(3):
                    await ticker.tick()

                assert said(lines) == ["deadlines are not swept"]

                async with Bus(nats.settings, Role.TASK_STORE) as other:
                    engine = connect_database(settings)
                    async with TaskStore(other, engine):
                        await wait_for(lambda: len(said(lines)) > 1)
                    await engine.dispose()
                assert said(lines)[:2] == ["deadlines are not swept", "deadlines are swept again"]


class Sweeper(Actor):
    """Has three batches of something to say, and says one each time."""

    role: ClassVar[Role] = Role.TASK_STORE
    asked = 0

    @handle
    async def sweep(self, sweep: SweepTasks) -> Swept:
        assert sweep.at
        self.asked += 1
        return Swept(overdue=1, due_soon=0, more=self.asked < 3)


async def test_while_there_is_more_it_asks_again_at_once(tmp_path: Path) -> None:
    async with (
        open_nats(tmp_path) as nats,
        Bus(nats.settings, Role.OVERDUE) as bus,
        Bus(nats.settings, Role.TASK_STORE) as other,
        Sweeper(other) as sweeper,
    ):
        await Overdue(bus).tick()

        assert sweeper.asked == 3


@pytest.fixture
async def second_ticker(settings: Settings, actors: object) -> AsyncGenerator[Overdue]:
    async with Bus(settings, Role.OVERDUE) as bus, Overdue(bus) as ticker:
        yield ticker


async def test_what_falls_due_at_once_is_said_in_batches_without_a_pause_and_once_by_two_tickers(
    scene: Scene, engine: AsyncEngine, second_ticker: Overdue
) -> None:
    heard: list[TaskOverdue] = []

    async def hear(raw: RawMessage) -> None:
        event = msgspec.json.decode(raw.data, type=TaskOverdue)
        heard.extend([event] if event.team == scene.team.id else [])

    listening = await scene.bus.listen(team_event_subjects(TaskOverdue.tag()), hear)
    seq = (await scene.board()).seq
    async with engine.begin() as connection:
        parameters = {"team": scene.team.id, "list": scene.todo.id, "by": scene.ann.user, "count": MANY}
        await connection.execute(_FALL_DUE, parameters)

    await wait_for(lambda: len(heard) >= MANY)

    assert len({event.at for event in heard}) >= 3
    assert [event.seq for event in heard] == [*range(seq + 1, seq + MANY + 1)]
    assert len({event.task.id for event in heard}) == MANY
    await listening.unsubscribe()
