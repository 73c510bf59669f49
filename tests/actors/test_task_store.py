import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec import UNSET

from infra.bus import Bus
from schemas.errors import BusError, ErrorCode
from schemas.history import GetBoard
from schemas.ids import Seq
from schemas.lists import CreateList, DeleteList, GetList, ListLists, MoveList, RestoreList, UpdateList
from schemas.members import AddMember, ChangeRole, ListMembers, MemberRole, RemoveMember
from schemas.replay import ReplayEvents
from schemas.search import GetTask, ListTasks, TaskFilter
from schemas.tasks import (
    AssignTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    MoveTask,
    ReopenTask,
    RestoreTask,
    UpdateTask,
)
from schemas.teams import CreateTeam, GetTeam, ListTeams, RenameTeam
from tests.actors.conftest import Scene, new_person


async def refused(bus: Bus, command: Any) -> BusError:
    with pytest.raises(BusError) as refusal:
        await bus.request(command)
    return refusal.value


async def test_a_new_task_stands_last_in_its_list_with_its_title_stripped(scene: Scene) -> None:
    await scene.task("First")
    task = await scene.task("  Second ")

    assert task.title == "Second"
    assert (task.version, task.is_done, task.list_name) == (1, False, "To do")
    assert await scene.titles(scene.todo) == ["First", "Second"]


async def test_a_stale_version_is_refused_and_brings_the_task_as_it_is(scene: Scene) -> None:
    task = await scene.task()
    await scene.bus.request(UpdateTask(by=scene.ann.user, task=task.id, title="Other", version=1))

    refusal = await refused(scene.bus, CompleteTask(by=scene.bob.user, task=task.id, version=1))

    assert (refusal.code, refusal.field) == (ErrorCode.CONFLICT, "version")
    assert b'"title":"Other"' in refusal.current


async def test_one_update_changes_several_fields_and_leaves_the_rest(scene: Scene) -> None:
    task = await scene.task()
    due = datetime(2031, 5, 1, 12, tzinfo=timezone(timedelta(hours=3)))

    changed = await scene.bus.request(
        UpdateTask(by=scene.bob.user, task=task.id, due_at=due, assignee=scene.vera.user, is_done=True)
    )

    assert changed.title == task.title
    assert (changed.due_at, changed.assignee, changed.is_done) == (due, scene.vera.user, True)
    assert changed.due_at is not None
    assert changed.due_at.tzinfo == UTC
    assert changed.assignee_username == scene.vera.username
    replay = await scene.bus.request(ReplayEvents(by=scene.ann.user, team=scene.team.id, after=Seq(0)))
    assert [bytes(event).split(b'"')[3] for event in replay.events[-3:]] == [
        b"task.updated",
        b"task.assigned",
        b"task.completed",
    ]


async def test_what_changes_nothing_is_no_event(scene: Scene) -> None:
    task = await scene.task()
    before = (await scene.board()).seq

    same = await scene.bus.request(ReopenTask(by=scene.bob.user, task=task.id))
    await scene.bus.request(UpdateTask(by=scene.bob.user, task=task.id, title=" Buy paper ", description=UNSET))
    await scene.bus.request(MoveTask(by=scene.bob.user, task=task.id, list=scene.todo.id, before=task.id))
    await scene.bus.request(UpdateList(by=scene.bob.user, list=scene.todo.id, name="To do"))

    assert same.version == task.version
    assert (await scene.board()).seq == before


async def test_a_task_goes_only_to_members_and_only_to_lists_of_its_team(scene: Scene, bus: Bus) -> None:
    task = await scene.task()
    other = Scene(bus)
    await other.build()
    bob = scene.bob.user

    for command, field in (
        (AssignTask(by=bob, task=task.id, assignee=scene.olga.user), "assignee"),
        (UpdateTask(by=bob, task=task.id, assignee=scene.olga.user), "assignee"),
        (CreateTask(by=bob, list=scene.todo.id, title="x", assignee=scene.olga.user), "assignee"),
        (MoveTask(by=bob, task=task.id, list=other.todo.id), "list"),
        (UpdateTask(by=bob, task=task.id, list=other.todo.id), "list"),
        (MoveTask(by=bob, task=task.id, list=scene.done.id, before=task.id + 10_000), "before"),
        (UpdateTask(by=bob, task=task.id, due_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))), "due_at"),
        (UpdateTask(by=bob, task=task.id, due_at=datetime(1970, 1, 1, tzinfo=timezone(timedelta(hours=14)))), "due_at"),
    ):
        refusal = await refused(bus, command)
        assert (refusal.code, refusal.field) == (ErrorCode.INVALID, field)
    assert (await bus.request(GetTask(by=bob, task=task.id))).version == task.version


