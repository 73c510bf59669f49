"""The lists of a board: its columns."""

from msgspec import UNSET, UnsetType
from yarl import URL

from gateway.api import Ask, route
from gateway.auth import Caller
from gateway.pages import Page, Paging, page
from schemas.base import Record
from schemas.boards import Version
from schemas.ids import ListId, TeamId, UserId
from schemas.lists import (
    CreateList,
    DeleteList,
    GetList,
    ListLists,
    MoveList,
    RestoreList,
    TaskList,
    UpdateList,
    WipLimit,
)
from schemas.text import Name, Query


class ListQuery(Paging):
    """`q` is a part of the name; `deleted` asks for those in the trash."""

    team: TeamId | None = None
    q: Query = ""
    deleted: bool = False

    def wanted(self, by: UserId, *, as_admin: bool = False) -> ListLists:
        """What the store is asked for."""
        return ListLists(
            by=by,
            as_admin=as_admin,
            team=self.team,
            q=self.q,
            deleted=self.deleted,
            limit=self.limit,
            offset=self.offset,
        )


class NewList(Record, forbid_unknown_fields=True):
    team: TeamId
    name: Name


class ListChanges(Record, forbid_unknown_fields=True):
    """What is sent changes, the rest stays; refused with 409 when `version` is sent and no longer current."""

    name: Name | UnsetType = UNSET
    wip_limit: WipLimit | UnsetType | None = UNSET
    version: Version | None = None


class ListPlace(Record, forbid_unknown_fields=True):
    """Before which other list of the board; null is last."""

    before: ListId | None
    version: Version | None = None


class Expected(Record, forbid_unknown_fields=True):
    """The version that the caller has seen; 409 when it is no longer current."""

    version: Version | None = None


@route("GET", "/api/lists/", also=(404,))
async def list_lists(ask: Ask, caller: Caller, url: URL, query: ListQuery) -> Page[TaskList]:
    """The lists of one team, or of all of yours."""
    found = await ask(query.wanted(caller.id))
    return page(url, query, found.count, found.lists)


@route("POST", "/api/lists/", status=201, also=(404,), example=NewList(team=TeamId(1), name="To do"))
async def create_list(ask: Ask, caller: Caller, body: NewList) -> TaskList:
    """Create an empty list at the right end of a board."""
    return await ask(CreateList(by=caller.id, team=body.team, name=body.name))


@route("GET", "/api/lists/{list}/")
async def get_list(ask: Ask, caller: Caller, list: ListId) -> TaskList:
    """One list."""
    return await ask(GetList(by=caller.id, list=list))


@route("PATCH", "/api/lists/{list}/", example=ListChanges(name="Doing"))
async def update_list(ask: Ask, caller: Caller, list: ListId, body: ListChanges) -> TaskList:
    """Change a list's name or the number of open tasks that it holds."""
    change = UpdateList(by=caller.id, list=list, name=body.name, wip_limit=body.wip_limit, version=body.version)
    return await ask(change)


@route("DELETE", "/api/lists/{list}/", status=204)
async def delete_list(ask: Ask, caller: Caller, list: ListId, query: Expected) -> None:
    """Put a list, with all that is on it, into the trash."""
    await ask(DeleteList(by=caller.id, list=list, version=query.version))


@route("POST", "/api/lists/{list}/move/", example=ListPlace(before=None))
async def move_list(ask: Ask, caller: Caller, list: ListId, body: ListPlace) -> TaskList:
    """Put a list before another one of its board, or last."""
    return await ask(MoveList(by=caller.id, list=list, before=body.before, version=body.version))


@route("POST", "/api/lists/{list}/restore/")
async def restore_list(ask: Ask, caller: Caller, list: ListId) -> TaskList:
    """Take a list, with all that was on it, back from the trash."""
    return await ask(RestoreList(by=caller.id, list=list))
