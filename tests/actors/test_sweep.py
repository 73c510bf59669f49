"""What time has to say of deadlines. The ticker runs beside these tests: a sweep of theirs may find it all said."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.alarms import ring
from actors.sql.loading import lock_teams
from actors.task_store import TaskStore
from actors.task_store.batch import _attempt
from actors.task_store.rules import needs_of
from infra.bus import Bus
from infra.config import Settings
from infra.db import connect_database, statements
from infra.mailbox import Envelope
from schemas.base import Role
from schemas.clock import Lead, SweepTasks, TaskDueSoon, TaskOverdue
from schemas.errors import BusError, ErrorCode
from schemas.history import ListActivity, Undo
from schemas.ids import Seq
from schemas.lists import DeleteList, RestoreList
from schemas.replay import ReplayEvents
from schemas.search import GetTask, ListTasks, TaskFilter
from schemas.tasks import (
    ArchiveTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    ReopenTask,
    RestoreTask,
    Task,
    TaskView,
    UnarchiveTask,
    UpdateTask,
)
from schemas.teams import DeleteTeam, RestoreTeam
from tests.actors.conftest import Scene
from tests.actors.mirror import Mirror
from tests.actors.refusals import refusal
from tests.waiting import wait_for

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
SOON = timedelta(milliseconds=150)

_WAITS = text("""
    SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%board.alarms%')
