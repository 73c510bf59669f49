"""The users: one function per statement. The password's hash leaves this module only for whoever checks it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    and_,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.records import as_maybe_record, as_record, as_records
from infra.db import schema_metadata
from schemas.accounts import User
from schemas.ids import UserId

metadata = schema_metadata("accounts")

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("username", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("language", Text),
    Column("time_zone", Text, nullable=False),
    Column("signed_out_at", DateTime(timezone=True)),
    Column("version", Integer, nullable=False),
    # Whether this version is known to lie safely in the stream.
    Column("announced", Boolean, nullable=False),
    Index("ix_users_unannounced", "id", postgresql_where=text("NOT announced")),
)
_folded = func.lower(users.c.username)
Index("uq_users_username_lower", _folded, unique=True)

user_columns = [users.c[name] for name in User.__struct_fields__]


class Credentials(NamedTuple):
    """A user and the hash that their password is checked against."""

    user: User
    password_hash: str

    def __repr__(self) -> str:
        return f"Credentials(user={self.user.id})"


async def add(
    connection: AsyncConnection, *, username: str, name: str, password_hash: str, at: datetime, **others: Any
) -> User | None:
    """None when somebody has that username, in whatever case. `others` are columns that differ from what is usual."""
    usual = {"is_admin": False, "is_active": True, "time_zone": "UTC", "version": 1, "announced": False}
    told = {"username": username, "name": name, "password_hash": password_hash, "created_at": at}
    statement = insert(users).values({**usual, **told, **others})
    unless_taken = statement.on_conflict_do_nothing(index_elements=[_folded]).returning(*user_columns)
    return as_maybe_record((await connection.execute(unless_taken)).mappings().first(), User)


async def get(connection: AsyncConnection, user: UserId, *, lock: bool = False) -> User | None:
    """Active or not; with `lock`, nobody else changes them until this transaction ends."""
    statement = select(*user_columns).where(users.c.id == user)
    rows = await connection.execute(statement.with_for_update() if lock else statement)
    return as_maybe_record(rows.mappings().first(), User)


async def find_active(connection: AsyncConnection, username: str) -> User | None:
    """By username, in whatever case."""
    statement = select(*user_columns).where(_folded == username.lower(), users.c.is_active)
    return as_maybe_record((await connection.execute(statement)).mappings().first(), User)


async def credentials(connection: AsyncConnection, who: str | UserId) -> Credentials | None:
    """By username, in whatever case, or by id; active or not."""
    is_who = _folded == who.lower() if isinstance(who, str) else users.c.id == who
    row = (await connection.execute(select(users).where(is_who))).mappings().first()
    return Credentials(as_record(row, User), row["password_hash"]) if row else None


async def page(
    connection: AsyncConnection, q: str, *, is_active: bool | None, limit: int, offset: int
) -> tuple[int, list[User]]:
    """How many there are whose username or name holds `q`, and some of them by username."""
    wanted = and_(_holds(q), true() if is_active is None else users.c.is_active == is_active)
    count = await connection.scalar(select(func.count()).select_from(users).where(wanted))
    some = select(*user_columns).where(wanted).order_by(_folded).limit(limit).offset(offset)
    return count or 0, as_records((await connection.execute(some)).mappings(), User)


def _holds(q: str) -> ColumnElement[bool]:
    if not q:
        return true()
    return or_(users.c.username.icontains(q, autoescape=True), users.c.name.icontains(q, autoescape=True))


async def lock_active_admins(connection: AsyncConnection) -> set[UserId]:
    """Until this transaction ends, none of them is changed by anybody else; always locked in the same order."""
    statement = select(users.c.id).where(users.c.is_admin, users.c.is_active).order_by(users.c.id).with_for_update()
    return {UserId(user) for user in await connection.scalars(statement)}


async def change(connection: AsyncConnection, user: UserId, values: Mapping[str, Any]) -> User:
    """Set some columns; it becomes another version, to be announced. Raises IntegrityError for a username taken."""
    news = {**values, "version": users.c.version + 1, "announced": False}
    statement = update(users).where(users.c.id == user).values(news).returning(*user_columns)
    return as_record((await connection.execute(statement)).mappings().one(), User)


async def replace_hash(connection: AsyncConnection, user: UserId, *, old: str, new: str) -> bool:
    """Keep `new`, unless the password was changed since `old` was read; then False."""
    statement = update(users).where(users.c.id == user, users.c.password_hash == old).values(password_hash=new)
    return (await connection.execute(statement)).rowcount == 1
