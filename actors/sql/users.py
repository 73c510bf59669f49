"""The users: one function per statement. The password's hash leaves this module only for whoever checks it."""

from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    RowMapping,
    Table,
    Text,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

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
)
_folded = func.lower(users.c.username)
Index("uq_users_username_lower", _folded, unique=True)

_user_columns = [users.c[name] for name in User.__struct_fields__]


class Credentials(NamedTuple):
    """A user and the hash that their password is checked against."""

    user: User
    password_hash: str

    def __repr__(self) -> str:
        return f"Credentials(user={self.user.id})"


async def add(
    connection: AsyncConnection, *, username: str, name: str, password_hash: str, is_admin: bool, at: datetime
) -> User | None:
    """None when somebody has that username, in whatever case."""
    values = {
        "username": username,
        "name": name,
        "password_hash": password_hash,
        "is_admin": is_admin,
        "is_active": True,
        "created_at": at,
    }
    statement = insert(users).values(values).on_conflict_do_nothing(index_elements=[_folded]).returning(*_user_columns)
    return _user((await connection.execute(statement)).mappings().first())


async def get(connection: AsyncConnection, user: UserId) -> User | None:
    """Active or not."""
    statement = select(*_user_columns).where(users.c.id == user)
    return _user((await connection.execute(statement)).mappings().first())


async def find_active(connection: AsyncConnection, username: str) -> User | None:
    """By username, in whatever case."""
    statement = select(*_user_columns).where(_folded == username.lower(), users.c.is_active)
    return _user((await connection.execute(statement)).mappings().first())


async def credentials(connection: AsyncConnection, username: str) -> Credentials | None:
    """By username, in whatever case; active or not."""
    statement = select(users).where(_folded == username.lower())
    row = (await connection.execute(statement)).mappings().first()
    user = _user(row)
    return Credentials(user, row["password_hash"]) if user and row else None


async def replace_hash(connection: AsyncConnection, user: UserId, *, old: str, new: str) -> None:
    """Keep `new`, unless the password was changed since `old` was read."""
    statement = update(users).where(users.c.id == user, users.c.password_hash == old).values(password_hash=new)
    await connection.execute(statement)


def _user(row: RowMapping | None) -> User | None:
    if row is None:
        return None
    return msgspec.convert({name: row[name] for name in User.__struct_fields__}, User)
