"""People as accounts last told of them, and the members who do not look like that yet."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.accounts import User
from schemas.ids import TeamId, UserId
from schemas.text import Name, Username


class Outdated(msgspec.Struct, frozen=True):
    """A membership that still shows its person as they were; the rest says how they are now."""

    team: TeamId
    user: UserId
    username: Username
    name: Name
    is_active: bool


_REMEMBER = text("""
    INSERT INTO board.people ("user", version, username, name, is_active)
    SELECT "user", version, username, name, is_active
    FROM json_populate_recordset(NULL::board.people, CAST(:people AS json))
    ON CONFLICT ("user") DO UPDATE SET version = excluded.version, username = excluded.username,
        name = excluded.name, is_active = excluded.is_active
    WHERE people.version < excluded.version
""")

_OUTDATED = text("""
    SELECT CAST(coalesce(json_agg(o), '[]') AS text) FROM (
        SELECT m.team, m."user", p.username, p.name, p.is_active
        FROM board.people p JOIN board.members m ON m."user" = p."user"
        WHERE p."user" = ANY (CAST(:users AS bigint[]))
            AND (m.username, m.name, m.is_active) IS DISTINCT FROM (p.username, p.name, p.is_active)
        ORDER BY m.team, m."user" LIMIT :limit) o
""")

_outdated = msgspec.json.Decoder(list[Outdated])


async def remember(connection: AsyncConnection, users: Iterable[User]) -> None:
    """Keep how each of them is now, unless something newer is known."""
    newest = {user.id: user for user in sorted(users, key=lambda user: user.version)}
    people = [
        {"user": u.id, "version": u.version, "username": u.username, "name": u.name, "is_active": u.is_active}
        for u in sorted(newest.values(), key=lambda user: user.id)
    ]
    await connection.execute(_REMEMBER, {"people": msgspec.json.encode(people).decode()})


async def outdated(connection: AsyncConnection, users: Sequence[UserId], *, limit: int) -> list[Outdated]:
    """Some of the memberships of these users that do not show them as they are."""
    return _outdated.decode((await connection.execute(_OUTDATED, {"users": users, "limit": limit})).scalar_one())
