"""Long answers in pages: `{count, next, previous, results}`, asked for with `limit` and `offset`."""

from typing import Generic, TypeVar

from yarl import URL

from schemas.base import Record
from schemas.boards import Limit, Offset

T = TypeVar("T")

_PLACES = frozenset({"offset", "cursor", "before"})


class Paging(Record, forbid_unknown_fields=True):
    """Which page."""

    limit: Limit = 50
    offset: Offset = 0


class Page(Record, Generic[T]):
    """One page; `next` and `previous` are the addresses of those beside it, `count` is how many there are in all."""

    count: int
    next: str | None
    previous: str | None
    results: list[T]


def page(url: URL, asked: Paging, count: int, results: list[T]) -> Page[T]:
    """The page that was asked for at `url`."""
    after = asked.offset + asked.limit
    before = max(asked.offset - asked.limit, 0)
    return Page(
        count=count,
        next=_at(url, asked.limit, after) if after < count else None,
        previous=_at(url, asked.limit, before) if asked.offset > 0 else None,
        results=results,
    )


def _at(url: URL, limit: int, offset: int) -> str:
    return str(url.update_query(limit=limit, offset=offset))


def linked(url: URL, limit: int, **place: int | None) -> str | None:
    """The address of the page at `place`, the parameter that says where it begins; None where there is no such place.

    With `cursor` or `before` it is found as quickly as the first one, however far down it lies.
    """
    where = {name: number for name, number in place.items() if number is not None}
    if not where:
        return None
    rest = {name: value for name, value in url.query.items() if name not in _PLACES}
    return str(url.with_query({**rest, "limit": limit, **where}))
