import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from infra.bus import Bus
from schemas.base import Command
from schemas.comments import AddComment, ListComments
from schemas.errors import BusError, ErrorCode
from schemas.history import GetBoard, GetPastBoard, GetTrash, GetVisit, ListActivity, MarkSeen, Undo
from schemas.ids import Seq, UserId
from schemas.invites import CreateInvite, ListInvites
from schemas.labels import CreateLabel
from schemas.lists import CreateList, DeleteList, GetList, ListLists, UpdateList
from schemas.members import AddMember, ChangeRole, ListMembers, MemberRole, RemoveMember
from schemas.replay import ReplayEvents
from schemas.search import GetTask, ListTasks, TaskFilter
from schemas.tasks import ChangeTasks, CompleteTask, CreateTask, DeleteTask, TaskFields, WatchTask
from schemas.teams import DeleteTeam, GetTeam, ListTeams, RenameTeam, RestoreTeam, TransferTeam
from tests.actors.conftest import Scene, new_person
from tests.actors.outcomes import outcome
from tests.actors.refusals import refusal

Ask = Callable[[UserId], Command[Any]]


def roles(scene: Scene) -> dict[MemberRole, UserId]:
    people = (scene.vera, scene.bob, scene.adam, scene.ann)
    return {role: person.user for role, person in zip(MemberRole, people, strict=True)}


async def test_who_may_do_what_to_a_team(bus: Bus) -> None:
    """Each command by each role, on a team of its own; outsiders are told that there is no such team."""
    commands: list[tuple[MemberRole, Callable[[Scene], Ask]]] = [
        (MemberRole.VIEWER, lambda s: lambda by: GetTrash(by=by, team=s.team.id)),
        (MemberRole.ADMIN, lambda s: lambda by: RenameTeam(by=by, team=s.team.id, name="Other")),
        (MemberRole.ADMIN, lambda s: lambda by: ListInvites(by=by, team=s.team.id)),
        (MemberRole.ADMIN, lambda s: lambda by: AddMember(by=by, team=s.team.id, person=new_person("Max"))),
        (MemberRole.ADMIN, lambda s: lambda by: RemoveMember(by=by, team=s.team.id, user=s.vera.user)),
        (MemberRole.OWNER, lambda s: lambda by: TransferTeam(by=by, team=s.team.id, to=s.bob.user)),
        (MemberRole.OWNER, lambda s: lambda by: RestoreTeam(by=by, team=s.team.id)),
        (MemberRole.OWNER, lambda s: lambda by: DeleteTeam(by=by, team=s.team.id)),
    ]
    for least, of in commands:
        scene = Scene(bus)
        await scene.build()
        command = of(scene)
        assert await outcome(bus, command(scene.olga.user)) is ErrorCode.NOT_FOUND
        for role, user in roles(scene).items():
            if role == least:
                assert await outcome(bus, command(user)) is None, (command(user), role)
                break
            if command(user) != RemoveMember(by=user, team=scene.team.id, user=user):
                assert await outcome(bus, command(user)) is ErrorCode.FORBIDDEN, (command(user), role)


async def test_everybody_may_leave_but_the_last_owner(scene: Scene) -> None:
    team, ask = scene.team.id, scene.bus.request

    for user in (scene.vera.user, scene.bob.user, scene.adam.user):
        await ask(RemoveMember(by=user, team=team, user=user))
        assert await outcome(scene.bus, GetTeam(by=user, team=team)) is ErrorCode.NOT_FOUND
    ann = scene.ann.user
    assert (await refusal(scene.bus, RemoveMember(by=ann, team=team, user=ann))).code is ErrorCode.CONFLICT
    assert [member.user for member in await ask(ListMembers(by=ann, team=team))] == [ann]


