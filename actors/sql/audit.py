"""The audit: rows are added and read, never changed."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Identity,
    Index,
    Table,
    Text,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.records import as_maybe_record, as_record, as_records
from actors.sql.users import metadata, users
from schemas.audit import AuditEntry
from schemas.ids import AuditId, Seq, TeamId, UserId

_of_team = text("seq IS NOT NULL")

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", BigInteger),
    Column("username", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("user", BigInteger),
    Column("team", BigInteger),
    Column("detail", Text, nullable=False),
    # If it comes from the history of a team: where it stands there, and what it made of that person.
    Column("seq", BigInteger),
    Column("role", Text),
    Index("uq_audit_team_seq", "team", "seq", unique=True, postgresql_where=_of_team),
    Index("ix_audit_team_user_seq", "team", "user", "seq", postgresql_where=_of_team),
)

_entry_columns = [audit.c[name] for name in AuditEntry.__struct_fields__]


async def add(connection: AsyncConnection, **values: Any) -> AuditEntry:
    """`values` are the fields of the entry but its id."""
    statement = insert(audit).values(values).returning(*_entry_columns)
    return as_record((await connection.execute(statement)).mappings().one(), AuditEntry)


async def add_of_team(connection: AsyncConnection, **values: Any) -> AuditEntry | None:
    """As `add`, with `seq` and `role`, and the name of `by` as it is now; None when it is there already."""
    username = func.coalesce(select(users.c.username).where(users.c.id == values["by"]).scalar_subquery(), "")
    statement = insert(audit).values(username=username, **values)
    unless_there = statement.on_conflict_do_nothing(index_elements=["team", "seq"], index_where=_of_team)
    row = (await connection.execute(unless_there.returning(*_entry_columns))).mappings().first()
    return as_maybe_record(row, AuditEntry)


async def role_before(connection: AsyncConnection, team: TeamId, user: UserId, seq: Seq) -> str | None:
    """What the record says that somebody was in a team before a position of its history."""
    theirs = select(audit.c.role).where(audit.c.team == team, audit.c.user == user, audit.c.seq < seq)
    return await connection.scalar(theirs.order_by(audit.c.seq.desc()).limit(1))


async def page(connection: AsyncConnection, q: str, before: AuditId | None, *, limit: int) -> list[AuditEntry]:
    """Entries whose username, act or detail holds `q`, newest first, older than `before`."""
    wanted = select(*_entry_columns).where(_holds(q), true() if before is None else audit.c.id < before)
    rows = (await connection.execute(wanted.order_by(audit.c.id.desc()).limit(limit))).mappings()
    return as_records(rows, AuditEntry)


def _holds(q: str) -> ColumnElement[bool]:
    if not q:
        return true()
    return or_(*(audit.c[name].icontains(q, autoescape=True) for name in ("username", "act", "detail")))
