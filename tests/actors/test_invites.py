import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Text, cast, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.board import events, invites, outcomes
from actors.task_store import TaskStore
from infra.bus import Bus
from infra.config import Settings
from infra.db import connect_database
from schemas.base import Role
from schemas.errors import BusError, ErrorCode
from schemas.history import Undo
from schemas.ids import Seq, TeamId
from schemas.invites import AcceptInvite, CreateInvite, InviteMade, ListInvites, LookAtInvite, RevokeInvite
from schemas.members import ChangeRole, ListMembers, MemberAdded, MemberRole, Person, RemoveMember
from schemas.replay import ReplayEvents
from schemas.tasks import CreateTask
from schemas.teams import DeleteTeam, MyTeam, RestoreTeam, TransferTeam
from tests.actors.conftest import Scene, new_person
from tests.actors.outcomes import outcome
from tests.actors.refusals import refusal


def wish(scene: Scene, role: MemberRole = MemberRole.MEMBER, by: Person | None = None, **more: Any) -> CreateInvite:
    """Adam's, unless somebody else's."""
    expires_at = datetime.now(UTC) + timedelta(days=7)
    return CreateInvite(by=(by or scene.adam).user, team=scene.team.id, role=role, expires_at=expires_at, **more)


async def invite(scene: Scene, *wished: Any, **more: Any) -> InviteMade:
    return await scene.bus.request(wish(scene, *wished, **more))


def entering(code: str, person: Person) -> AcceptInvite:
    return AcceptInvite(by=person.user, code=code, person=person)


async def accept(bus: Bus, code: str, person: Person) -> MyTeam:
    return await bus.request(entering(code, person))


async def holds(bus: Bus, code: str) -> bool:
    """Looking and entering agree on it."""
    seen = await outcome(bus, LookAtInvite(code=code))
    assert seen in (None, ErrorCode.NOT_FOUND)
    assert await outcome(bus, entering(code, new_person("Max"))) is seen
    return seen is None


async def test_whoever_has_the_code_sees_where_it_leads_and_enters(scene: Scene) -> None:
    made = await invite(scene, MemberRole.VIEWER)

    seen = await scene.bus.request(LookAtInvite(code=made.code))
    mine = await accept(scene.bus, made.code, scene.olga)

    assert (seen.team, seen.team_name, seen.role, seen.invited_by) == (scene.team.id, "Team", "viewer", "Adam")
    assert seen.expires_at == made.invite.expires_at
    assert (mine.id, mine.role) == (scene.team.id, MemberRole.VIEWER)
    members = await scene.bus.request(ListMembers(by=scene.olga.user, team=scene.team.id))
    assert [member.username for member in members if member.user == scene.olga.user] == [scene.olga.username]


async def test_the_code_is_kept_nowhere(scene: Scene, engine: AsyncEngine) -> None:
    start = (await scene.board()).seq
    made = await invite(scene, key="made-once")
    await accept(scene.bus, made.code, scene.olga)
    await scene.bus.request(RevokeInvite(by=scene.adam.user, invite=made.invite.id))

    replay = await scene.bus.request(ReplayEvents(by=scene.ann.user, team=scene.team.id, after=start))
    kinds = [bytes(event).split(b'"')[3].decode() for event in replay.events]
    assert kinds == ["invite.created", "member.added", "invite.revoked"]
    assert not any(made.code.encode() in bytes(event) for event in replay.events)
    added = msgspec.json.decode(replay.events[1], type=MemberAdded)
    assert (added.by, added.invited_by) == (scene.olga.user, scene.adam.user)
    async with engine.connect() as connection:
        for table in (invites, outcomes, events):
            row = cast(literal_column(table.name), Text)
            kept = select(func.count()).select_from(table).where(func.strpos(row, made.code) > 0)
            assert await connection.scalar(kept) == 0, table


async def test_a_retry_makes_another_invite_since_nobody_knows_the_code_of_the_first(scene: Scene) -> None:
    first, second = await invite(scene, key="twice"), await invite(scene, key="twice")

    assert first.code != second.code
    assert await holds(scene.bus, first.code)
    assert await holds(scene.bus, second.code)


