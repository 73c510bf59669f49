import asyncio
import random
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.task_store import TaskStore
from actors.task_store.batch import carry_out
from infra.bus import Bus, RawMessage
from infra.config import Settings
from infra.db import connect_database
from infra.mailbox import Envelope
from schemas.base import Role, TeamEvent, UtcTime, leaves, team_subjects
from schemas.clock import Lead, TaskDueSoon, TaskOverdue
from schemas.comments import AddComment, CommentEdited, DeleteComment, EditComment
from schemas.errors import BusError, ErrorCode
from schemas.history import GetPastBoard, Undo
from schemas.ids import Seq, TeamId
from schemas.invites import CreateInvite, InviteCreated, InviteRevoked, RevokeInvite
from schemas.labels import CreateLabel, DeleteLabel, UpdateLabel
from schemas.lists import CreateList, DeleteList, MoveList, RestoreList, UpdateList
from schemas.members import AddMember, ChangeRole, MemberRole, RemoveMember
from schemas.replay import GetPositions, ReplayEvents
from schemas.tasks import (
    AddItem,
    ArchiveTask,
    AssignTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    MoveTask,
    ReopenTask,
    RestoreTask,
    UnarchiveTask,
    UpdateTask,
    WatchTask,
)
from schemas.teams import CreateTeam, DeleteTeam, RenameTeam, RestoreTeam, TeamCreated, TransferTeam
from tests.actors.conftest import Scene, new_person
from tests.actors.mirror import Mirror
from tests.waiting import wait_for

NOT_ON_THE_BOARD = {kind.tag() for kind in (CommentEdited, InviteCreated, InviteRevoked, TaskOverdue, TaskDueSoon)}


class Moment(msgspec.Struct):
    at: UtcTime


async def events_of(scene: Scene, after: int = 0) -> list[bytes]:
    replay = await scene.bus.request(ReplayEvents(by=scene.ann.user, team=scene.team.id, after=Seq(after)))
    assert not replay.reset
    return [bytes(event) for event in replay.events]


async def one_change_of_each_kind(scene: Scene) -> None:
    """Enough commands to make every event that a board knows."""
    ann, team, ask = scene.ann.user, scene.team.id, scene.bus.request
    task = await scene.task()
    guest = new_person("Guest")
    await ask(AddMember(by=ann, team=team, person=guest))
    await ask(ChangeRole(by=ann, team=team, user=guest.user, role="admin"))  # pyright: ignore[reportArgumentType]
    await ask(UpdateTask(by=ann, task=task.id, title="Other"))
    await ask(AssignTask(by=ann, task=task.id, assignee=guest.user))
    await ask(CompleteTask(by=ann, task=task.id))
    await ask(ReopenTask(by=ann, task=task.id))
    await ask(ArchiveTask(by=ann, task=task.id))
    await ask(UnarchiveTask(by=ann, task=task.id))
    await ask(WatchTask(by=ann, task=task.id))
    await ask(AddItem(by=ann, task=task.id, text="First step"))
    label = await ask(CreateLabel(by=ann, team=team, name="Urgent", colour="#ff0000"))
    await ask(UpdateLabel(by=ann, label=label.id, colour="#ee0000"))
    await ask(DeleteLabel(by=ann, label=label.id))
    await ask(Undo(by=ann, team=team))
    comment = await ask(AddComment(by=ann, task=task.id, text="Look, @nobody."))
    await ask(EditComment(by=ann, comment=comment.id, text="Look!"))
    await ask(DeleteComment(by=ann, comment=comment.id))
    await ask(Undo(by=ann, team=team))
    await ask(RemoveMember(by=ann, team=team, user=guest.user))
    await ask(DeleteTask(by=ann, task=task.id))
    await ask(RestoreTask(by=ann, task=task.id))
    await ask(RenameTeam(by=ann, team=team, name="Others"))
    added = await ask(CreateList(by=ann, team=team, name="Later"))
    await ask(MoveList(by=ann, list=added.id, before=scene.todo.id))
    await ask(UpdateList(by=ann, list=added.id, name="Much later"))
    await ask(DeleteList(by=ann, list=scene.todo.id))
    await ask(RestoreList(by=ann, list=scene.todo.id))
    await ask(TransferTeam(by=ann, team=team, to=scene.adam.user))
    await ask(TransferTeam(by=scene.adam.user, team=team, to=ann))
    expires_at = datetime.now(UTC) + timedelta(days=1)
    made = await ask(CreateInvite(by=ann, team=team, role=MemberRole.VIEWER, expires_at=expires_at))
    await ask(RevokeInvite(by=ann, invite=made.invite.id))
    await ask(DeleteTeam(by=ann, team=team))
    await ask(RestoreTeam(by=ann, team=team))
    await time_passes(scene)
    for _ in range(20):  # until there is no rank left between two tasks
        other = await scene.task("Squeezed in")
        await ask(MoveTask(by=ann, task=other.id, list=scene.todo.id, before=task.id))


