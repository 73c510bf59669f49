"""The tables of the notifier. Who is told is a `recipient`: a person's id, or a group's, which is below zero."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from infra.db import schema_metadata

metadata = schema_metadata("notices")

_moment = DateTime(timezone=True)
_open = text("stage <> 'settled'")
_unsettled = text("state IN ('waiting', 'sending')")

positions = Table(
    "positions",
    metadata,
    # Up to where the history of each team was worked off. Team 0 is none: its row says that we once stood anywhere.
    Column("team", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
)

paces = Table(
    "paces",
    metadata,
    # Whoever sends something to a recipient locks this row: so they are told in order, and not too often.
    Column("recipient", BigInteger, primary_key=True, autoincrement=False),
    Column("thread", BigInteger, primary_key=True, autoincrement=False),
    Column("since", _moment),
    Column("told", Integer, nullable=False, server_default="0"),
    Column("held_until", _moment),
)

notices = Table(
    "notices",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("recipient", BigInteger, nullable=False),
    # The topic of a group; 0 is none.
    Column("thread", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("team", BigInteger, nullable=False),
    Column("team_name", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", _moment, nullable=False),
    Column("by", BigInteger),
    Column("by_name", Text),
    # Whom it concerns, where a group is told.
    Column("whom", BigInteger),
    Column("whom_name", Text),
    Column("task", BigInteger),
    Column("title", Text),
    Column("comment", BigInteger),
    Column("text", Text),
    Column("due_at", _moment),
    Column("lead", Integer),
    Column("read_at", _moment),
    Column("snoozed_until", _moment),
    # What becomes of it next (actors/notifier/stages.py), and when, where that depends on time.
    Column("stage", Text, nullable=False),
    Column("next_at", _moment),
    # The first notice of the toast that shows it, and the delivery that it is in.
    Column("toast", BigInteger),
    Column("delivery", BigInteger),
    # Why it went no further.
    Column("outcome", Text),
    Column("attempts", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    UniqueConstraint("recipient", "thread", "team", "seq", name="uq_notices_recipient"),
    Index("ix_notices_inbox", "recipient", "id"),
    Index("ix_notices_unread", "recipient", "id", postgresql_where=text("read_at IS NULL")),
    Index("ix_notices_due", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("ix_notices_open", "recipient", "thread", "id", postgresql_where=_open),
    Index("ix_notices_open_of_team", "team", "task", postgresql_where=_open),
    Index("ix_notices_comment", "comment", postgresql_where=text("comment IS NOT NULL")),
)

deliveries = Table(
    "deliveries",
    metadata,
    # In the order of their ids, which is that of their commits: see `paces`.
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("recipient", BigInteger, nullable=False),
    Column("thread", BigInteger, nullable=False),
    Column("language", Text),
    Column("time_zone", Text, nullable=False),
    Column("notices", ARRAY(BigInteger), nullable=False),
    Column("is_digest", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    # The number of the last attempt, and how many more there may be.
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("tries_left", Integer, nullable=False),
    Column("created_at", _moment, nullable=False),
    # When it may be claimed: at once, after a pause, or when the lease of whoever has it is over.
    Column("next_at", _moment),
    # When to say once more that it waits.
    Column("nudge_at", _moment),
    Column("error", Text),
    Column("message", BigInteger),
    Index("ix_deliveries_head", "chat", "id", postgresql_where=_unsettled),
    Index("ix_deliveries_nudge", "nudge_at", postgresql_where=text("nudge_at IS NOT NULL")),
    Index("ix_deliveries_message", "chat", "message", postgresql_where=text("message IS NOT NULL")),
    Index("ix_deliveries_state", "state", "id"),
)

preferences = Table(
    "preferences",
    metadata,
    Column("user", BigInteger, primary_key=True, autoincrement=False),
    # What differs from what everybody gets.
    Column("wishes", JSONB, nullable=False),
)

reminders = Table(
    "reminders",
    metadata,
    Column("user", BigInteger, primary_key=True, autoincrement=False),
    Column("task", BigInteger, primary_key=True, autoincrement=False),
    # Minutes before the deadline; NULL is never.
    Column("remind", Integer),
)

groups = Table(
    "groups",
    metadata,
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("thread", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("team", BigInteger, nullable=False, index=True),
    Column("team_name", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("bound_by", BigInteger, nullable=False),
    Column("bound_at", _moment, nullable=False),
    Column("is_reachable", Boolean, nullable=False, server_default="true"),
)