async def test_who_may_invite_whom(scene: Scene) -> None:
    """Nobody gives more than they might give to a member of the team; an owner is never invited."""
    may = {
        (person.user, role)
        for person, roles in (
            (scene.adam, (MemberRole.VIEWER, MemberRole.MEMBER)),
            (scene.ann, (MemberRole.VIEWER, MemberRole.MEMBER, MemberRole.ADMIN)),
        )
        for role in roles
    }
    for person in (scene.ann, scene.adam, scene.bob, scene.vera, scene.olga):
        for role in MemberRole:
            to_own = role is MemberRole.OWNER and person in (scene.ann, scene.adam)
            expected = ErrorCode.INVALID if to_own else ErrorCode.FORBIDDEN
            if person is scene.olga:
                expected = ErrorCode.NOT_FOUND
            done = await outcome(scene.bus, wish(scene, role, person))
            assert done is (None if (person.user, role) in may else expected), (person, role)


@pytest.mark.parametrize("days", [-1, 0, 31, 4000])
async def test_an_invite_expires_within_thirty_days(scene: Scene, days: int) -> None:
    expires_at = datetime.now(UTC) + timedelta(days=days)

    error = await refusal(
        scene.bus,
        CreateInvite(by=scene.ann.user, team=scene.team.id, role=MemberRole.VIEWER, expires_at=expires_at),
    )

    assert (error.code, error.field) == (ErrorCode.INVALID, "expires_at")


async def test_an_expired_invite_holds_no_longer(scene: Scene, engine: AsyncEngine) -> None:
    made = await invite(scene)
    async with engine.begin() as connection:
        over = update(invites).where(invites.c.id == made.invite.id)
        await connection.execute(over.values(expires_at=func.now() - timedelta(seconds=1)))

    assert not await holds(scene.bus, made.code)
    assert await scene.bus.request(ListInvites(by=scene.ann.user, team=scene.team.id)) == []


async def test_a_revoked_invite_holds_no_longer(scene: Scene) -> None:
    made, other = await invite(scene), await invite(scene)

    assert await scene.bus.request(RevokeInvite(by=scene.ann.user, invite=made.invite.id)) == made.invite

    assert not await holds(scene.bus, made.code)
    assert await scene.bus.request(ListInvites(by=scene.adam.user, team=scene.team.id)) == [other.invite]
    again = await refusal(scene.bus, RevokeInvite(by=scene.ann.user, invite=made.invite.id))
    assert again.code is ErrorCode.NOT_FOUND


async def test_only_admins_of_the_team_revoke_its_invites(scene: Scene) -> None:
    made = await invite(scene)

    for person, code in (
        (scene.olga, ErrorCode.NOT_FOUND),
        (scene.vera, ErrorCode.FORBIDDEN),
        (scene.bob, ErrorCode.FORBIDDEN),
    ):
        assert (await refusal(scene.bus, RevokeInvite(by=person.user, invite=made.invite.id))).code is code
    of_another = RevokeInvite(by=scene.ann.user, invite=made.invite.id, team=TeamId(2**52))
    assert (await refusal(scene.bus, of_another)).code is ErrorCode.NOT_FOUND
    assert await holds(scene.bus, made.code)


async def test_whoever_is_in_the_team_is_told_so_and_uses_nothing_up(scene: Scene) -> None:
    made = await invite(scene, uses=1)

    error = await refusal(scene.bus, AcceptInvite(by=scene.bob.user, code=made.code, person=scene.bob))

    assert (error.code, error.detail) == (ErrorCode.CONFLICT, "you are in this team already")
    assert (await accept(scene.bus, made.code, scene.olga)).role is MemberRole.MEMBER


async def test_everybody_enters_for_themselves(scene: Scene) -> None:
    made = await invite(scene)

    error = await refusal(scene.bus, AcceptInvite(by=scene.olga.user, code=made.code, person=new_person("Max")))

    assert error.code is ErrorCode.INVALID


async def test_an_invite_is_used_up(scene: Scene) -> None:
    made = await invite(scene, uses=2)

    assert await holds(scene.bus, made.code)
    (left,) = await scene.bus.request(ListInvites(by=scene.ann.user, team=scene.team.id))
    assert left.uses_left == 1
    assert await holds(scene.bus, made.code)
    assert not await holds(scene.bus, made.code)
    assert await scene.bus.request(ListInvites(by=scene.ann.user, team=scene.team.id)) == []


