"""Finding tasks among many: a page costs the same however many there are."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import TextClause

from actors.sql import searches
from schemas.ids import TaskId, UserId
from schemas.search import OFFSET_LIMIT, ListTasks, TaskFilter
from schemas.tasks import Priority

_OPEN, _DONE, _AWAY = 0, 1, 2
"""What `board.state` says of a task."""
_LAST_ID = 2**53
_REACHES = (51, 501, OFFSET_LIMIT + 501)
"""How far into each team a page may lie; each has statements of its own."""


class Page(msgspec.Struct, frozen=True):
    """Some tasks, newest first."""

    tasks: msgspec.Raw
    first: TaskId | None
    last: TaskId | None
    more: bool
    """Whether there are further ones in the direction of reading."""
    count: int | None = None
    """Of all that was asked for, where gathering found that out."""


class Search:
    """What somebody asks for, ready to be asked of the database."""

    def __init__(self, query: ListTasks) -> None:
        wanted = query.filter
        given = _given(query)
        self._names = searches.Names(name for name, value in given.items() if value is not None)
        self._order = "ASC" if query.before else "DESC"
        self._reach = next(reach for reach in _REACHES if reach > query.limit + query.offset)
        self._given = given | {
            "by": query.by,
            "states": _states(wanted, query.by),
            "low": query.before + 1 if query.before else 0,
            "high": query.cursor - 1 if query.cursor else _LAST_ID,
            "limit": query.limit,
            "offset": query.offset,
        }

    @property
    def gathers(self) -> bool:
        """Whether to gather first; what proves to be frequent is walked to."""
        return searches.gathers(self._names)

    async def walk(self, connection: AsyncConnection) -> Page:
        """A page, however many there are of what is asked for."""
        return await self._read(connection, searches.walking(self._names, self._reach, self._order))

    async def gather(self, connection: AsyncConnection) -> Page:
        """A page and its `count`; right only where that is below COUNT_LIMIT."""
        return await self._read(connection, searches.gathering(self._names, self._order))

    async def count(self, connection: AsyncConnection) -> int:
        """How many there are of what is asked for, or COUNT_LIMIT."""
        return (await connection.execute(searches.counting(self._names), self._given)).scalar_one()

    async def _read(self, connection: AsyncConnection, statement: TextClause) -> Page:
        tasks, *more = (await connection.execute(statement, self._given)).one()
        return Page(msgspec.Raw(tasks.encode()), *more)


def _given(query: ListTasks) -> dict[str, Any]:
    wanted = query.filter
    return {
        "as_admin": query.as_admin or None,
        "deleted": query.deleted or None,
        "team": wanted.team,
        "person": query.by if wanted.mine else wanted.assignee,
        "list": wanted.list,
        "priority": wanted.priority,
        "ranked": True if wanted.priority not in (None, Priority.NONE) else None,
        # Tasks that were put away are of either kind; the others are told apart by their state.
        "is_done": _is_done(wanted) if wanted.archived else None,
        "is_overdue": wanted.is_overdue or None,
        "due_from": wanted.due_from,
        "due_before": wanted.due_before,
        "label": wanted.label,
        "watcher": query.by if wanted.watched else None,
        "words": wanted.q or None,
    }


def _is_done(wanted: TaskFilter) -> bool | None:
    return False if wanted.is_overdue else wanted.is_done


def _states(wanted: TaskFilter, by: UserId) -> list[int]:
    """Of the tasks that are asked for; none where two wishes exclude each other."""
    if (wanted.mine and wanted.assignee not in (None, by)) or (wanted.is_overdue and wanted.is_done):
        return []
    states = {None: [_OPEN, _DONE], False: [_OPEN], True: [_DONE]}[_is_done(wanted)]
    return [*states, _AWAY] if wanted.archived else states


_POSITIONS = text("""
    SELECT me."user", string_agg(t.id || '.' || t.seq, ' ' ORDER BY t.id)
    FROM board.members me JOIN board.teams t ON t.id = me.team AND t.deleted_at IS NULL
    WHERE me."user" = ANY (CAST(:users AS bigint[])) GROUP BY me."user"
""")


async def positions(connection: AsyncConnection, users: Iterable[UserId]) -> dict[UserId, str]:
    """Where everybody's teams stand: as long as that stays, they see the same. Without those who are in no team."""
    found = await connection.execute(_POSITIONS, {"users": list(users)})
    return {user: position for user, position in found}  # noqa: C416 - a row is no pair for a type checker