async def test_whoever_gives_a_team_away_is_an_admin_of_it_from_then_on(scene: Scene) -> None:
    start = (await scene.board()).seq

    mine = await scene.bus.request(TransferTeam(by=scene.ann.user, team=scene.team.id, to=scene.bob.user))

    assert mine.role is MemberRole.ADMIN
    board = await scene.board()
    now = {member.user: member.role for member in board.members}
    assert (now[scene.ann.user], now[scene.bob.user]) == (MemberRole.ADMIN, MemberRole.OWNER)
    replay = await scene.bus.request(ReplayEvents(by=scene.bob.user, team=scene.team.id, after=Seq(start)))
    assert [bytes(event).split(b'"')[3] for event in replay.events] == [b"team.transferred", b"member.changed"]
    # Now it is his.
    again = TransferTeam(by=scene.ann.user, team=scene.team.id, to=scene.ann.user)
    assert await outcome(scene.bus, again) is ErrorCode.FORBIDDEN


async def test_a_team_goes_to_no_stranger_and_to_none_who_has_it(scene: Scene) -> None:
    ann, team = scene.ann.user, scene.team.id

    assert await outcome(scene.bus, TransferTeam(by=ann, team=team, to=scene.olga.user)) is ErrorCode.NOT_FOUND
    assert await outcome(scene.bus, TransferTeam(by=ann, team=team, to=ann)) is ErrorCode.CONFLICT


async def test_of_two_who_are_given_the_same_team_at_once_one_gets_it(scene: Scene) -> None:
    heirs = (scene.bob.user, scene.vera.user)
    gifts = [TransferTeam(by=scene.ann.user, team=scene.team.id, to=heir) for heir in heirs]

    codes = await asyncio.gather(*(outcome(scene.bus, gift) for gift in gifts))

    assert sorted(codes, key=str) == [ErrorCode.FORBIDDEN, None]


def everything_about(scene: Scene, task: Any) -> list[Ask]:
    """Every way to reach a team or what is in it."""
    team, row = scene.team.id, scene.todo.id
    return [
        lambda by: GetTeam(by=by, team=team),
        lambda by: GetBoard(by=by, team=team),
        lambda by: GetPastBoard(by=by, team=team, at=task.created_at),
        lambda by: ListMembers(by=by, team=team),
        lambda by: ListInvites(by=by, team=team),
        lambda by: GetTrash(by=by, team=team),
        lambda by: GetVisit(by=by, team=team),
        lambda by: MarkSeen(by=by, team=team, seq=Seq(1)),
        lambda by: ListActivity(by=by, team=team),
        lambda by: ReplayEvents(by=by, team=team, after=Seq(0)),
        lambda by: GetList(by=by, list=row),
        lambda by: GetTask(by=by, task=task.id),
        lambda by: ListComments(by=by, task=task.id),
        lambda by: RenameTeam(by=by, team=team, name="x"),
        lambda by: DeleteTeam(by=by, team=team),
        lambda by: TransferTeam(by=by, team=team, to=scene.bob.user),
        lambda by: AddMember(by=by, team=team, person=new_person("Max")),
        lambda by: ChangeRole(by=by, team=team, user=scene.bob.user, role=MemberRole.VIEWER),
        lambda by: RemoveMember(by=by, team=team, user=by),
        lambda by: CreateInvite(by=by, team=team, role=MemberRole.VIEWER, expires_at=task.created_at),
        lambda by: CreateList(by=by, team=team, name="x"),
        lambda by: UpdateList(by=by, list=row, name="x"),
        lambda by: CreateLabel(by=by, team=team, name="x", colour="#000000"),
        lambda by: CreateTask(by=by, list=row, title="x"),
        lambda by: CompleteTask(by=by, task=task.id),
        lambda by: WatchTask(by=by, task=task.id),
        lambda by: ChangeTasks(by=by, team=team, tasks=(task.id,), fields=TaskFields(is_done=True)),
        lambda by: AddComment(by=by, task=task.id, text="x"),
        lambda by: Undo(by=by, team=team),
    ]


