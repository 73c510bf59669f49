"""Teams, their boards and their members."""

from yarl import URL

from gateway.api import Ask, route
from gateway.auth import Caller
from gateway.pages import Page, Paging, page
from gateway.routes.lists import Expected
from schemas.accounts import FindUser
from schemas.base import Record, UtcTime
from schemas.boards import Version
from schemas.errors import BusError, ErrorCode, forbidden
from schemas.history import Board, GetBoard, GetPastBoard, GetTrash, Trash
from schemas.ids import TeamId, UserId
from schemas.members import AddMember, ChangeRole, ListMembers, Member, MemberRole, Person, RemoveMember
from schemas.search import in_utc
from schemas.teams import CreateTeam, DeleteTeam, GetTeam, ListTeams, MyTeam, RenameTeam, RestoreTeam, TransferTeam
from schemas.text import Name, Query, Username


class TeamQuery(Paging):
    """`q` is a part of the name; `deleted` asks for the teams in the trash of which you are an owner."""

    q: Query = ""
    deleted: bool = False


class Then(Record, forbid_unknown_fields=True):
    """`at` asks for the board as it was at that moment."""

    at: UtcTime | None = None


class NewTeam(Record, forbid_unknown_fields=True):
    name: Name


class TeamChanges(Record, forbid_unknown_fields=True):
    """A new name; refused with 409 when `version` is sent and no longer current."""

    name: Name
    version: Version | None = None


class Heir(Record, forbid_unknown_fields=True):
    to: UserId
    """A member of the team."""


class NewMember(Record, forbid_unknown_fields=True):
    username: Username
    role: MemberRole = MemberRole.MEMBER


class MemberChanges(Record, forbid_unknown_fields=True):
    role: MemberRole


@route("GET", "/api/teams/")
async def list_teams(ask: Ask, caller: Caller, url: URL, query: TeamQuery) -> Page[MyTeam]:
    """The teams that you are in, by name."""
    wanted = ListTeams(by=caller.id, q=query.q, deleted=query.deleted, limit=query.limit, offset=query.offset)
    found = await ask(wanted)
    return page(url, query, found.count, found.teams)


@route("POST", "/api/teams/", status=201, example=NewTeam(name="Kitchen"))
async def create_team(ask: Ask, caller: Caller, body: NewTeam) -> MyTeam:
    """Create a team, with yourself as its owner."""
    person = Person(user=caller.id, username=caller.username, name=caller.name)
    return await ask(CreateTeam(by=caller.id, name=body.name, person=person))


@route("GET", "/api/teams/{team}/")
async def get_team(ask: Ask, caller: Caller, team: TeamId) -> MyTeam:
    """One of your teams."""
    return await ask(GetTeam(by=caller.id, team=team))


@route("PATCH", "/api/teams/{team}/", example=TeamChanges(name="Kitchen and garden"))
async def rename_team(ask: Ask, caller: Caller, team: TeamId, body: TeamChanges) -> MyTeam:
    """Give a team another name."""
    return await ask(RenameTeam(by=caller.id, team=team, name=body.name, version=body.version))


@route("DELETE", "/api/teams/{team}/", status=204)
async def delete_team(ask: Ask, caller: Caller, team: TeamId, query: Expected) -> None:
    """Put a team, with all that is its own, into the trash."""
    await ask(DeleteTeam(by=caller.id, team=team, version=query.version))


@route("POST", "/api/teams/{team}/restore/")
async def restore_team(ask: Ask, caller: Caller, team: TeamId) -> MyTeam:
    """Take a team, with all that was its own, back from the trash."""
    return await ask(RestoreTeam(by=caller.id, team=team))


@route("POST", "/api/teams/{team}/transfer/", example=Heir(to=UserId(2)))
async def transfer_team(ask: Ask, caller: Caller, team: TeamId, body: Heir) -> MyTeam:
    """Make another member an owner in your place; you become an admin."""
    return await ask(TransferTeam(by=caller.id, team=team, to=body.to))


@route("GET", "/api/teams/{team}/trash/")
async def get_trash(ask: Ask, caller: Caller, team: TeamId) -> Trash:
    """The lists and tasks of a team that were deleted and can be restored, newest first."""
    return await ask(GetTrash(by=caller.id, team=team))


@route("GET", "/api/teams/{team}/board/")
async def get_board(ask: Ask, caller: Caller, team: TeamId, query: Then) -> Board:
    """All of a team's board at the position `seq`; listen to `/ws/team/{team}/?after=<seq>` for what follows."""
    if query.at is not None:
        return await ask(GetPastBoard(by=caller.id, team=team, at=in_utc(query.at, "at")))
    return await ask(GetBoard(by=caller.id, team=team))


@route("GET", "/api/teams/{team}/members/")
async def list_members(ask: Ask, caller: Caller, team: TeamId) -> list[Member]:
    """Who is in a team, by name."""
    return await ask(ListMembers(by=caller.id, team=team))


@route("POST", "/api/teams/{team}/members/", status=201, example=NewMember(username="ben"))
async def add_member(ask: Ask, caller: Caller, team: TeamId, body: NewMember) -> Member:
    """Take a person into a team; 409 when they are in it."""
    # Whoever may not add anybody must not learn from this who has an account here.
    role = (await ask(GetTeam(by=caller.id, team=team))).role
    if role not in (MemberRole.ADMIN, MemberRole.OWNER):
        raise forbidden(f"your role here is {role}; this takes {MemberRole.ADMIN} or more")
    person = await find_person(ask, body.username)
    return await ask(AddMember(by=caller.id, team=team, person=person, role=body.role))


@route("PATCH", "/api/teams/{team}/members/{user}/", example=MemberChanges(role=MemberRole.VIEWER))
async def change_member(ask: Ask, caller: Caller, team: TeamId, user: UserId, body: MemberChanges) -> Member:
    """Give a member another role; a team keeps at least one owner."""
    return await ask(ChangeRole(by=caller.id, team=team, user=user, role=body.role))


@route("DELETE", "/api/teams/{team}/members/{user}/", status=204)
async def remove_member(ask: Ask, caller: Caller, team: TeamId, user: UserId) -> None:
    """Take a member out of a team, or leave it."""
    await ask(RemoveMember(by=caller.id, team=team, user=user))


async def find_person(ask: Ask, username: Username, field: str = "username") -> Person:
    """Somebody by username; one that does not exist is the form's fault, not the address's."""
    try:
        user = await ask(FindUser(username=username))
    except BusError as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        raise BusError(ErrorCode.NOT_FOUND, "nobody has this username", field=field) from None
    return Person(user=user.id, username=user.username, name=user.name)
