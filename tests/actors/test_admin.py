from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actors.task_store.admin import about
from infra.bus import Bus
from schemas.accounts import ChangeUser, User
from schemas.audit import AuditEntry, ListAudit
from schemas.base import Command
from schemas.errors import ErrorCode
from schemas.history import GetBoard
from schemas.ids import ListId, UserId
from schemas.invites import CreateInvite, RevokeInvite
from schemas.lists import CreateList, DeleteList, ListLists, RestoreList, UpdateList
from schemas.members import AddMember, ChangeRole, ListMembers, ListMemberships, MemberRole, RemoveMember
from schemas.search import ListTasks, SaveFilter, TaskFilter
from schemas.tasks import CreateTask, DeleteTask, RestoreTask, UpdateTask
from schemas.teams import CreateTeam, DeleteTeam, GetTeam, ListTeams, RenameTeam, RestoreTeam, TransferTeam
from tests.actors.conftest import Scene, new_person
from tests.actors.outcomes import outcome
from tests.conftest import NewUser, person


@pytest.fixture
async def root(new_user: NewUser) -> User:
    """An administrator of the site, who is in no team."""
    return await new_user("Root", is_admin=True)


async def record(bus: Bus, root: User) -> list[AuditEntry]:
    """What is on record of what they did, oldest first."""
    page = await bus.request(ListAudit(by=root.id, q=root.username, limit=500))
    return [entry for entry in reversed(page.entries) if entry.by == root.id]


async def everything(scene: Scene, by: UserId) -> list[Command[Any]]:
    """One command of each kind that the administration has, in an order in which each can be done."""
    team, task, max_ = scene.team.id, await scene.task(), new_person("Max")
    who: dict[str, Any] = {"by": by, "as_admin": True}
    made = await scene.bus.request(
        CreateInvite(
            by=scene.ann.user, team=team, role=MemberRole.VIEWER, expires_at=datetime.now(UTC) + timedelta(days=1)
        )
    )
    return [
        CreateTeam(**who, name="For Max", person=max_),
        RenameTeam(**who, team=team, name="Other"),
        AddMember(**who, team=team, person=max_, role=MemberRole.ADMIN),
        ChangeRole(**who, team=team, user=max_.user, role=MemberRole.OWNER),
        RemoveMember(**who, team=team, user=max_.user),
        TransferTeam(**who, team=team, to=scene.bob.user),
        RevokeInvite(**who, invite=made.invite.id),
        CreateList(**who, team=team, name="Later"),
        UpdateList(**who, list=scene.todo.id, name="Now"),
        DeleteList(**who, list=scene.done.id),
        RestoreList(**who, list=scene.done.id),
        CreateTask(**who, list=scene.todo.id, title="From above"),
        UpdateTask(**who, task=task.id, assignee=scene.vera.user, is_done=True),
        DeleteTask(**who, task=task.id),
        RestoreTask(**who, task=task.id),
        DeleteTeam(**who, team=team),
        RestoreTeam(**who, team=team),
        ListTeams(**who),
        ListLists(**who),
        ListTasks(**who),
        ListTasks(**who, deleted=True),
        ListMemberships(**who),
    ]


async def test_an_administrator_counts_as_an_owner_of_every_team_and_each_act_is_on_record(
    scene: Scene, root: User
) -> None:
    commands = await everything(scene, root.id)

    for command in commands:
        assert await outcome(scene.bus, command) is None, command

    acts = [command.tag() for command in commands]
    # Changes of roles are on record as events, too.
    entries = [entry for entry in await record(scene.bus, root) if entry.act in acts]
    assert [entry.act for entry in entries] == acts
    assert entries[1].team == scene.team.id
    assert entries[1].detail == '"Other"'
    assert entries[8].detail == f'list {scene.todo.id}, "Now"'


async def test_whoever_is_no_administrator_is_refused_whatever_they_are_in_the_team(
    scene: Scene, new_user: NewUser, root: User
) -> None:
    user, former = await new_user("Ann"), await new_user("Former", is_admin=True)
    joins = AddMember(by=scene.ann.user, team=scene.team.id, person=person(user), role=MemberRole.OWNER)
    await scene.bus.request(joins)
    await scene.bus.request(ChangeUser(by=root.id, user=former.id, is_admin=False))
    before = await scene.board()

    for by in (user.id, former.id, scene.ann.user):
        for command in await everything(scene, by):
            assert await outcome(scene.bus, command) is ErrorCode.FORBIDDEN, command

    after = await scene.board()
    assert (after.team, after.members, after.lists) == (before.team, before.members, before.lists)


