"""Teams."""

from schemas.base import Record, TeamEvent, UtcTime
from schemas.boards import BoardChange, BoardCommand, Limit, Offset, Version
from schemas.ids import TeamId, UserId
from schemas.members import Member, MemberRole, Person
from schemas.text import Name, Query


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
