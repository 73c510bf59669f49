"""Teams, their members and their lists: all of a board but its tasks."""

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from schemas.base import Command, R, Record, Role, TeamEvent, UtcTime
from schemas.ids import ListId, Seq, TeamId, UserId
from schemas.text import Key, Name, Query, Username

Version = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
"""Counts the changes of one row; a writer that sends it is refused when somebody else was first."""

Limit = Annotated[int, msgspec.Meta(ge=1, le=500)]
WipLimit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


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


class Team(Record):
    id: TeamId
    name: Name
    version: Version
    created_at: UtcTime
    deleted_at: UtcTime | None = None
    """When it went into the trash; only its owners and the site's administrators know of it then."""


class MyTeam(Team):
    """A team as one of its members sees it; an administrator of the site sees it as an owner does."""

    role: MemberRole


class Member(Record):
    """A person's place in a team. `name` is what others see."""

    team: TeamId
    user: UserId
    username: Username
    name: Name
    role: MemberRole
    is_active: bool = True
    """False when they may no longer sign in; then nothing new is assigned to them."""


class TaskList(Record):
    """A column of the board; lists stand in the order of `rank`, then `id`."""

    id: ListId
    team: TeamId
    name: Name
    rank: int
    version: Version
    wip_limit: WipLimit | None = None
    """How many open tasks the list holds at most."""
    deleted_at: UtcTime | None = None


class BoardCommand(Command[R]):
    """Asked in somebody's name; the task store decides whether they may."""

    owner: ClassVar[Role] = Role.TASK_STORE

    by: UserId
    as_admin: bool = False
    """Ask as an administrator of the site, who counts as an owner of every team; that is put on record."""


class BoardChange(BoardCommand[R]):
    """Changes a board. A retry with the same `key` within a day gets the first outcome again."""

    key: Key | None = None


class CreateTeam(BoardChange[MyTeam], tag="team.create"):
    """Create a team with its first owner, who must be the asker."""

    name: Name
    person: Person


class RenameTeam(BoardChange[MyTeam], tag="team.rename"):
    """Give a team another name."""

    team: TeamId
    name: Name
    version: Version | None = None


class TransferTeam(BoardChange[MyTeam], tag="team.transfer"):
    """Make another member an owner; the asker, until then an owner, becomes an admin."""

    team: TeamId
    to: UserId


class DeleteTeam(BoardChange[MyTeam], tag="team.delete"):
    """Put a team, with all that is its own, into the trash."""

    team: TeamId
    version: Version | None = None


class RestoreTeam(BoardChange[MyTeam], tag="team.restore"):
    """Take a team, with all that was its own, back from the trash."""

    team: TeamId


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
    """Take a member out of a team, or leave it; their open tasks become unassigned."""

    team: TeamId
    user: UserId


class CreateList(BoardChange[TaskList], tag="list.create"):
    """Create an empty list at the right end of a board."""

    team: TeamId
    name: Name


class UpdateList(BoardChange[TaskList], tag="list.update"):
    """Change a list's name or the number of open tasks that it holds."""

    list: ListId
    name: Name | UnsetType = UNSET
    wip_limit: WipLimit | UnsetType | None = UNSET
    version: Version | None = None


class MoveList(BoardChange[TaskList], tag="list.move"):
    """Put a list before another one of its board, or last."""

    list: ListId
    before: ListId | None = None
    version: Version | None = None


class DeleteList(BoardChange[TaskList], tag="list.delete"):
    """Put a list, with all that is on it, into the trash."""

    list: ListId
    version: Version | None = None


class RestoreList(BoardChange[TaskList], tag="list.restore"):
    """Take a list, with all that was on it, back from the trash."""

    list: ListId


class TeamPage(Record):
    count: int
    teams: list[MyTeam]


class ListTeams(BoardCommand[TeamPage], tag="team.list"):
    """The teams that the asker is in, by name; `q` is a part of the name."""

    q: Query = ""
    deleted: bool = False
    """Those in the trash instead, of which the asker is an owner."""
    limit: Limit = 100
    offset: Offset = 0


class GetTeam(BoardCommand[MyTeam], tag="team.get"):
    """One team of the asker's."""

    team: TeamId


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


class ListPage(Record):
    count: int
    lists: list[TaskList]


class ListLists(BoardCommand[ListPage], tag="list.list"):
    """The lists of one team, or of all of the asker's; `q` is a part of the name."""

    team: TeamId | None = None
    q: Query = ""
    deleted: bool = False
    """Those in the trash instead."""
    limit: Limit = 100
    offset: Offset = 0


class GetList(BoardCommand[TaskList], tag="list.get"):
    """One list."""

    list: ListId


class Replay(Record):
    """What happened after a position: `events` verbatim and in order, `seq` where the team stands now.

    `reset` says that more happened than a replay may hold: take a fresh snapshot instead.
    """

    seq: Seq
    events: list[msgspec.Raw]
    reset: bool = False


class ReplayEvents(BoardCommand[Replay], tag="team.replay"):
    """The events of a team after a position, 1,000 at most."""

    team: TeamId
    after: Annotated[Seq, msgspec.Meta(ge=0, le=2**53 - 1)]


class Position(Record):
    team: TeamId
    seq: Seq


class GetPositions(Command[list[Position]], tag="team.positions"):
    """Where some teams stand: lets the gateway see that it missed something."""

    owner: ClassVar[Role] = Role.TASK_STORE
    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})

    teams: Annotated[list[TeamId], msgspec.Meta(max_length=1000)]


class CatchUp(Command[Replay], tag="team.catch_up"):
    """The events of a team after a position, for the gateway itself: each socket was let in before."""

    owner: ClassVar[Role] = Role.TASK_STORE
    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})

    team: TeamId
    after: Annotated[Seq, msgspec.Meta(ge=0, le=2**53 - 1)]


class TeamCreated(TeamEvent, tag="team.created"):
    """A team exists that did not before."""

    name: Name


class TeamRenamed(TeamEvent, tag="team.renamed"):
    """A team has another name."""

    name: Name


class TeamTransferred(TeamEvent, tag="team.transferred"):
    """A team has another owner; that whoever gave it away is no longer one comes as a change of that member."""

    member: Member


class TeamDeleted(TeamEvent, tag="team.deleted"):
    """A team and all that is its own went into the trash."""

    deleted_at: UtcTime


class TeamRestored(TeamEvent, tag="team.restored"):
    """A team came back from the trash, with all that was its own."""


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


class ListCreated(TeamEvent, tag="list.created"):
    """A list exists that did not before."""

    list: TaskList


class ListUpdated(TeamEvent, tag="list.updated"):
    """A list has another name or another limit."""

    list: TaskList


class ListMoved(TeamEvent, tag="list.moved"):
    """A list stands elsewhere on its board."""

    list: TaskList


class ListDeleted(TeamEvent, tag="list.deleted"):
    """A list and all that is on it went into the trash."""

    list: TaskList
