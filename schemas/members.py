"""Members: who is in a team, and what each may do there."""

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from schemas.base import Command, Record, Role, TeamEvent
from schemas.boards import BoardChange, BoardCommand, Limit, Offset
from schemas.ids import TeamId, UserId
from schemas.text import Name, Query, Username


class MemberRole(StrEnum):
    """What a member may do; each may also do all that the ones before it may."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


class Person(Record):
    """Who somebody is, as accounts told the edge that asks."""

    user: UserId
    username: Username
    name: Name


class Member(Record):
    """A person's place in a team. `name` is what others see."""

    team: TeamId
    user: UserId
    username: Username
    name: Name
    role: MemberRole
    is_active: bool = True
    """False when they may no longer sign in; then nothing new is assigned to them."""


class AddMember(BoardChange[Member], tag="member.add"):
    """Take a person into a team; CONFLICT when they are in it."""

    team: TeamId
    person: Person
    role: MemberRole = MemberRole.MEMBER


class ChangeRole(BoardChange[Member], tag="member.change"):
    """Give a member another role; a team keeps at least one owner."""

    team: TeamId
    user: UserId
    role: MemberRole


class RemoveMember(BoardChange[Member], tag="member.remove"):
    """Take a member out of a team, or leave it; their open tasks become unassigned.

    Tasks that they watch still name them, in case they return: whoever tells watchers of something asks ListStandings.
    """

    team: TeamId
    user: UserId


class ListMembers(BoardCommand[list[Member]], tag="member.list"):
    """Who is in a team, by name."""

    team: TeamId


class MembershipPage(Record):
    count: int
    members: list[Member]


class ListMemberships(BoardCommand[MembershipPage], tag="membership.list"):
    """Who is in which team, for administrators of the site; `q` is a part of the username or of the name."""

    q: Query = ""
    team: TeamId | None = None
    user: UserId | None = None
    limit: Limit = 100
    offset: Offset = 0


class Standing(Record):
    """What somebody is in a team, for those who tell people of it."""

    team: TeamId
    team_name: Name
    user: UserId
    role: MemberRole
    is_active: bool


class ListStandings(Command[list[Standing]], tag="member.standings"):
    """What each of these is in that team now; those who are not in it, or whose team is in the trash, are left out."""

    owner: ClassVar[Role] = Role.TASK_STORE
    senders: ClassVar[frozenset[Role]] = frozenset({Role.NOTIFIER})

    of: Annotated[tuple[tuple[TeamId, UserId], ...], msgspec.Meta(max_length=5000)]


class MemberAdded(TeamEvent, tag="member.added"):
    """A person is in the team."""

    member: Member
    invited_by: UserId | None = None
    """Whose invite they came by, when it was one."""


class MemberChanged(TeamEvent, tag="member.changed"):
    """A member has another role or name, or may no longer sign in."""

    member: Member


class MemberRemoved(TeamEvent, tag="member.removed"):
    """A person is no longer in the team."""

    member: Member