async def test_a_deleted_task_is_gone_until_it_is_restored(scene: Scene) -> None:
    task = await scene.task()
    bob = scene.bob.user

    await scene.bus.request(DeleteTask(by=bob, task=task.id))

    assert await scene.titles(scene.todo) == []
    for command in (GetTask(by=bob, task=task.id), CompleteTask(by=bob, task=task.id)):
        assert (await refused(scene.bus, command)).code is ErrorCode.NOT_FOUND
    restored = await scene.bus.request(RestoreTask(by=bob, task=task.id))
    assert (restored.title, restored.deleted_at) == (task.title, None)
    assert await scene.titles(scene.todo) == ["Buy paper"]


async def test_a_deleted_list_takes_its_tasks_along_and_brings_them_back(scene: Scene) -> None:
    task = await scene.task()
    trashed = await scene.task("In the trash")
    await scene.bus.request(DeleteTask(by=scene.bob.user, task=trashed.id))

    await scene.bus.request(DeleteList(by=scene.adam.user, list=scene.todo.id))

    assert [row.id for row in (await scene.board()).lists] == [scene.done.id]
    assert (await refused(scene.bus, GetTask(by=scene.ann.user, task=task.id))).code is ErrorCode.NOT_FOUND
    assert (await refused(scene.bus, CompleteTask(by=scene.ann.user, task=task.id))).code is ErrorCode.NOT_FOUND
    refusal = await refused(scene.bus, RestoreTask(by=scene.bob.user, task=trashed.id))
    assert refusal.code is ErrorCode.CONFLICT
    await scene.bus.request(RestoreList(by=scene.adam.user, list=scene.todo.id))
    assert await scene.titles(scene.todo) == ["Buy paper"]


async def test_lists_move_before_one_another_and_to_the_end(scene: Scene) -> None:
    third = await scene.bus.request(CreateList(by=scene.bob.user, team=scene.team.id, name="Later"))

    await scene.bus.request(MoveList(by=scene.bob.user, list=third.id, before=scene.todo.id))
    assert [row.name for row in (await scene.board()).lists] == ["Later", "To do", "Done"]

    await scene.bus.request(MoveList(by=scene.bob.user, list=scene.todo.id))
    assert [row.name for row in (await scene.board()).lists] == ["Later", "Done", "To do"]
    refusal = await refused(scene.bus, MoveList(by=scene.bob.user, list=third.id, before=third.id + 10_000))
    assert (refusal.code, refusal.field) == (ErrorCode.INVALID, "before")


async def test_a_member_who_leaves_leaves_no_open_task_behind(scene: Scene) -> None:
    bob = scene.bob.user
    task = await scene.bus.request(CreateTask(by=bob, list=scene.todo.id, title="Mine", assignee=bob))

    await scene.bus.request(RemoveMember(by=bob, team=scene.team.id, user=bob))

    board = await scene.board()
    assert bob not in [member.user for member in board.members]
    assert [(t.id, t.assignee) for t in board.tasks] == [(task.id, None)]
    assert (await refused(scene.bus, GetTask(by=bob, task=task.id))).code is ErrorCode.NOT_FOUND


