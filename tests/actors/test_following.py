import asyncio
from typing import Any

import msgspec
import pytest

from actors.task_store import TaskStore
from actors.task_store.following import Following
from infra.actor import Actor
from infra.bus import Bus
from schemas.accounts import AccountUpdated, ChangeUser, UpdateProfile, User
from schemas.errors import ErrorCode
from schemas.history import Undo
from schemas.ids import Seq, TeamId, UserId
from schemas.members import AddMember, ListMembers, Member, MemberRole
from schemas.replay import ReplayEvents
from schemas.tasks import AssignTask, CompleteTask, CreateTask, UpdateTask
from schemas.teams import MyTeam
from tests.actors.conftest import Scene
from tests.actors.refusals import refusal
from tests.conftest import NewTeam, NewUser, person
from tests.waiting import wait_for


async def member(bus: Bus, team: TeamId, user: UserId, by: UserId | None = None) -> Member:
    found = await bus.request(ListMembers(by=by or user, team=team))
    return next(member for member in found if member.user == user)


async def test_members_are_called_in_every_team_as_their_account_is(
    bus: Bus, new_user: NewUser, new_team: NewTeam
) -> None:
    ann, root = await new_user("Ann"), await new_user("Root", is_admin=True)
    teams = [await new_team(ann), await new_team(ann)]

    await bus.request(UpdateProfile(by=ann.id, name="Anna"))
    await bus.request(ChangeUser(by=root.id, user=ann.id, username=f"anna.{ann.id}"))

    for team in teams:

        async def follows(team: MyTeam = team) -> bool:
            now = await member(bus, team.id, ann.id)
            return (now.name, now.username) == ("Anna", f"anna.{ann.id}")

        await wait_for(follows)
        replay = await bus.request(ReplayEvents(by=ann.id, team=team.id, after=Seq(2)))
        last = msgspec.json.decode(replay.events[-1])
        assert (last["type"], last["by"], last["member"]["name"]) == ("member.changed", ann.id, "Anna")


async def test_whoever_can_no_longer_sign_in_stays_a_member_and_gets_nothing_new(
    scene: Scene, new_user: NewUser
) -> None:
    bus, bob, ann = scene.bus, scene.bob.user, scene.ann.user
    gone, root = await new_user("Gone"), await new_user("Root", is_admin=True)
    await bus.request(AddMember(by=ann, team=scene.team.id, person=person(gone)))
    theirs = await bus.request(CreateTask(by=bob, list=scene.todo.id, title="Theirs", assignee=gone.id))
    other = await scene.task()

    async def become(*, is_active: bool) -> None:
        await bus.request(ChangeUser(by=root.id, user=gone.id, is_active=is_active))

        async def follows() -> bool:
            return (await member(bus, scene.team.id, gone.id, ann)).is_active is is_active

        await wait_for(follows)

    await become(is_active=False)

    for command in (
        AssignTask(by=bob, task=other.id, assignee=gone.id),
        CreateTask(by=bob, list=scene.todo.id, title="New", assignee=gone.id),
    ):
        error = await refusal(bus, command)
        assert (error.code, error.field) == (ErrorCode.INVALID, "assignee")
    # A form that sends all fields back changes what is theirs without giving it to them again.
    changed = await bus.request(UpdateTask(by=bob, task=theirs.id, title="Still theirs", assignee=gone.id))
    assert changed.assignee == gone.id
    await become(is_active=True)
    assert (await bus.request(AssignTask(by=bob, task=other.id, assignee=gone.id))).assignee == gone.id


async def test_another_name_does_not_stand_in_the_way_of_taking_back(bus: Bus, scene: Scene, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await bus.request(AddMember(by=scene.ann.user, team=scene.team.id, person=person(ann), role=MemberRole.MEMBER))
    task = await scene.task()
    await bus.request(CompleteTask(by=ann.id, task=task.id))
    await bus.request(UpdateProfile(by=ann.id, name="Anna"))

    async def follows() -> bool:
        return (await member(bus, scene.team.id, ann.id)).name == "Anna"

    await wait_for(follows)

    await bus.request(Undo(by=ann.id, team=scene.team.id))

    assert [task.is_done for task in (await scene.board()).tasks] == [False]


class Told:
    """A message as the stream brings it."""

    headers: dict[str, str] | None = None

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.subject = "usr.account.updated.7"


def told(user: User, version: int, name: str) -> Any:
    changed = msgspec.structs.replace(user, version=version, name=name)
    return Told(msgspec.json.encode(AccountUpdated(user=changed)))


@pytest.fixture
def following(actors: dict[type[Actor], Actor]) -> Following:
    store = actors[TaskStore]
    assert isinstance(store, TaskStore)
    return store._following


async def test_what_comes_late_or_twice_or_makes_no_sense_does_no_harm(
    bus: Bus, new_user: NewUser, new_team: NewTeam, following: Following
) -> None:
    ann = await new_user("Ann")
    team = await new_team(ann)

    await following.take_in([told(ann, 1003, "Third"), told(ann, 1002, "Second")])
    nonsense: Any = Told(b"{")
    await following.take_in([nonsense, told(ann, 1001, "First"), told(ann, 1003, "Third")])

    assert (await member(bus, team.id, ann.id)).name == "Third"
    seqs = (await bus.request(ReplayEvents(by=ann.id, team=team.id, after=Seq(0)))).seq
    assert seqs == 3  # created, joined, renamed once


async def test_two_who_follow_the_same_account_end_with_its_newest_name(
    bus: Bus, new_user: NewUser, new_team: NewTeam, following: Following
) -> None:
    ann = await new_user("Ann")
    teams = [await new_team(ann) for _ in range(5)]
    states = [told(ann, 1000 + n, f"Name {n}") for n in range(20)]

    await asyncio.gather(*(following.take_in([state]) for state in [*states[10:], *states[:10]]))

    assert {(await member(bus, team.id, ann.id)).name for team in teams} == {"Name 19"}
