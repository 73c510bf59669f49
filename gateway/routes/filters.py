"""What somebody looks for again and again."""

from gateway.api import Ask, route
from gateway.auth import Caller
from schemas.base import Record
from schemas.ids import FilterId
from schemas.search import DeleteFilter, ListFilters, SavedFilter, SaveFilter, TaskFilter
from schemas.text import Name


class Wanted(TaskFilter, forbid_unknown_fields=True):
    """What to look for; all that is given must hold."""


class NewFilter(Record, forbid_unknown_fields=True):
    name: Name
    filter: Wanted


@route("GET", "/api/filters/")
async def list_filters(ask: Ask, caller: Caller) -> list[SavedFilter]:
    """Your filters, by name."""
    return await ask(ListFilters(by=caller.id))


@route("POST", "/api/filters/", status=201, example=NewFilter(name="Mine", filter=Wanted(mine=True)))
async def save_filter(ask: Ask, caller: Caller, body: NewFilter) -> SavedFilter:
    """Keep a filter under a name; one that has the name already is replaced."""
    return await ask(SaveFilter(by=caller.id, name=body.name, filter=body.filter.dated()))


@route("DELETE", "/api/filters/{filter}/", status=204)
async def delete_filter(ask: Ask, caller: Caller, filter: FilterId) -> None:
    """Keep a filter no longer."""
    await ask(DeleteFilter(by=caller.id, filter=filter))
