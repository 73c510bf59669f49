"""Who is linked to which Telegram account: one to one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Table,
    delete,
    false,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.records import as_maybe_record, as_record, as_records
from actors.sql.users import metadata, user_columns, users
from schemas.accounts import User
from schemas.ids import TelegramId, UserId
from schemas.telegram import Contact, TelegramLink

telegram_links = Table(
    "telegram_links",
    metadata,
    Column("user", ForeignKey("accounts.users.id"), primary_key=True),
    Column("telegram", BigInteger, nullable=False, unique=True),
    Column("linked_at", DateTime(timezone=True), nullable=False),
    Column("is_reachable", Boolean, nullable=False),
)


async def add(connection: AsyncConnection, user: UserId, telegram: TelegramId, at: datetime) -> TelegramLink:
    """Raises IntegrityError when either has a link."""
    values = {"user": user, "telegram": telegram, "linked_at": at, "is_reachable": True}
    statement = insert(telegram_links).values(values).returning(telegram_links)
    return as_record((await connection.execute(statement)).mappings().one(), TelegramLink)


async def remove(connection: AsyncConnection, user: UserId, telegram: TelegramId | None = None) -> list[TelegramLink]:
    """Those of the user and of the Telegram account."""
    links = telegram_links.c
    statement = delete(telegram_links).where(or_(links.user == user, links.telegram == telegram))
    rows = (await connection.execute(statement.returning(telegram_links))).mappings()
    return as_records(rows, TelegramLink)


async def of(connection: AsyncConnection, user: UserId) -> TelegramLink | None:
    """Theirs."""
    statement = select(telegram_links).where(telegram_links.c.user == user)
    row = (await connection.execute(statement)).mappings().first()
    return as_maybe_record(row, TelegramLink)


async def owner(connection: AsyncConnection, telegram: TelegramId) -> User | None:
    """Who is linked to it, active or not."""
    linked = select(*user_columns).join(telegram_links, telegram_links.c.user == users.c.id)
    statement = linked.where(telegram_links.c.telegram == telegram)
    return as_maybe_record((await connection.execute(statement)).mappings().first(), User)


async def mark(connection: AsyncConnection, telegram: TelegramId, *, is_reachable: bool) -> TelegramLink | None:
    """The link as it is now; None when there is none or nothing was new."""
    links = telegram_links.c
    is_new = (links.telegram == telegram) & (links.is_reachable != is_reachable)
    statement = update(telegram_links).where(is_new).values(is_reachable=is_reachable).returning(telegram_links)
    return as_maybe_record((await connection.execute(statement)).mappings().first(), TelegramLink)


async def contacts(connection: AsyncConnection, wanted: Sequence[UserId]) -> list[Contact]:
    """Those who exist, by id."""
    links = telegram_links.c
    told = [users.c[name] for name in ("username", "name", "language", "time_zone", "is_active")]
    is_reachable = func.coalesce(links.is_reachable, false()).label("is_reachable")
    statement = (
        select(users.c.id.label("user"), *told, links.telegram, is_reachable)
        .outerjoin(telegram_links, links.user == users.c.id)
        .where(users.c.id == func.any(literal(list(wanted), ARRAY(BigInteger))))
        .order_by(users.c.id)
    )
    return as_records((await connection.execute(statement)).mappings(), Contact)
