"""Changes of roles in teams come to the record as events of the task store."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from infra.bus import Bus
from infra.config import Settings
from infra.stream import Outgoing, StreamPublisher
from schemas.accounts import User
from schemas.audit import ListAudit
from schemas.base import Role, event_subject
from schemas.ids import Seq, TeamId
from schemas.members import AddMember, ChangeRole, Member, MemberChanged, MemberRole, RemoveMember
from schemas.teams import CreateTeam, MyTeam
from tests.conftest import NewUser, person
from tests.waiting import wait_for


@pytest.fixture
async def admin(new_user: NewUser) -> User:
    return await new_user("Root", is_admin=True)


async def roles_of(bus: Bus, admin: User, team: TeamId) -> list[tuple[str, str]]:
    page = await bus.request(ListAudit(by=admin.id, limit=500))
    return [(entry.act, entry.detail) for entry in reversed(page.entries) if entry.team == team]


async def crew(bus: Bus, owner: User) -> MyTeam:
    return await bus.request(CreateTeam(by=owner.id, name="Crew", person=person(owner)))


async def test_who_got_which_role_in_a_team_is_on_record(bus: Bus, admin: User, new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    team = await crew(bus, ann)
    await bus.request(AddMember(by=ann.id, team=team.id, person=person(bob), role=MemberRole.VIEWER))
    await bus.request(ChangeRole(by=ann.id, team=team.id, user=bob.id, role=MemberRole.ADMIN))
    await bus.request(RemoveMember(by=bob.id, team=team.id, user=bob.id))
    expected = [
        ("member.added", f"{ann.username} as owner"),
        ("member.added", f"{bob.username} as viewer"),
        ("member.changed", f"{bob.username} as admin"),
        ("member.removed", bob.username),
    ]

    async def all_there() -> bool:
        return len(await roles_of(bus, admin, team.id)) >= len(expected)

    await wait_for(all_there)

    assert await roles_of(bus, admin, team.id) == expected
    page = await bus.request(ListAudit(by=admin.id, q="member.", limit=500))
    by_seq = [entry for entry in reversed(page.entries) if entry.team == team.id]
    assert [(entry.by, entry.username) for entry in by_seq] == [
        *[(ann.id, ann.username)] * 3,
        (bob.id, bob.username),
    ]


@pytest.fixture
async def store(settings: Settings, actors: object) -> AsyncGenerator[StreamPublisher]:
    """Says what the task store says, and may say it twice."""
    async with Bus(settings, Role.TASK_STORE) as bus:
        publisher = StreamPublisher(bus, lambda _: None)
        await publisher.open()
        yield publisher
        await publisher.close()


def changed(ann: User, team: TeamId, seq: int, role: MemberRole) -> Outgoing:
    member = Member(team=team, user=ann.id, username=ann.username, name=ann.name, role=role)
    event = MemberChanged(team=team, seq=Seq(seq), at=datetime.now(UTC), by=ann.id, member=member)
    return Outgoing(event_subject(event.tag(), team), msgspec.json.encode(event), f"{team}.{seq}")


async def test_what_comes_twice_is_on_record_once_and_another_name_is_no_other_role(
    bus: Bus, store: StreamPublisher, admin: User, new_user: NewUser
) -> None:
    ann = await new_user()
    team = TeamId(900_000_000 + ann.id)
    events = [(1, MemberRole.VIEWER), (2, MemberRole.VIEWER), (3, MemberRole.ADMIN), (4, MemberRole.VIEWER)]
    for attempt in (1, 2):
        messages = [changed(ann, team, seq, role) for seq, role in events]
        messages = [message._replace(message_id=f"{attempt}.{message.message_id}") for message in messages]
        await store.publish(attempt, [*messages, changed(ann, TeamId(team + 1), attempt, MemberRole.OWNER)])

    async def both_came() -> bool:
        return await roles_of(bus, admin, TeamId(team + 1)) != []

    await wait_for(both_came)
    assert await roles_of(bus, admin, team) == [
        ("member.changed", f"{ann.username} as {role}") for role in ("viewer", "admin", "viewer")
    ]


async def test_an_event_that_makes_no_sense_does_not_stand_in_the_way(
    bus: Bus, store: StreamPublisher, admin: User, new_user: NewUser
) -> None:
    ann = await new_user()
    team = TeamId(950_000_000 + ann.id)
    message = changed(ann, team, 2, MemberRole.ADMIN)
    nonsense = message._replace(payload=b'{"type":"member.changed"}', message_id=f"nonsense.{message.message_id}")
    await store.publish(1, [nonsense, message])

    async def came() -> list[Any]:
        return await roles_of(bus, admin, team)

    assert await wait_for(came) == [("member.changed", f"{ann.username} as admin")]