async def test_a_task_that_opens_again_is_not_assigned_to_who_has_left(scene: Scene) -> None:
    ann, bob, ask = scene.ann.user, scene.bob.user, scene.bus.request
    done, trashed = (
        await ask(CreateTask(by=ann, list=scene.todo.id, title="x", assignee=bob)),
        await ask(CreateTask(by=ann, list=scene.todo.id, title="y", assignee=bob)),
    )
    await ask(CompleteTask(by=ann, task=done.id))
    await ask(DeleteTask(by=ann, task=trashed.id))
    await ask(RemoveMember(by=ann, team=scene.team.id, user=bob))

    assert (await ask(GetTask(by=ann, task=done.id))).assignee == bob
    same = UpdateTask(by=ann, task=done.id, title="z", assignee=bob)
    assert (await refused(scene.bus, same)).field == "assignee"
    assert (await ask(ReopenTask(by=ann, task=done.id))).assignee is None
    assert (await ask(RestoreTask(by=ann, task=trashed.id))).assignee is None


async def test_a_team_keeps_an_owner(scene: Scene) -> None:
    ann, team = scene.ann.user, scene.team.id
    for command in (
        RemoveMember(by=ann, team=team, user=ann),
        ChangeRole(by=ann, team=team, user=ann, role=MemberRole.ADMIN),
    ):
        assert (await refused(scene.bus, command)).code is ErrorCode.CONFLICT

    await scene.bus.request(ChangeRole(by=ann, team=team, user=scene.bob.user, role=MemberRole.OWNER))
    await scene.bus.request(RemoveMember(by=ann, team=team, user=ann))


async def test_only_owners_make_and_unmake_admins(scene: Scene) -> None:
    adam, team = scene.adam.user, scene.team.id
    for command in (
        ChangeRole(by=adam, team=team, user=scene.bob.user, role=MemberRole.ADMIN),
        ChangeRole(by=adam, team=team, user=scene.ann.user, role=MemberRole.MEMBER),
        AddMember(by=adam, team=team, person=scene.olga, role=MemberRole.OWNER),
        RemoveMember(by=adam, team=team, user=scene.ann.user),
    ):
        assert (await refused(scene.bus, command)).code is ErrorCode.FORBIDDEN
    changed = await scene.bus.request(ChangeRole(by=adam, team=team, user=scene.vera.user, role=MemberRole.MEMBER))
    assert changed.role is MemberRole.MEMBER


async def test_nobody_is_added_twice(scene: Scene) -> None:
    refusal = await refused(scene.bus, AddMember(by=scene.ann.user, team=scene.team.id, person=scene.bob))

    assert (refusal.code, refusal.field) == (ErrorCode.CONFLICT, "username")


async def test_a_team_begins_with_the_one_who_creates_it(bus: Bus) -> None:
    refusal = await refused(bus, CreateTeam(by=new_person("Eve").user, name="Mine", person=new_person("Ann")))

    assert (refusal.code, refusal.field) == (ErrorCode.INVALID, "person")


@pytest.mark.parametrize(
    ("who", "code"),
    [("olga", ErrorCode.NOT_FOUND), ("vera", ErrorCode.FORBIDDEN), ("bob", None), ("adam", None), ("ann", None)],
)
async def test_members_change_tasks_viewers_may_not_and_outsiders_see_nothing(
    scene: Scene, who: str, code: ErrorCode | None
) -> None:
    by, team, todo = getattr(scene, who).user, scene.team.id, scene.todo.id
    task, trashed = await scene.task(), await scene.task()
    await scene.bus.request(DeleteTask(by=scene.bob.user, task=trashed.id))

    for command in (
        CreateTask(by=by, list=todo, title="x"),
        UpdateTask(by=by, task=task.id, title="x"),
        AssignTask(by=by, task=task.id, assignee=None),
        MoveTask(by=by, task=task.id, list=scene.done.id),
        CompleteTask(by=by, task=task.id),
        ReopenTask(by=by, task=task.id),
        RestoreTask(by=by, task=trashed.id),
        DeleteTask(by=by, task=task.id),
        CreateList(by=by, team=team, name="x"),
        UpdateList(by=by, list=todo, name=who),
        MoveList(by=by, list=todo),
    ):
        if code is None:
            await scene.bus.request(command)
        else:
            assert (await refused(scene.bus, command)).code is code, command


