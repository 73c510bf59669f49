"""Groups that hear of teams."""

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.notices import deliveries, groups, notices
from schemas.deliveries import BindGroup, Group
from schemas.ids import ChatId, TeamId, ThreadId, UserId
from schemas.notices import Kind

_MOVE = (deliveries, "chat"), (deliveries, "recipient"), (notices, "recipient")
_SETTLE = text("""
    WITH locked AS MATERIALIZED (
        SELECT id FROM notices.notices WHERE recipient = :chat AND thread = :thread AND stage <> 'settled'
        ORDER BY id FOR UPDATE)
    UPDATE notices.notices n SET stage = 'settled', next_at = NULL, outcome = 'the group hears of no team now'
    FROM locked WHERE n.id = locked.id
""")

# Somebody has bound both names of the group to the same team: it was told under the new one.
_TOLD_TWICE = text("""
    DELETE FROM notices.notices old USING notices.notices new
    WHERE old.recipient = :chat AND new.recipient = :to
        AND (new.thread, new.team, new.seq) = (old.thread, old.team, old.seq)
""")


def _group(row: RowMapping) -> Group:
    kinds = tuple(Kind(kind) for kind in row["kinds"])
    values = {name: row[name] for name in ("chat", "title", "team", "team_name", "bound_by", "bound_at")}
    return Group(thread=ThreadId(row["thread"]) if row["thread"] else None, kinds=kinds, **values)


async def bind(connection: AsyncConnection, command: BindGroup, team_name: str, at: datetime) -> Group:
    """Whatever it heard of before, now it hears of this team."""
    values: dict[str, Any] = {
        "title": command.title,
        "team": command.team,
        "team_name": team_name,
        "kinds": list(dict.fromkeys(command.kinds)),
        "bound_by": command.by,
        "bound_at": at,
        "is_reachable": True,
    }
    statement = insert(groups).values(chat=command.chat, thread=command.thread or 0, **values)
    statement = statement.on_conflict_do_update(index_elements=["chat", "thread"], set_=values)
    return _group((await connection.execute(statement.returning(groups))).mappings().one())


async def get(connection: AsyncConnection, chat: ChatId, thread: ThreadId | None) -> Group | None:
    """What it hears of."""
    statement = select(groups).where(groups.c.chat == chat, groups.c.thread == (thread or 0))
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else _group(row)


async def of_team(connection: AsyncConnection, team: TeamId) -> list[Group]:
    """Those that hear of it, the first bound first."""
    statement = select(groups).where(groups.c.team == team).order_by(groups.c.bound_at, groups.c.chat, groups.c.thread)
    return [_group(row) for row in (await connection.execute(statement)).mappings()]


async def unbind(connection: AsyncConnection, chat: ChatId, thread: ThreadId | None) -> None:
    """It hears of nothing, and what was to be sent is not."""
    await connection.execute(delete(groups).where(groups.c.chat == chat, groups.c.thread == (thread or 0)))
    await connection.execute(_SETTLE, {"chat": chat, "thread": thread or 0})


async def leave(connection: AsyncConnection, team: TeamId, user: UserId, at: datetime) -> None:
    """What somebody had bound before they left a team then hears of it no more."""
    statement = delete(groups).where(groups.c.team == team, groups.c.bound_by == user, groups.c.bound_at < at)
    for chat, thread in await connection.execute(statement.returning(groups.c.chat, groups.c.thread)):
        await connection.execute(_SETTLE, {"chat": chat, "thread": thread})


async def choose(
    connection: AsyncConnection, chat: ChatId, thread: ThreadId | None, kinds: tuple[Kind, ...]
) -> Group | None:
    """Give it other kinds."""
    values = {"kinds": list(dict.fromkeys(kinds)), "is_reachable": True}
    statement = update(groups).where(groups.c.chat == chat, groups.c.thread == (thread or 0)).values(values)
    row = (await connection.execute(statement.returning(groups))).mappings().first()
    return None if row is None else _group(row)


async def mark(connection: AsyncConnection, chat: ChatId, thread: int | None = None, *, is_reachable: bool) -> None:
    """Whether the bot may write there: in one topic, or in the whole group."""
    statement = update(groups).where(groups.c.chat == chat)
    if thread is not None:
        statement = statement.where(groups.c.thread == thread)
    await connection.execute(statement.values(is_reachable=is_reachable))


async def count(connection: AsyncConnection, team: TeamId) -> int:
    """How many hear of it."""
    statement = select(func.count()).select_from(groups).where(groups.c.team == team)
    return (await connection.execute(statement)).scalar_one()


async def move(connection: AsyncConnection, chat: ChatId, to: ChatId) -> None:
    """All that was of one chat is of another; what that one heard of before gives way."""
    ours = select(groups.c.thread).where(groups.c.chat == chat).scalar_subquery()
    await connection.execute(delete(groups).where(groups.c.chat == to, groups.c.thread.in_(ours)))
    await connection.execute(update(groups).where(groups.c.chat == chat).values(chat=to))
    await connection.execute(_TOLD_TWICE, {"chat": chat, "to": to})
    for table, column in _MOVE:
        await connection.execute(update(table).where(table.c[column] == chat).values({column: to}))
