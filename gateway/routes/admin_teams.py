"""The administration: teams and who is in them."""

from yarl import URL

from gateway.access.administrators import administrator
from gateway.api import Ask, route
from gateway.auth import Caller
from gateway.pages import Page, Paging, page
from gateway.routes.lists import Expected
from gateway.routes.teams import MemberChanges, TeamChanges, find_person
from schemas.base import Record
from schemas.ids import TeamId, UserId
from schemas.members import AddMember, ChangeRole, ListMemberships, Member, MemberRole, RemoveMember
from schemas.teams import CreateTeam, DeleteTeam, ListTeams, MyTeam, RenameTeam, RestoreTeam
from schemas.text import Name, Query, Username


class AllTeamsQuery(Paging):
    """`q` is a part of the name; `deleted` asks for those in the trash."""

    q: Query = ""
    deleted: bool = False


class TeamOf(Record, forbid_unknown_fields=True):
    name: Name
    owner: Username
    """Who is to own it."""


class MembershipQuery(Paging):
    """`q` is a part of the username or of the name."""

    q: Query = ""
    team: TeamId | None = None
    user: UserId | None = None


class NewMembership(Record, forbid_unknown_fields=True):
    team: TeamId
    username: Username
    role: MemberRole = MemberRole.MEMBER


@route("GET", "/api/admin/teams/", also=(403,))
async def admin_list_teams(ask: Ask, caller: Caller, url: URL, query: AllTeamsQuery) -> Page[MyTeam]:
    """All teams, by name; `count` is exact up to 10,000."""
    wanted = ListTeams(
        by=administrator(caller),
        as_admin=True,
        q=query.q,
        deleted=query.deleted,
        limit=query.limit,
        offset=query.offset,
    )
    found = await ask(wanted)
    return page(url, query, found.count, found.teams)


@route("POST", "/api/admin/teams/", status=201, also=(404,), example=TeamOf(name="Kitchen", owner="ben"))
async def admin_create_team(ask: Ask, caller: Caller, body: TeamOf) -> MyTeam:
    """Create a team for somebody."""
    by = administrator(caller)
    owner = await find_person(ask, body.owner, "owner")
    return await ask(CreateTeam(by=by, as_admin=True, name=body.name, person=owner))


@route("PATCH", "/api/admin/teams/{team}/", example=TeamChanges(name="Kitchen and garden"))
async def admin_rename_team(ask: Ask, caller: Caller, team: TeamId, body: TeamChanges) -> MyTeam:
    """Give a team another name."""
    by = administrator(caller)
    return await ask(RenameTeam(by=by, as_admin=True, team=team, name=body.name, version=body.version))


@route("DELETE", "/api/admin/teams/{team}/", status=204)
async def admin_delete_team(ask: Ask, caller: Caller, team: TeamId, query: Expected) -> None:
    """Put a team, with all that is its own, into the trash."""
    await ask(DeleteTeam(by=administrator(caller), as_admin=True, team=team, version=query.version))


@route("POST", "/api/admin/teams/{team}/restore/")
async def admin_restore_team(ask: Ask, caller: Caller, team: TeamId) -> MyTeam:
    """Take a team, with all that was its own, back from the trash."""
    return await ask(RestoreTeam(by=administrator(caller), as_admin=True, team=team))


@route("GET", "/api/admin/memberships/", also=(403,))
async def admin_list_memberships(ask: Ask, caller: Caller, url: URL, query: MembershipQuery) -> Page[Member]:
    """Who is in which team; `count` is exact up to 10,000."""
    wanted = ListMemberships(
        by=administrator(caller),
        as_admin=True,
        q=query.q,
        team=query.team,
        user=query.user,
        limit=query.limit,
        offset=query.offset,
    )
    found = await ask(wanted)
    return page(url, query, found.count, found.members)


@route(
    "POST",
    "/api/admin/memberships/",
    status=201,
    also=(404,),
    example=NewMembership(team=TeamId(1), username="ben"),
)
async def admin_add_member(ask: Ask, caller: Caller, body: NewMembership) -> Member:
    """Take a person into a team; 409 when they are in it."""
    by = administrator(caller)
    person = await find_person(ask, body.username)
    return await ask(AddMember(by=by, as_admin=True, team=body.team, person=person, role=body.role))


@route("PATCH", "/api/admin/memberships/{team}/{user}/", example=MemberChanges(role=MemberRole.VIEWER))
async def admin_change_member(ask: Ask, caller: Caller, team: TeamId, user: UserId, body: MemberChanges) -> Member:
    """Give a member another role; a team keeps at least one owner."""
    return await ask(ChangeRole(by=administrator(caller), as_admin=True, team=team, user=user, role=body.role))


@route("DELETE", "/api/admin/memberships/{team}/{user}/", status=204)
async def admin_remove_member(ask: Ask, caller: Caller, team: TeamId, user: UserId) -> None:
    """Take a member out of a team."""
    await ask(RemoveMember(by=administrator(caller), as_admin=True, team=team, user=user))