async def time_passes(scene: Scene) -> None:
    """A deadline comes near, and another one passes."""
    now, seq = datetime.now(UTC), (await scene.board()).seq
    for at in (now, now + timedelta(minutes=Lead.TEN_MINUTES, milliseconds=50)):
        await scene.bus.request(CreateTask(by=scene.ann.user, list=scene.todo.id, title="Due", due_at=at))

    async def is_said() -> bool:
        said = b"".join(await events_of(scene, after=seq))
        return all(kind.tag().encode() in said for kind in (TaskOverdue, TaskDueSoon))

    await wait_for(is_said)


async def test_a_snapshot_and_the_events_after_it_are_the_next_snapshot(scene: Scene) -> None:
    mirror = Mirror(await scene.board())
    start = mirror.seq

    await one_change_of_each_kind(scene)

    kinds: set[str] = set()
    for event in await events_of(scene, after=start):
        before = mirror.content()[1:]
        mirror.apply(event)
        kind = event.split(b'"')[3].decode()
        assert mirror.content()[1:] != before or kind in NOT_ON_THE_BOARD, f"{event!r} changes nothing"
        kinds.add(kind)
    assert mirror.content() == Mirror(await scene.board()).content()
    assert kinds == {kind.tag() for kind in leaves(TeamEvent)} - {TeamCreated.tag()}


async def test_a_board_of_the_past_is_what_the_events_up_to_then_made_of_it(scene: Scene) -> None:
    mirror = Mirror(await scene.board())
    await one_change_of_each_kind(scene)
    raw = await events_of(scene, after=mirror.seq)
    events = [msgspec.json.decode(event, type=Moment) for event in raw]

    for event, now, then in zip(raw, events, [*events[1:], None], strict=True):
        mirror.apply(event)
        if then is None or now.at != then.at:
            past = await scene.bus.request(GetPastBoard(by=scene.ann.user, team=scene.team.id, at=now.at))
            assert Mirror(past).content()[2:] == mirror.content()[2:], f"after {event!r}"
            assert (past.seq, past.team.name) == (mirror.seq, mirror.team.name)


async def test_the_bus_carries_the_events_in_order_and_word_for_word(scene: Scene) -> None:
    start = (await scene.board()).seq
    heard: dict[str, bytes] = {}

    async def hear(raw: RawMessage) -> None:
        assert raw.headers is not None
        # On a busy machine an acknowledgement may come so late that an event is published again.
        heard.setdefault(raw.headers["Nats-Msg-Id"], raw.data)

    listening = await scene.bus.listen(team_subjects(scene.team.id), hear)

    await one_change_of_each_kind(scene)

    written = await events_of(scene, after=start)
    await wait_for(lambda: len(heard) == len(written))
    assert [*heard.values()] == written
    assert [*heard] == [f"{scene.team.id}.{start + n}" for n in range(1, len(written) + 1)]
    await listening.unsubscribe()


