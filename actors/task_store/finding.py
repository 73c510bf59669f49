"""Finding tasks, and remembering what was found for as long as nothing happens."""

import asyncio
from hashlib import blake2b

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.finding import Page, Search, positions
from actors.task_store.turns import Turns
from infra.db import single_statements
from infra.remembered import Remembered
from schemas.errors import invalid
from schemas.ids import UserId
from schemas.search import COUNT_LIMIT, OFFSET_LIMIT, ListTasks, TaskPage

_COUNTS = 10_000
_PAGES_BYTES = 16 * 1024 * 1024
_MAX_ID = 2**53 - 1
_TAG_BYTES = 12
_AT_ONCE = 6
"""Fewer than there are connections, so that changes need not wait for one."""


class _Look:
    """One look at where the teams of some people stand."""

    def __init__(self) -> None:
        self.users: set[UserId] = set()
        self.found: dict[UserId, str] | None = None


class Positions:
    """Where people's teams stand. Whoever asks while a look is under way shares the next one with all who do."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._next = _Look()
        self._turn = asyncio.Lock()

    async def of(self, user: UserId) -> str:
        """As of a look that began after this was asked; empty when they are in no team."""
        look = self._next
        look.users.add(user)
        async with self._turn:
            if look.found is None:
                self._next = _Look()
                async with self._engine.connect() as connection:
                    look.found = await positions(connection, look.users)
        return look.found.get(user, "")


class Finder:
    """Answers ListTasks. Several stores may run: each asks the database where the teams stand before it remembers."""

    def __init__(self, engine: AsyncEngine) -> None:
        """The engine's plans are to be fixed ones."""
        self._engine = single_statements(engine)
        self._positions = Positions(self._engine)
        self._turns = Turns()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._counts = Remembered[int](_COUNTS)
        self._pages = Remembered[msgspec.Raw](_PAGES_BYTES)

    async def find(self, query: ListTasks) -> msgspec.Raw:
        """A TaskPage as JSON. Raises BusError."""
        if query.offset > OFFSET_LIMIT:
            raise invalid(f"no further than {OFFSET_LIMIT}; use `cursor`", "offset")
        if query.cursor is not None and query.before is not None:
            raise invalid("either `cursor` or `before`", "before")
        query = replace(query, filter=query.filter.dated())
        if query.as_admin or query.filter.is_overdue:
            # Administrators see all teams, and tasks fall due without anything happening.
            return _reply(query, *await self._look(Search(query), None))
        position = await self._positions.of(query.by)
        if not position:
            return _reply(query, Page(msgspec.Raw(b"[]"), None, None, more=False), 0)
        tag = blake2b(position.encode(), digest_size=_TAG_BYTES).hexdigest()
        if query.known == tag:
            return _SAME
        query = replace(query, known=None)
        page = self._pages.get(query, tag)
        if page is None:
            # Many ask for the same page at once when it has changed: one of them looks.
            async with self._turns.of((query, tag)):
                page = self._pages.get(query, tag) or await self._answer(query, tag)
                self._pages.keep(query, tag, page, len(bytes(page)))
        return page

    async def _answer(self, query: ListTasks, tag: str) -> msgspec.Raw:
        everything = replace(query, cursor=None, before=None, limit=1, offset=0)
        count = self._counts.get(everything, tag)
        if count is not None:
            return _reply(query, *await self._look(Search(query), count), tag)
        async with self._turns.of((everything, tag, "count")):
            page, count = await self._look(Search(query), self._counts.get(everything, tag))
            self._counts.keep(everything, tag, count)
        return _reply(query, page, count, tag)

    async def _look(self, search: Search, count: int | None) -> tuple[Page, int]:
        """The page, and how many there are in all, unless that is known."""
        async with self._room, self._engine.connect() as connection:
            if search.gathers and (count is None or count < COUNT_LIMIT):
                page = await search.gather(connection)
                count = page.count or 0
                if count < COUNT_LIMIT:
                    return page, count
            elif count is None:
                count = await search.count(connection)
            return await search.walk(connection), count


class _Reply(msgspec.Struct):
    """A TaskPage whose tasks are JSON already."""

    count: int
    tasks: msgspec.Raw
    cursor: int | None
    before: int | None
    tag: str | None


_SAME = msgspec.Raw(msgspec.json.encode(TaskPage(count=0, tasks=[], same=True)))


def _reply(query: ListTasks, page: Page, count: int, tag: str | None = None) -> msgspec.Raw:
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
    return msgspec.Raw(msgspec.json.encode(_Reply(count, page.tasks, cursor, before, tag)))