async def test_an_administrator_who_does_not_say_so_is_an_outsider(scene: Scene, root: User) -> None:
    for command in await everything(scene, root.id):
        plain = type(command)(**{**{n: getattr(command, n) for n in command.__struct_fields__}, "as_admin": False})
        if not isinstance(plain, CreateTeam | ListTeams | ListLists | ListTasks | ListMemberships):
            assert await outcome(scene.bus, plain) is ErrorCode.NOT_FOUND, plain
    assert (await scene.bus.request(ListTeams(by=root.id))).count == 0
    assert (await scene.bus.request(ListTasks(by=root.id))).count == 0
    assert await outcome(scene.bus, ListMemberships(by=root.id)) is ErrorCode.FORBIDDEN


async def test_what_has_no_meaning_for_administrators_is_not_answered_to_them(scene: Scene, root: User) -> None:
    team = scene.team.id
    for command in (
        GetTeam(by=root.id, as_admin=True, team=team),
        GetBoard(by=root.id, as_admin=True, team=team),
        ListMembers(by=root.id, as_admin=True, team=team),
        SaveFilter(by=root.id, as_admin=True, name="x", filter=TaskFilter()),
    ):
        assert await outcome(scene.bus, command) is ErrorCode.INVALID


async def test_an_invite_is_in_the_name_of_a_member(scene: Scene, root: User) -> None:
    expires_at = datetime.now(UTC) + timedelta(days=1)
    wish = CreateInvite(by=root.id, as_admin=True, team=scene.team.id, role=MemberRole.VIEWER, expires_at=expires_at)

    assert await outcome(scene.bus, wish) is ErrorCode.FORBIDDEN


async def test_a_team_given_away_from_above_takes_nothing_from_its_owner(scene: Scene, root: User) -> None:
    given = await scene.bus.request(TransferTeam(by=root.id, as_admin=True, team=scene.team.id, to=scene.vera.user))

    roles = {member.user: member.role for member in (await scene.board()).members}
    assert given.role is MemberRole.OWNER
    assert (roles[scene.ann.user], roles[scene.vera.user]) == (MemberRole.OWNER, MemberRole.OWNER)


async def test_a_team_keeps_its_last_owner_even_against_an_administrator(scene: Scene, root: User) -> None:
    for command in (
        RemoveMember(by=root.id, as_admin=True, team=scene.team.id, user=scene.ann.user),
        ChangeRole(by=root.id, as_admin=True, team=scene.team.id, user=scene.ann.user, role=MemberRole.VIEWER),
    ):
        assert await outcome(scene.bus, command) is ErrorCode.CONFLICT


async def test_administrators_find_everything_also_what_was_deleted(scene: Scene, root: User) -> None:
    ask, who = scene.bus.request, dict[str, Any](by=root.id, as_admin=True)
    name = f"Team {scene.team.id} of all"
    await ask(RenameTeam(by=scene.ann.user, team=scene.team.id, name=name))
    kept, gone = await scene.task("Kept"), await scene.task("Gone")
    await ask(DeleteTask(by=scene.bob.user, task=gone.id))
    await ask(DeleteList(by=scene.ann.user, list=scene.done.id))
    team = scene.team.id
    of_team = TaskFilter(team=team)

    async def tasks(**more: Any) -> list[str]:
        return [task.title for task in (await ask(ListTasks(**who, **more))).tasks]

    async def lists(**more: Any) -> list[ListId]:
        return [row.id for row in (await ask(ListLists(**who, team=team, **more))).lists]

    async def teams(**more: Any) -> list[str]:
        return [found.name for found in (await ask(ListTeams(**who, q=name.lower(), **more))).teams]

    assert (await tasks(filter=of_team), await tasks(filter=of_team, deleted=True)) == (["Kept"], ["Gone"])
    assert await tasks(filter=TaskFilter(team=team, q="gone"), deleted=True) == ["Gone"]
    assert (await lists(), await lists(deleted=True)) == ([scene.todo.id], [scene.done.id])
    assert (await teams(), await teams(deleted=True)) == ([name], [])
    memberships = await ask(ListMemberships(**who, team=team, q=scene.vera.username.upper()))
    assert [(m.user, m.role) for m in memberships.members] == [(scene.vera.user, MemberRole.VIEWER)]
    of_vera = await ask(ListMemberships(**who, user=scene.vera.user))
    assert [member.team for member in of_vera.members] == [team]

    await ask(DeleteTeam(by=scene.ann.user, team=team))

    assert (await teams(), await teams(deleted=True)) == ([], [name])
    assert (await tasks(filter=of_team), await lists()) == ([], [])
    assert kept.id


async def test_pages_are_as_long_as_asked_for_and_count_all(scene: Scene, root: User) -> None:
    page = await scene.bus.request(ListMemberships(by=root.id, as_admin=True, team=scene.team.id, limit=1, offset=2))

    assert page.count == 4
    assert [member.name for member in page.members] == ["Bob"]


@pytest.mark.parametrize(
    ("q", "said"),
    [("two\nlines\x00", '"two lines "'), ("\u200b", '"\u200b"'), ("x" * 200, '"' + "x" * 199), ("", None)],
)
def test_what_goes_on_record_is_one_line(q: str, said: str | None) -> None:
    assert about(TaskFilter(q=q)) == said