""")

_of_time = msgspec.json.Decoder(TaskOverdue | TaskDueSoon)


@pytest.fixture(scope="session")
async def clock(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    """The bus as the ticker sees it."""
    async with Bus(settings, Role.OVERDUE) as bus:
        yield bus


async def sweep(clock: Bus) -> None:
    """When this returns, all is said that was to be said by now."""
    while (await clock.request(SweepTasks(at=datetime.now(UTC)))).more:
        pass


async def events_of(scene: Scene, after: int = 0) -> list[bytes]:
    replay = await scene.bus.request(ReplayEvents(by=scene.ann.user, team=scene.team.id, after=Seq(after)))
    return [bytes(event) for event in replay.events]


async def told(scene: Scene) -> list[TaskOverdue | TaskDueSoon]:
    """What time has said in this team."""
    return [_of_time.decode(event) for event in await events_of(scene) if event.startswith(OF_TIME)]


OF_TIME = (b'{"type":"task.overdue"', b'{"type":"task.due_soon"')


async def overdue(scene: Scene) -> list[str]:
    """The titles of the tasks that were announced as overdue, in order."""
    return [event.task.title for event in await told(scene) if isinstance(event, TaskOverdue)]


async def due(scene: Scene, title: str, at: datetime) -> TaskView:
    return await scene.bus.request(CreateTask(by=scene.bob.user, list=scene.todo.id, title=title, due_at=at))


async def passes(scene: Scene, clock: Bus, moment: datetime) -> None:
    """Wait until time has said all about a moment: of a task in the other list it has."""
    created = CreateTask(by=scene.bob.user, list=scene.done.id, title="Sentinel", due_at=moment)
    await scene.bus.request(created)

    async def is_said() -> bool:
        await sweep(clock)
        return "Sentinel" in await overdue(scene)

    await wait_for(is_said)


async def wake_at(engine: AsyncEngine, task: Task) -> datetime | None:
    async with engine.connect() as connection:
        statement = text("SELECT nullif(wake_at, 'infinity') FROM board.alarms WHERE task = :task")
        return (await connection.execute(statement, {"task": task.id})).scalar_one()


async def test_a_deadline_that_passes_is_announced_within_two_seconds_by_nobody(scene: Scene) -> None:
    task = await due(scene, "Buy paper", datetime.now(UTC) + SOON)

    (event,) = await wait_for(lambda: told(scene))

    assert isinstance(event, TaskOverdue)
    assert event.at - event.task.due_at < timedelta(seconds=2)  # pyright: ignore[reportOperatorIssue]
    assert (event.by, event.change, event.undoes) == (None, event.seq, None)
    assert event.task == msgspec.convert(msgspec.structs.asdict(task), Task)
    view = await scene.bus.request(GetTask(by=scene.ann.user, task=task.id))
    assert (view.version, view.updated_at) == (task.version, task.updated_at)
    assert (await scene.board()).seq == event.seq


async def test_a_deadline_in_the_past_is_announced_at_once_and_only_once(scene: Scene, clock: Bus) -> None:
    await due(scene, "Late", LONG_AGO)

    await sweep(clock)
    assert await overdue(scene) == ["Late"]
    await sweep(clock)
    assert await overdue(scene) == ["Late"]


@pytest.mark.parametrize("lead", Lead)
async def test_who_wants_to_may_be_told_before(scene: Scene, engine: AsyncEngine, clock: Bus, lead: Lead) -> None:
    moment = datetime.now(UTC) + SOON
    task = await due(scene, "Soon", moment + timedelta(minutes=lead))
    await passes(scene, clock, moment)

    said = [event for event in await told(scene) if isinstance(event, TaskDueSoon)]

    assert [(event.task.id, event.lead, event.by) for event in said] == [(task.id, lead, None)]
    shorter = max((other for other in Lead if other < lead), default=0)
    assert task.due_at is not None
    assert await wake_at(engine, task) == task.due_at - timedelta(minutes=shorter)


async def test_what_would_be_told_too_late_is_not_told(scene: Scene, engine: AsyncEngine, clock: Bus) -> None:
    at = datetime.now(UTC) + timedelta(minutes=30)
    task = await due(scene, "In half an hour", at)

    await sweep(clock)

    assert await wake_at(engine, task) == at - timedelta(minutes=10)
    assert await told(scene) == []


async def test_a_ticker_that_was_away_brings_what_was_missed_and_the_deadline_alone_when_it_has_passed(
    scene: Scene, engine: AsyncEngine, clock: Bus
) -> None:
    near = await due(scene, "In five minutes", datetime.now(UTC) + timedelta(minutes=5))
    past = await due(scene, "Over", LONG_AGO)
    async with engine.begin() as connection:
        missed = text("UPDATE board.alarms SET wake_at = due_at - interval '1 hour' WHERE task IN (:near, :past)")
        await connection.execute(missed, {"near": near.id, "past": past.id})

    await sweep(clock)
    await sweep(clock)

    by_task = {near.id: [], past.id: []} | {near.id: [Lead.ONE_HOUR, Lead.TEN_MINUTES]}
    said = await told(scene)
    assert [event.lead for event in said if isinstance(event, TaskDueSoon)] == by_task[near.id]
    assert "Over" in await overdue(scene)


async def test_a_changed_deadline_is_announced_again_and_another_change_is_not(scene: Scene, clock: Bus) -> None:
    task = await due(scene, "Late", LONG_AGO)
    await sweep(clock)

    await scene.bus.request(UpdateTask(by=scene.bob.user, task=task.id, title="Later"))
    await sweep(clock)
    assert await overdue(scene) == ["Late"]

    await scene.bus.request(UpdateTask(by=scene.bob.user, task=task.id, due_at=LONG_AGO + timedelta(days=1)))
    await sweep(clock)
    assert await overdue(scene) == ["Late", "Later"]

    await scene.bus.request(UpdateTask(by=scene.bob.user, task=task.id, due_at=None))
    await sweep(clock)
    assert await overdue(scene) == ["Late", "Later"]


async def test_a_deadline_that_was_taken_off_or_put_off_in_time_says_nothing(scene: Scene, clock: Bus) -> None:
    moment = datetime.now(UTC) + SOON
    off, later = await due(scene, "Off", moment), await due(scene, "Put off", moment)

    await scene.bus.request(UpdateTask(by=scene.bob.user, task=off.id, due_at=None))
    await scene.bus.request(UpdateTask(by=scene.bob.user, task=later.id, due_at=moment + timedelta(days=9)))

    await passes(scene, clock, moment)
    assert await overdue(scene) == ["Sentinel"]


AWAY_AND_BACK: dict[str, tuple[Any, Any]] = {
    "done": (
        lambda scene, task: CompleteTask(by=scene.bob.user, task=task),
        lambda scene, task: ReopenTask(by=scene.bob.user, task=task),
    ),
    "put away": (
        lambda scene, task: ArchiveTask(by=scene.bob.user, task=task),
        lambda scene, task: UnarchiveTask(by=scene.bob.user, task=task),
    ),
    "in the trash": (
        lambda scene, task: DeleteTask(by=scene.bob.user, task=task),
        lambda scene, task: RestoreTask(by=scene.bob.user, task=task),
    ),
    "its list in the trash": (
        lambda scene, _: DeleteList(by=scene.ann.user, list=scene.todo.id),
        lambda scene, _: RestoreList(by=scene.ann.user, list=scene.todo.id),
    ),
    "its list taken out of the trash by undo": (
        lambda scene, _: DeleteList(by=scene.ann.user, list=scene.todo.id),
        lambda scene, _: Undo(by=scene.ann.user, team=scene.team.id),
    ),
}


@pytest.mark.parametrize("way", AWAY_AND_BACK.values(), ids=AWAY_AND_BACK.keys())
async def test_of_what_is_done_or_away_nothing_is_said_until_it_is_back_and_then_once(
    scene: Scene, clock: Bus, way: tuple[Any, Any]
) -> None:
    away, back = way
    moment = datetime.now(UTC) + SOON
    task = await due(scene, "Late", moment)
    await scene.bus.request(away(scene, task.id))
    await passes(scene, clock, moment)
    assert await overdue(scene) == ["Sentinel"]

    await scene.bus.request(back(scene, task.id))
    await sweep(clock)
    assert await overdue(scene) == ["Sentinel", "Late"]

    await scene.bus.request(away(scene, task.id))
    await scene.bus.request(back(scene, task.id))
    await sweep(clock)
    assert await overdue(scene) == ["Sentinel", "Late"]


async def test_of_a_team_in_the_trash_nothing_is_said_until_it_is_back(
    scene: Scene, engine: AsyncEngine, clock: Bus
) -> None:
    task = await due(scene, "Late", datetime.now(UTC) + SOON)
    seq = (await scene.board()).seq
    await scene.bus.request(DeleteTeam(by=scene.ann.user, team=scene.team.id))

    async def sleeps() -> bool:
        await sweep(clock)
        return await wake_at(engine, task) is None

    await wait_for(sleeps)
    await scene.bus.request(RestoreTeam(by=scene.ann.user, team=scene.team.id))
    assert (await scene.board()).seq == seq + 2
    await sweep(clock)

    assert await overdue(scene) == ["Late"]


async def test_stale_reminders_of_what_comes_back_are_left_out(scene: Scene, engine: AsyncEngine, clock: Bus) -> None:
    at = datetime.now(UTC) + timedelta(minutes=30)
    task = await due(scene, "In half an hour", at)
    await scene.bus.request(CompleteTask(by=scene.bob.user, task=task.id))
    async with engine.begin() as connection:
        rang = text("UPDATE board.alarms SET wake_at = due_at - interval '1 day' WHERE task = :task")
        await connection.execute(rang, {"task": task.id})
    await sweep(clock)

    await scene.bus.request(ReopenTask(by=scene.bob.user, task=task.id))
    await sweep(clock)

    assert await told(scene) == []
    assert await wake_at(engine, task) == at - timedelta(minutes=10)


async def test_events_of_time_are_written_as_all_others_and_lead_to_the_next_snapshot(scene: Scene, clock: Bus) -> None:
    mirror = Mirror(await scene.board())
    await due(scene, 'Quote " and \\ and Ёж', LONG_AGO)
    await due(scene, "Soon", (moment := datetime.now(UTC) + SOON) + timedelta(minutes=10))
    await passes(scene, clock, moment)

    written = await events_of(scene, after=mirror.seq)

    for event in written:
        mirror.apply(event)
        if event.startswith(OF_TIME):
            again = msgspec.json.encode(_of_time.decode(event))
            assert [*msgspec.json.decode(again)] == [*msgspec.json.decode(event)]
            assert _of_time.decode(again) == _of_time.decode(event)
    assert sum(event.startswith(OF_TIME) for event in written) == 3
    assert mirror.content() == Mirror(await scene.board()).content()


async def test_the_history_shows_what_time_did(scene: Scene, clock: Bus) -> None:
    task = await due(scene, "Late", LONG_AGO)
    await sweep(clock)

    activity = await scene.bus.request(ListActivity(by=scene.vera.user, team=scene.team.id, task=task.id))

    assert [msgspec.json.decode(event)["type"] for event in activity.events] == ["task.overdue", "task.created"]


async def test_undo_passes_over_what_time_did(scene: Scene, clock: Bus) -> None:
    task = await due(scene, "Late", LONG_AGO)
    await scene.bus.request(UpdateTask(by=scene.bob.user, task=task.id, title="Very late"))
    await sweep(clock)
    assert await overdue(scene) == ["Very late"]

    await scene.bus.request(Undo(by=scene.bob.user, team=scene.team.id))
    assert await scene.titles(scene.todo) == ["Late"]
    await scene.bus.request(Undo(by=scene.bob.user, team=scene.team.id))
    assert await scene.titles(scene.todo) == []


async def test_a_change_between_two_words_of_time_goes_back_to_what_was_between_them(scene: Scene, clock: Bus) -> None:
    task = await due(scene, "Late", LONG_AGO)
    await sweep(clock)
    await scene.bus.request(UpdateTask(by=scene.bob.user, task=task.id, due_at=LONG_AGO + timedelta(days=1)))
    await sweep(clock)

    await scene.bus.request(Undo(by=scene.bob.user, team=scene.team.id))

    view = await scene.bus.request(GetTask(by=scene.bob.user, task=task.id))
    assert view.due_at == LONG_AGO


async def test_a_search_for_what_is_overdue_does_not_wait_for_the_sweep(scene: Scene, clock: Bus) -> None:
    wanted = ListTasks(by=scene.bob.user, filter=TaskFilter(is_overdue=True))
    assert (await scene.bus.request(wanted)).count == 0

    await due(scene, "Late", LONG_AGO)
    before = (await scene.bus.request(wanted)).count
    await sweep(clock)

    assert before == (await scene.bus.request(wanted)).count == 1


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
async def test_a_moment_that_no_clock_shows_is_refused(clock: Bus, at: str) -> None:
    error = await refusal(clock, SweepTasks(at=datetime.fromisoformat(at)))

    assert (error.code, error.field) == (ErrorCode.INVALID, "at")


async def test_nobody_but_the_ticker_says_how_late_it_is(scene: Scene) -> None:
    with pytest.raises(BusError) as error:
        await scene.bus.request(SweepTasks(at=datetime.now(UTC)), timeout=0.2)

    assert error.value.code is ErrorCode.UNAVAILABLE


@pytest.fixture
async def second_store(settings: Settings, actors: object) -> AsyncGenerator[TaskStore]:
    engine = connect_database(settings)
    async with Bus(settings, Role.TASK_STORE) as bus, TaskStore(bus, engine) as store:
        yield store
    await engine.dispose()


async def test_two_stores_and_three_tickers_say_everything_once_while_people_work(
    scene: Scene, clock: Bus, second_store: TaskStore
) -> None:
    start = datetime.now(UTC)
    mirror = Mirror(await scene.board())

    async def work(n: int) -> None:
        task = await due(scene, str(n), start + timedelta(milliseconds=5 * n))
        await scene.bus.request(UpdateTask(by=scene.bob.user, task=task.id, title=f"Task {n}"))
        if n % 3 == 0:
            await scene.bus.request(CompleteTask(by=scene.bob.user, task=task.id))

    async def tick() -> None:
        for _ in range(20):
            await sweep(clock)

    await asyncio.gather(*(work(n) for n in range(60)), tick(), tick(), tick())
    await passes(scene, clock, start + timedelta(milliseconds=300))
    await asyncio.gather(sweep(clock), sweep(clock))

    said = [event for event in await told(scene) if isinstance(event, TaskOverdue)]
    tasks = [event.task.id for event in said]
    assert len(tasks) == len({*tasks})
    late = {task.id for task in (await scene.board()).tasks if not task.is_done}
    assert late <= {*tasks}
    assert not any(event.task.is_done for event in said)
    for event in await events_of(scene, after=mirror.seq):
        mirror.apply(event)
    assert mirror.content() == Mirror(await scene.board()).content()
    sweeps = next(endpoint for endpoint in second_store.endpoints if endpoint.name == "task-sweep")
    assert sweeps.requests > 0


async def test_of_what_another_store_changes_meanwhile_nothing_is_said_as_it_was(
    scene: Scene, engine: AsyncEngine
) -> None:
    task = await due(scene, "Busy", datetime.now(UTC) + timedelta(days=1))
    done = CompleteTask(by=scene.bob.user, task=task.id)
    at, teams, needs = datetime.now(UTC) + timedelta(days=2), [scene.team.id], needs_of([done])

    async def waits() -> bool:
        async with engine.connect() as third:
            return (await third.execute(_WAITS)).scalar_one()

    async with statements(engine) as connection:
        async with engine.begin() as other:
            await lock_teams(other, needs)
            ringing = asyncio.ensure_future(ring(connection, at, at, "", teams))
            await wait_for(waits)
            assert await _attempt(other, needs, [Envelope(done, "")], {}) is not None
        assert await ringing is None
        rung = await ring(connection, at, at, "", teams)

    assert rung is not None
    assert (rung.met, rung.events) == (1, [])
