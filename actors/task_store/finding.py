"""Finding tasks, and remembering what was found for as long as nothing happens."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.finding import Page, Search, positions
from schemas.errors import invalid
from schemas.search import COUNT_LIMIT, OFFSET_LIMIT, ListTasks

V = TypeVar("V")

_COUNTS = 10_000
_PAGES_BYTES = 16 * 1024 * 1024
_MAX_ID = 2**53 - 1


class Remembered(Generic[V]):
    """Answers that hold while the teams of their asker stand where they stood; what is asked for least goes first."""

    def __init__(self, capacity: int) -> None:
        """`capacity` is the sum of all sizes."""
        self._room = capacity
        self._most = capacity // 2
        self._answers: OrderedDict[Hashable, tuple[str, V, int]] = OrderedDict()

    def get(self, question: Hashable, position: str) -> V | None:
        found = self._answers.get(question)
        if found is None or found[0] != position:
            return None
        self._answers.move_to_end(question)
        return found[1]

    def keep(self, question: Hashable, position: str, answer: V, size: int = 1) -> None:
        if size > self._most:
            return
        if (former := self._answers.pop(question, None)) is not None:
            self._room += former[2]
        self._answers[question] = (position, answer, size)
        self._room -= size
        while self._room < 0:
            self._room += self._answers.popitem(last=False)[1][2]


class Finder:
    """Answers ListTasks. Several stores may run: each asks the database where the teams stand before it remembers."""

    def __init__(self) -> None:
        self._counts = Remembered[int](_COUNTS)
        self._pages = Remembered[msgspec.Raw](_PAGES_BYTES)

    async def find(self, connection: AsyncConnection, query: ListTasks) -> msgspec.Raw:
        """A TaskPage as JSON. Raises BusError."""
        if query.offset > OFFSET_LIMIT:
            raise invalid(f"no further than {OFFSET_LIMIT}; use `cursor`", "offset")
        if query.cursor is not None and query.before is not None:
            raise invalid("either `cursor` or `before`", "before")
        query = replace(query, filter=query.filter.dated())
        if query.as_admin or query.filter.is_overdue:
            # Administrators see all teams, and tasks fall due without anything happening.
            return _reply(query, *await self._look(connection, query, None))
        position = await positions(connection, query.by)
        if position is None:
            return _reply(query, Page(msgspec.Raw(b"[]"), None, None, more=False), 0)
        known = self._pages.get(query, position)
        if known is None:
            known = _reply(query, *await self._look(connection, query, position))
            self._pages.keep(query, position, known, len(bytes(known)))
        return known

    async def _look(self, connection: AsyncConnection, query: ListTasks, position: str | None) -> tuple[Page, int]:
        """The page, and how many there are in all."""
        search = Search(query)
        everything = replace(query, cursor=None, before=None, limit=1, offset=0)
        count = self._counts.get(everything, position) if position else None
        if search.gathers and (count is None or count < COUNT_LIMIT):
            page = await search.gather(connection)
            if page.count is not None and page.count < COUNT_LIMIT:
                return page, page.count
            count = COUNT_LIMIT
        elif count is None:
            count = await search.count(connection)
        if position:
            self._counts.keep(everything, position, count)
        return await search.walk(connection), count


class _Reply(msgspec.Struct):
    """A TaskPage whose tasks are JSON already."""

    count: int
    tasks: msgspec.Raw
    cursor: int | None
    before: int | None


def _reply(query: ListTasks, page: Page, count: int) -> msgspec.Raw:
    """On the side that a page was read from there are more tasks; on the other one, if the page says so.

    A page with nothing on it leads back to where it was asked from, as far as that is an id.
    """
    if query.before is not None:
        cursor, before = page.last or min(query.before + 1, _MAX_ID), page.first if page.more else None
    else:
        cursor, before = page.last if page.more else None, None
        if query.cursor is not None:
            before = page.first or max(query.cursor - 1, 1)
        elif query.offset:
            before = page.first
    return msgspec.Raw(msgspec.json.encode(_Reply(count, page.tasks, cursor, before)))