@pytest.mark.parametrize(
    ("who", "code"),
    [("olga", ErrorCode.NOT_FOUND), ("vera", ErrorCode.FORBIDDEN), ("bob", ErrorCode.FORBIDDEN), ("adam", None)],
)
async def test_only_admins_and_owners_manage_a_team(scene: Scene, who: str, code: ErrorCode | None) -> None:
    by, team = getattr(scene, who).user, scene.team.id
    guest = new_person("Guest")

    for command in (
        RenameTeam(by=by, team=team, name="Other"),
        AddMember(by=by, team=team, person=guest),
        ChangeRole(by=by, team=team, user=guest.user, role=MemberRole.VIEWER),
        RemoveMember(by=by, team=team, user=guest.user),
        DeleteList(by=by, list=scene.done.id),
        RestoreList(by=by, list=scene.done.id),
    ):
        if code is None:
            await scene.bus.request(command)
        else:
            assert (await refused(scene.bus, command)).code is code, command


async def test_members_see_the_board_and_outsiders_see_nothing(scene: Scene) -> None:
    task = await scene.task()
    team = scene.team.id

    def queries(by: Any) -> tuple[Any, ...]:
        return (
            GetTeam(by=by, team=team),
            ListMembers(by=by, team=team),
            GetList(by=by, list=scene.todo.id),
            GetTask(by=by, task=task.id),
            GetBoard(by=by, team=team),
            ReplayEvents(by=by, team=team, after=Seq(0)),
        )

    for query in queries(scene.vera.user):
        await scene.bus.request(query)
    for query in queries(scene.olga.user):
        assert (await refused(scene.bus, query)).code is ErrorCode.NOT_FOUND
    assert (await scene.bus.request(ListTeams(by=scene.olga.user))).count == 0
    assert (await scene.bus.request(ListLists(by=scene.olga.user, team=team))).lists == []
    assert (await scene.bus.request(ListTasks(by=scene.olga.user, filter=TaskFilter(team=team)))).tasks == []


async def test_tasks_are_found_by_list_assignee_state_and_text(scene: Scene) -> None:
    bob, team = scene.bob.user, scene.team.id
    mine = await scene.bus.request(CreateTask(by=bob, list=scene.todo.id, title="100% mine_", assignee=bob))
    closed = await scene.task("Closed")
    await scene.bus.request(CompleteTask(by=bob, task=closed.id))
    elsewhere = await scene.bus.request(CreateTask(by=bob, list=scene.done.id, title="Done", description="Привет"))

    async def found(limit: int = 50, offset: int = 0, **fields: Any) -> list[int]:
        page = await scene.bus.request(
            ListTasks(by=bob, limit=limit, offset=offset, filter=TaskFilter(team=team, **fields))
        )
        assert page.count >= len(page.tasks)
        return [task.id for task in page.tasks]

    assert await found() == [elsewhere.id, closed.id, mine.id]
    assert await found(mine=True) == [mine.id]
    assert await found(is_done=False) == [elsewhere.id, mine.id]
    assert await found(list=scene.done.id) == [elsewhere.id]
    assert await found(q="привет") == [elsewhere.id]
    assert await found(q="приветом") == [elsewhere.id]
    assert await found(q="mine -closed") == [mine.id]
    assert await found(q="'\\:*&|!") == []
    assert await found(limit=1, offset=1) == [closed.id]


async def test_a_retry_with_its_key_gets_the_first_outcome(scene: Scene) -> None:
    command = CreateTask(by=scene.bob.user, list=scene.todo.id, title="Once", key="a-key")

    first, *others = await asyncio.gather(*(scene.bus.request(command) for _ in range(10)))

    assert others == [first] * 9
    assert await scene.bus.request(command) == first
    assert await scene.titles(scene.todo) == ["Once"]
    reused = CreateTask(by=scene.bob.user, list=scene.todo.id, title="Other", key="a-key")
    assert (await refused(scene.bus, reused)).code is ErrorCode.CONFLICT
    await scene.bus.request(CreateTask(by=scene.adam.user, list=scene.todo.id, title="Other", key="a-key"))


async def test_a_refusal_is_not_remembered(scene: Scene) -> None:
    task = await scene.task()
    command = AssignTask(by=scene.bob.user, task=task.id, assignee=scene.olga.user, key="again")
    await refused(scene.bus, command)

    await scene.bus.request(AddMember(by=scene.ann.user, team=scene.team.id, person=scene.olga))

    assert (await scene.bus.request(command)).assignee == scene.olga.user