async def test_an_invite_holds_while_whoever_made_it_might_still_make_it(scene: Scene) -> None:
    ask, ann, team = scene.bus.request, scene.ann.user, scene.team.id
    of_adam, of_ann = await invite(scene), await invite(scene, MemberRole.ADMIN, scene.ann)

    async def become(role: MemberRole) -> None:
        await ask(ChangeRole(by=ann, team=team, user=scene.adam.user, role=role))

    for role, still in ((MemberRole.MEMBER, False), (MemberRole.ADMIN, True), (MemberRole.OWNER, True)):
        await become(role)
        assert await holds(scene.bus, of_adam.code) is still, role
    assert await holds(scene.bus, of_ann.code)
    await ask(ChangeRole(by=scene.adam.user, team=team, user=ann, role=MemberRole.ADMIN))
    assert not await holds(scene.bus, of_ann.code)
    await ask(TransferTeam(by=scene.adam.user, team=team, to=ann))
    await ask(RemoveMember(by=ann, team=team, user=scene.adam.user))
    assert not await holds(scene.bus, of_adam.code)


async def test_an_invite_into_a_deleted_team_leads_nowhere_until_it_is_restored(scene: Scene) -> None:
    made = await invite(scene)
    await scene.bus.request(DeleteTeam(by=scene.ann.user, team=scene.team.id))
    assert not await holds(scene.bus, made.code)

    await scene.bus.request(RestoreTeam(by=scene.ann.user, team=scene.team.id))

    assert await holds(scene.bus, made.code)


async def test_a_team_has_a_limited_number_of_invites(scene: Scene) -> None:
    made = [await invite(scene) for _ in range(100)]

    with pytest.raises(BusError) as refused:
        await invite(scene)
    assert refused.value.code is ErrorCode.CONFLICT
    await scene.bus.request(RevokeInvite(by=scene.ann.user, invite=made[0].invite.id))
    await invite(scene)


async def test_invites_do_not_stand_in_the_way_of_taking_back(scene: Scene) -> None:
    ann = scene.ann.user
    await scene.bus.request(CreateTask(by=ann, list=scene.todo.id, title="Slip"))
    made = await invite(scene, by=scene.ann)

    await scene.bus.request(Undo(by=ann, team=scene.team.id))

    assert await scene.titles(scene.todo) == []
    assert await holds(scene.bus, made.code)


async def test_of_many_who_want_the_last_uses_exactly_so_many_get_them(
    scene: Scene, settings: Settings, actors: object
) -> None:
    """With two stores, and with other work in the same batches."""
    engine = connect_database(settings)
    dice = random.Random(11)
    async with Bus(settings, Role.TASK_STORE) as bus, TaskStore(bus, engine):
        for uses in (1, 1, 1, 3, 7):
            made = await invite(scene, uses=uses)
            people = [new_person("Max") for _ in range(12)]

            entries = [outcome(scene.bus, entering(made.code, person)) for person in people]
            noise = [CreateTask(by=scene.bob.user, list=scene.todo.id, title="x") for _ in people]
            everything = [*entries, *(outcome(scene.bus, task) for task in noise)]
            dice.shuffle(everything)
            codes = Counter(await asyncio.gather(*everything))
            codes[None] -= len(noise)

            assert codes == {None: uses, ErrorCode.NOT_FOUND: 12 - uses}
            members = await scene.bus.request(ListMembers(by=scene.ann.user, team=scene.team.id))
            assert len({member.user for member in members} & {person.user for person in people}) == uses
    await engine.dispose()


async def test_one_person_who_knocks_twice_at_once_enters_once(scene: Scene) -> None:
    made = await invite(scene, uses=5)
    start = (await scene.board()).seq

    codes = Counter(await asyncio.gather(*(outcome(scene.bus, entering(made.code, scene.olga)) for _ in range(6))))

    assert codes == {None: 1, ErrorCode.CONFLICT: 5}
    (left,) = await scene.bus.request(ListInvites(by=scene.ann.user, team=scene.team.id))
    assert left.uses_left == 4
    assert (await scene.board()).seq == Seq(start + 1)