async def test_a_deleted_team_is_there_for_nobody_until_an_owner_restores_it(scene: Scene) -> None:
    task, ask = await scene.task(), scene.bus.request
    ann, team = scene.ann.user, scene.team.id
    before = await scene.board()

    gone = await ask(DeleteTeam(by=ann, team=team))

    assert gone.deleted_at is not None
    for user in roles(scene).values():
        for command in everything_about(scene, task):
            assert await outcome(scene.bus, command(user)) is ErrorCode.NOT_FOUND, command(user)
        assert (await ask(ListTeams(by=user))).teams == []
        assert (await ask(ListLists(by=user))).lists == []
        assert (await ask(ListTasks(by=user))).tasks == []
    for other in (scene.adam.user, scene.olga.user):
        assert await outcome(scene.bus, RestoreTeam(by=other, team=team)) is ErrorCode.NOT_FOUND
        assert (await ask(ListTeams(by=other, deleted=True))).teams == []
    assert (await ask(ListTeams(by=ann, deleted=True))).teams == [gone]

    back = await ask(RestoreTeam(by=ann, team=team))

    assert (back.deleted_at, back.version) == (None, before.team.version + 2)
    after = await scene.board()
    assert (after.members, after.lists, after.tasks) == (before.members, before.lists, before.tasks)
    # Who restores what is there changes nothing.
    assert await ask(RestoreTeam(by=ann, team=team)) == back
    assert (await scene.board()).seq == after.seq


async def test_a_team_is_deleted_only_at_the_version_that_its_owner_knows(scene: Scene) -> None:
    renamed = await scene.bus.request(RenameTeam(by=scene.adam.user, team=scene.team.id, name="Other"))

    stale = await refusal(scene.bus, DeleteTeam(by=scene.ann.user, team=scene.team.id, version=scene.team.version))

    assert (stale.code, stale.field) == (ErrorCode.CONFLICT, "version")
    await scene.bus.request(DeleteTeam(by=scene.ann.user, team=scene.team.id, version=renamed.version))


async def test_the_trash_holds_what_can_be_restored_newest_first(scene: Scene) -> None:
    ask, bob, ann = scene.bus.request, scene.bob.user, scene.ann.user
    first, second, buried, kept = [await scene.task(title) for title in ("First", "Second", "Buried", "Kept")]
    on_done = await ask(CreateTask(by=bob, list=scene.done.id, title="On a deleted list"))
    await ask(DeleteTask(by=bob, task=first.id))
    await ask(DeleteTask(by=bob, task=second.id))
    await ask(ChangeTasks(by=bob, team=scene.team.id, tasks=(buried.id,), fields=TaskFields(is_deleted=True)))
    await ask(Undo(by=bob, team=scene.team.id))
    await ask(DeleteTask(by=bob, task=on_done.id))
    await ask(DeleteList(by=ann, list=scene.done.id))

    trash = await ask(GetTrash(by=scene.vera.user, team=scene.team.id))

    assert [task.title for task in trash.tasks] == ["Second", "First"]
    assert [row.name for row in trash.lists] == ["Done"]
    assert kept.id in {task.id for task in (await scene.board()).tasks}


async def test_teams_and_lists_are_found_by_a_part_of_their_name(scene: Scene) -> None:
    ask, ann = scene.bus.request, scene.ann.user
    await ask(RenameTeam(by=ann, team=scene.team.id, name="Küche 100%"))

    assert [team.name for team in (await ask(ListTeams(by=ann, q="00%"))).teams] == ["Küche 100%"]
    assert (await ask(ListTeams(by=ann, q="_"))).count == 0
    assert [row.name for row in (await ask(ListLists(by=ann, q="to D"))).lists] == ["To do"]
    await ask(DeleteList(by=ann, list=scene.done.id))
    assert [row.name for row in (await ask(ListLists(by=ann, deleted=True))).lists] == ["Done"]


async def test_only_administrators_of_the_site_look_through_all_trash(scene: Scene) -> None:
    with pytest.raises(BusError) as refused:
        await scene.bus.request(ListTasks(by=scene.ann.user, filter=TaskFilter(), deleted=True))

    assert refused.value.code is ErrorCode.FORBIDDEN
