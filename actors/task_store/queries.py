"""What the store can be asked, and whom it answers."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql import invites
from actors.sql.reads import AS_ADMIN, FILTERS_AT_MOST, read
from actors.task_store.invites import no_such_invite
from schemas.base import Command
from schemas.boards import BoardCommand
from schemas.comments import ListComments
from schemas.errors import conflict, forbidden, invalid, not_found
from schemas.history import GetBoard, GetPastBoard, GetTrash, GetVisit, ListActivity, MarkSeen
from schemas.invites import ListInvites, LookAtInvite
from schemas.lists import GetList, ListLists
from schemas.members import ListMembers, ListMemberships, ListStandings, MemberRole
from schemas.replay import CatchUp, GetPositions, ListPositions, ReadEvents, ReplayEvents
from schemas.search import DeleteFilter, GetTask, ListFilters, ListTasks, SaveFilter
from schemas.teams import GetTeam, ListTeams

Query = (
    ListTeams
    | GetTeam
    | ListMembers
    | ListMemberships
    | ListLists
    | GetList
    | GetTask
    | GetBoard
    | ReplayEvents
    | CatchUp
    | GetPositions
    | ListPositions
    | ReadEvents
    | ListStandings
    | GetPastBoard
    | GetTrash
    | ListActivity
    | ListComments
    | ListFilters
    | ListInvites
    | LookAtInvite
    | GetVisit
)

Personal = SaveFilter | DeleteFilter | MarkSeen
"""What concerns the asker alone: no event, no history."""

_OF_TEAM = (ListMembers, ListInvites, MarkSeen, ReadEvents)


def is_as_admin(query: Command[Any]) -> bool:
    """Whether an administrator asks as such; raises BusError where nobody can, or where one must."""
    as_admin = isinstance(query, BoardCommand) and query.as_admin
    if as_admin and not (isinstance(query, ListTasks) or type(query) in AS_ADMIN):
        raise invalid("nobody can ask for this as an administrator", "as_admin")
    if not as_admin and (isinstance(query, ListMemberships) or (isinstance(query, ListTasks) and query.deleted)):
        raise forbidden("only administrators may do this")
    return as_admin


async def look(connection: AsyncConnection, query: Query | Personal) -> Any:
    """The reply. Raises BusError: NOT_FOUND is also the answer to those who may not know."""
    match query:
        case ListInvites():
            reply = await _invites(connection, query)
        case LookAtInvite():
            reply = await invites.look(connection, query.code)
            if reply is None:
                raise no_such_invite()
        case _:
            reply = await read(connection, query)
    if reply is None and isinstance(query, SaveFilter):
        raise conflict(f"nobody may have more than {FILTERS_AT_MOST} saved filters")
    if reply is None:
        raise not_found(_missing(query))
    return reply


def _missing(query: Command[Any]) -> str:
    """What there is not, when there is no answer."""
    if isinstance(query, _OF_TEAM):
        return "team"
    return "task" if isinstance(query, ListComments) else query.tag().split(".")[0]


async def _invites(connection: AsyncConnection, query: ListInvites) -> Any:
    found = await invites.of_team(connection, query.team, query.by)
    if found is None:
        return None
    if found.role not in (MemberRole.ADMIN, MemberRole.OWNER):
        raise forbidden(f"your role here is {found.role}; this takes admin or more")
    return found.invites
