"""Which users have changed and are not yet known to lie safely in the stream: an outbox in a column of theirs."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.records import as_records
from actors.sql.users import user_columns, users
from schemas.accounts import User
from schemas.ids import UserId

_MARK = text("""
    UPDATE accounts.users u SET announced = true
    FROM unnest(CAST(:ids AS bigint[]), CAST(:versions AS integer[])) p (id, version)
    WHERE u.id = p.id AND u.version = p.version
""")


async def unannounced(connection: AsyncConnection, after: UserId, *, limit: int) -> list[User]:
    """Some of them, by id, that come after one."""
    wanted = select(*user_columns).where(~users.c.announced, users.c.id > after).order_by(users.c.id).limit(limit)
    return as_records((await connection.execute(wanted)).mappings(), User)


async def mark(connection: AsyncConnection, announced: Sequence[User]) -> None:
    """Each in this version; who has changed since is still to be announced."""
    ids, versions = [user.id for user in announced], [user.version for user in announced]
    await connection.execute(_MARK, {"ids": ids, "versions": versions})
