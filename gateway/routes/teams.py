"""Teams, their boards and their members."""

from yarl import URL

from gateway.api import Ask, route
from gateway.auth import Caller
from gateway.pages import Page, Paging, page
from schemas.accounts import FindUser, User
from schemas.base import Record
from schemas.boards import (
    AddMember,
    ChangeRole,
    CreateTeam,
    GetTeam,
    ListMembers,
    ListTeams,
    Member,
    MemberRole,
    MyTeam,
    Person,
    RemoveMember,
    RenameTeam,
    Version,
)
from schemas.errors import BusError, ErrorCode
from schemas.history import Board, GetBoard
from schemas.ids import TeamId, UserId
from schemas.text import Name, Username


class NewTeam(Record, forbid_unknown_fields=True):
    name: Name


class TeamChanges(Record, forbid_unknown_fields=True):
    """A new name; refused with 409 when `version` is sent and no longer current."""

    name: Name
    version: Version | None = None


class NewMember(Record, forbid_unknown_fields=True):
    username: Username
    role: MemberRole = MemberRole.MEMBER


class MemberChanges(Record, forbid_unknown_fields=True):
    role: MemberRole


@route("GET", "/api/teams/")
async def list_teams(ask: Ask, caller: Caller, url: URL, query: Paging) -> Page[MyTeam]:
    """The teams that you are in, by name."""
    found = await ask(ListTeams(by=caller.id, limit=query.limit, offset=query.offset))
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


@route("GET", "/api/teams/{team}/board/")
async def get_board(ask: Ask, caller: Caller, team: TeamId) -> Board:
    """All of a team's board at the position `seq`; listen to `/ws/team/{team}/?after=<seq>` for what follows."""
    return await ask(GetBoard(by=caller.id, team=team))


@route("GET", "/api/teams/{team}/members/")
async def list_members(ask: Ask, caller: Caller, team: TeamId) -> list[Member]:
    """Who is in a team, by name."""
    return await ask(ListMembers(by=caller.id, team=team))


@route("POST", "/api/teams/{team}/members/", status=201, example=NewMember(username="ben"))
async def add_member(ask: Ask, caller: Caller, team: TeamId, body: NewMember) -> Member:
    """Take a person into a team; 409 when they are in it."""
    # Outsiders must not learn from this who has an account here.
    await ask(GetTeam(by=caller.id, team=team))
    user = await _find(ask, body.username)
    person = Person(user=user.id, username=user.username, name=user.name)
    return await ask(AddMember(by=caller.id, team=team, person=person, role=body.role))


@route("PATCH", "/api/teams/{team}/members/{user}/", example=MemberChanges(role=MemberRole.VIEWER))
async def change_member(ask: Ask, caller: Caller, team: TeamId, user: UserId, body: MemberChanges) -> Member:
    """Give a member another role; a team keeps at least one owner."""
    return await ask(ChangeRole(by=caller.id, team=team, user=user, role=body.role))


@route("DELETE", "/api/teams/{team}/members/{user}/", status=204)
async def remove_member(ask: Ask, caller: Caller, team: TeamId, user: UserId) -> None:
    """Take a member out of a team, or leave it."""
    await ask(RemoveMember(by=caller.id, team=team, user=user))


async def _find(ask: Ask, username: Username) -> User:
    """A user by name; one that does not exist is the form's fault, not the address's."""
    try:
        return await ask(FindUser(username=username))
    except BusError as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        raise BusError(ErrorCode.NOT_FOUND, "nobody has this username", field="username") from None