@pytest.fixture
async def second_store(settings: Settings, actors: object) -> AsyncGenerator[TaskStore]:
    engine = connect_database(settings)
    async with Bus(settings, Role.TASK_STORE) as bus, TaskStore(bus, engine) as store:
        yield store
    await engine.dispose()


async def test_two_stores_under_load_leave_no_hole_and_no_double(scene: Scene, second_store: TaskStore) -> None:
    mirror = Mirror(await scene.board())
    start = mirror.seq
    bob = scene.bob.user
    dice = random.Random(7)
    tasks = [await scene.task(str(n)) for n in range(5)]

    async def change(n: int) -> bool:
        task = dice.choice(tasks).id
        command: Any = dice.choice(
            [
                CreateTask(by=bob, list=scene.todo.id, title=f"New {n}"),
                MoveTask(by=bob, task=task, list=scene.done.id, before=None),
                MoveTask(by=bob, task=task, list=scene.todo.id, before=tasks[0].id),
                UpdateTask(by=bob, task=task, title=f"Renamed {n}"),
                AssignTask(by=bob, task=task, assignee=dice.choice([None, bob])),
            ]
        )
        try:
            await scene.bus.request(command)
        except BusError as error:
            assert error.code is ErrorCode.INVALID  # noqa: PT017 - `before` is in another list by now
            return False
        return True

    done = await asyncio.gather(*(change(n) for n in range(300)))

    assert sum(done) > 150
    assert min(endpoint.requests for endpoint in second_store.endpoints if endpoint.name == "task-create") > 0
    events = await events_of(scene)
    for event in events[start:]:
        mirror.apply(event)
    fresh = Mirror(await scene.board())
    assert mirror.content() == fresh.content()
    assert [int(e.split(b'"seq":')[1].split(b",")[0]) for e in events] == list(range(1, fresh.seq + 1))
    assert fresh.seq > start + 150


async def test_tasks_stand_where_they_were_put_however_often_they_move(scene: Scene) -> None:
    dice = random.Random(3)
    names = [str(n) for n in range(6)]
    ids = {name: (await scene.task(name)).id for name in names}
    model = list(names)

    for _ in range(60):
        name, before = dice.choice(names), dice.choice([None, *names[:2]])
        if name == before:
            continue
        await scene.bus.request(
            MoveTask(by=scene.bob.user, task=ids[name], list=scene.todo.id, before=ids[before] if before else None)
        )
        model.remove(name)
        model.insert(model.index(before) if before else len(model), name)
        assert await scene.titles(scene.todo) == model


async def test_tasks_of_one_rank_move_past_each_other(scene: Scene) -> None:
    """Whoever comes back from the trash may find their rank taken."""
    ids = {name: (await scene.task(name)).id for name in "AB"}
    await scene.bus.request(DeleteTask(by=scene.bob.user, task=ids["B"]))
    ids["C"] = (await scene.task("C")).id
    await scene.bus.request(RestoreTask(by=scene.bob.user, task=ids["B"]))
    ids["D"] = (await scene.task("D")).id
    assert await scene.titles(scene.todo) == ["A", "B", "C", "D"]

    await scene.bus.request(MoveTask(by=scene.bob.user, task=ids["B"], list=scene.todo.id, before=ids["D"]))

    assert await scene.titles(scene.todo) == ["A", "C", "B", "D"]


async def test_many_moves_to_one_place_in_one_batch_all_find_room(scene: Scene) -> None:
    anchor = await scene.task("anchor")
    others = [await scene.task(str(n)) for n in range(40)]

    await asyncio.gather(
        *(
            scene.bus.request(MoveTask(by=scene.bob.user, task=task.id, list=scene.todo.id, before=anchor.id))
            for task in others
        )
    )

    board = await scene.board()
    assert board.tasks[-1].id == anchor.id
    assert len({task.rank for task in board.tasks}) == 41


