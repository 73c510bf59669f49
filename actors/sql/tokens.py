"""The API tokens. Of each only a digest of its secret is kept."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    LargeBinary,
    Table,
    Text,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.records import as_maybe_record, as_record, as_records
from actors.sql.users import metadata, user_columns, users
from schemas.accounts import User
from schemas.ids import TokenId, UserId
from schemas.tokens import Scope, Token

_moment = DateTime(timezone=True)

tokens = Table(
    "tokens",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("user", ForeignKey("accounts.users.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("last_used_at", _moment),
    Column("expires_at", _moment),
)

_token_columns = [tokens.c[name] for name in Token.__struct_fields__]


class Held(NamedTuple):
    """A token as it was found by its secret."""

    token: TokenId
    scope: Scope
    last_used_at: datetime | None
    user: User


async def add(
    connection: AsyncConnection,
    user: UserId,
    *,
    name: str,
    scope: Scope,
    digest: bytes,
    hint: str,
    at: datetime,
    expires_at: datetime | None,
) -> Token:
    """Keep a new one."""
    values = {"user": user, "name": name, "scope": scope.value, "digest": digest, "hint": hint}
    moments = {"created_at": at, "expires_at": expires_at}
    statement = insert(tokens).values({**values, **moments}).returning(*_token_columns)
    return as_record((await connection.execute(statement)).mappings().one(), Token)


async def count(connection: AsyncConnection, user: UserId) -> int:
    """How many they have, expired ones too."""
    return await connection.scalar(select(func.count()).select_from(tokens).where(tokens.c.user == user)) or 0


async def of(connection: AsyncConnection, user: UserId) -> list[Token]:
    """Theirs, newest first."""
    statement = select(*_token_columns).where(tokens.c.user == user).order_by(tokens.c.id.desc())
    return as_records((await connection.execute(statement)).mappings(), Token)


async def remove(connection: AsyncConnection, user: UserId, token: TokenId) -> Token | None:
    """None when it is not theirs."""
    statement = delete(tokens).where(tokens.c.id == token, tokens.c.user == user).returning(*_token_columns)
    row = (await connection.execute(statement)).mappings().first()
    return as_maybe_record(row, Token)


async def remove_all(connection: AsyncConnection, user: UserId) -> list[Token]:
    """Those that they had."""
    statement = delete(tokens).where(tokens.c.user == user).returning(*_token_columns)
    return as_records((await connection.execute(statement)).mappings(), Token)


async def find(connection: AsyncConnection, digest: bytes, at: datetime) -> Held | None:
    """By the digest of its secret, if it has not expired at that moment and its owner is active."""
    statement = (
        select(*user_columns, tokens.c.id.label("token"), tokens.c.scope, tokens.c.last_used_at)
        .join(users, users.c.id == tokens.c.user)
        .where(tokens.c.digest == digest, users.c.is_active)
        .where(or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > at))
    )
    row = (await connection.execute(statement)).mappings().first()
    if row is None:
        return None
    return Held(row["token"], Scope(row["scope"]), row["last_used_at"], as_record(row, User))


async def touch(connection: AsyncConnection, token: TokenId, at: datetime) -> None:
    """Remember that it was used then."""
    await connection.execute(update(tokens).where(tokens.c.id == token).values(last_used_at=at))