async def test_moves_of_one_batch_see_each_other(scene: Scene, engine: AsyncEngine) -> None:
    ids = {name: (await scene.task(name)).id for name in "AWXYZ"}

    def move(name: str, before: str | None) -> Envelope[MoveTask]:
        target = ids[before] if before else None
        return Envelope(MoveTask(by=scene.bob.user, task=ids[name], list=scene.todo.id, before=target), "")

    await carry_out(engine, [move("X", "W"), move("Z", "X")])
    assert await scene.titles(scene.todo) == ["A", "Z", "X", "W", "Y"]
    await carry_out(engine, [move("A", None), move("W", "A"), move("Z", "A")])
    assert await scene.titles(scene.todo) == ["X", "Y", "W", "Z", "A"]


async def test_a_large_list_comes_back_in_several_events(scene: Scene) -> None:
    ann = scene.ann.user
    many = [CreateTask(by=ann, list=scene.todo.id, title=f"{n}") for n in range(50)]
    await asyncio.gather(*(scene.bus.request(command) for command in many))
    mirror = Mirror(await scene.board())
    await scene.bus.request(DeleteList(by=ann, list=scene.todo.id))

    await scene.bus.request(RestoreList(by=ann, list=scene.todo.id))

    for event in await events_of(scene, after=mirror.seq):
        mirror.apply(event)
    assert mirror.content() == Mirror(await scene.board()).content()
    assert len(mirror.tasks) == 50


async def test_a_command_that_the_database_chokes_on_leaves_its_neighbours_alone(
    scene: Scene, engine: AsyncEngine
) -> None:
    name = f"poison_{scene.team.id}"
    async with engine.begin() as connection:
        await connection.execute(
            text(f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'choked'; END $$""")
        )
        await connection.execute(
            text(f"""CREATE TRIGGER {name} BEFORE INSERT ON board.tasks FOR EACH ROW
                WHEN (NEW.title = '{name}') EXECUTE FUNCTION {name}()""")
        )
    titles = [f"Good {n}" for n in range(20)]
    titles.insert(10, name)

    outcomes = await asyncio.gather(*(scene.task(title) for title in titles), return_exceptions=True)

    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [error.code for error in failed if isinstance(error, BusError)] == [ErrorCode.INTERNAL]
    assert "choked" not in str(failed[0])
    assert sorted(await scene.titles(scene.todo)) == sorted(set(titles) - {name})
    seq = (await scene.board()).seq
    assert len(await events_of(scene)) == seq
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP FUNCTION {name} CASCADE"))


async def test_a_reader_too_far_behind_is_told_to_take_a_snapshot(scene: Scene) -> None:
    task = await scene.task()
    for n in range(12):
        await asyncio.gather(
            *(scene.bus.request(UpdateTask(by=scene.bob.user, task=task.id, title=f"{n}.{i}")) for i in range(100))
        )

    replay = await scene.bus.request(ReplayEvents(by=scene.ann.user, team=scene.team.id, after=Seq(0)))
    ahead = await scene.bus.request(ReplayEvents(by=scene.ann.user, team=scene.team.id, after=Seq(replay.seq + 1)))

    assert (replay.reset, replay.events) == (True, [])
    assert ahead.reset
    positions = await scene.bus.request(GetPositions(teams=[scene.team.id, TeamId(2**52)]))
    assert [(p.team, p.seq) for p in positions] == [(scene.team.id, replay.seq)]


async def test_an_unknown_team_creates_nothing(scene: Scene) -> None:
    with pytest.raises(BusError) as refusal:
        await scene.bus.request(CreateList(by=scene.ann.user, team=TeamId(2**52), name="x"))

    assert refusal.value.code is ErrorCode.NOT_FOUND
    with pytest.raises(BusError):
        await scene.bus.request(CreateTeam(by=scene.ann.user, name="x", person=scene.bob))
