"""The notices, what waits to be sent to Telegram, and how people and groups want to be told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0007_notices"
down_revision = "0006_time"

_moment = sa.DateTime(timezone=True)
_empty_list = sa.text("'[]'::jsonb")
_open = sa.text("stage <> 'settled'")
_unsettled = sa.text("state IN ('waiting', 'sending')")


def upgrade() -> None:
    op.execute("CREATE SCHEMA notices")
    _positions()
    _notices()
    _deliveries()
    _wishes()


def _positions() -> None:
    op.create_table(
        "positions",
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("team", name="pk_positions"),
        schema="notices",
    )
    op.create_table(
        "paces",
        sa.Column("recipient", sa.BigInteger, nullable=False),
        sa.Column("thread", sa.BigInteger, nullable=False),
        sa.Column("since", _moment),
        sa.Column("told", sa.Integer, nullable=False, server_default="0"),
        sa.Column("held_until", _moment),
        sa.PrimaryKeyConstraint("recipient", "thread", name="pk_paces"),
        schema="notices",
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("recipient", sa.BigInteger, nullable=False),
        sa.Column("thread", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("team_name", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("by", sa.BigInteger),
        sa.Column("by_name", sa.Text),
        sa.Column("whom", sa.BigInteger),
        sa.Column("whom_name", sa.Text),
        sa.Column("task", sa.BigInteger),
        sa.Column("title", sa.Text),
        sa.Column("comment", sa.BigInteger),
        sa.Column("text", sa.Text),
        sa.Column("due_at", _moment),
        sa.Column("lead", sa.Integer),
        sa.Column("read_at", _moment),
        sa.Column("snoozed_until", _moment),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("next_at", _moment),
        sa.Column("toast", sa.BigInteger),
        sa.Column("delivery", sa.BigInteger),
        sa.Column("outcome", sa.Text),
        sa.Column("attempts", JSONB, nullable=False, server_default=_empty_list),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("recipient", "thread", "team", "seq", name="uq_notices_recipient"),
        schema="notices",
    )
    for name, columns, where in (
        ("inbox", ["recipient", "id"], None),
        ("unread", ["recipient", "id"], sa.text("read_at IS NULL")),
        ("due", ["next_at"], sa.text("next_at IS NOT NULL")),
        ("open", ["recipient", "thread", "id"], _open),
        ("open_of_team", ["team", "task"], _open),
        ("comment", ["comment"], sa.text("comment IS NOT NULL")),
    ):
        op.create_index(f"ix_notices_{name}", "notices", columns, schema="notices", postgresql_where=where)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("chat", sa.BigInteger, nullable=False),
        sa.Column("recipient", sa.BigInteger, nullable=False),
        sa.Column("thread", sa.BigInteger, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("time_zone", sa.Text, nullable=False),
        sa.Column("notices", ARRAY(sa.BigInteger), nullable=False),
        sa.Column("is_digest", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("tries_left", sa.Integer, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("next_at", _moment),
        sa.Column("nudge_at", _moment),
        sa.Column("error", sa.Text),
        sa.Column("message", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        schema="notices",
    )
    for name, columns, where in (
        ("head", ["chat", "id"], _unsettled),
        ("nudge", ["nudge_at"], sa.text("nudge_at IS NOT NULL")),
        ("message", ["chat", "message"], sa.text("message IS NOT NULL")),
        ("state", ["state", "id"], None),
    ):
        op.create_index(f"ix_deliveries_{name}", "deliveries", columns, schema="notices", postgresql_where=where)


def _wishes() -> None:
    op.create_table(
        "preferences",
        sa.Column("user", sa.BigInteger, nullable=False),
        sa.Column("wishes", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_preferences"),
        schema="notices",
    )
    op.create_table(
        "reminders",
        sa.Column("user", sa.BigInteger, nullable=False),
        sa.Column("task", sa.BigInteger, nullable=False),
        sa.Column("remind", sa.Integer),
        sa.PrimaryKeyConstraint("user", "task", name="pk_reminders"),
        schema="notices",
    )
    op.create_table(
        "groups",
        sa.Column("chat", sa.BigInteger, nullable=False),
        sa.Column("thread", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("team_name", sa.Text, nullable=False),
        sa.Column("kinds", ARRAY(sa.Text), nullable=False),
        sa.Column("bound_by", sa.BigInteger, nullable=False),
        sa.Column("bound_at", _moment, nullable=False),
        sa.Column("is_reachable", sa.Boolean, nullable=False, server_default="true"),
        sa.PrimaryKeyConstraint("chat", "thread", name="pk_groups"),
        schema="notices",
    )
    op.create_index("ix_groups_team", "groups", ["team"], schema="notices")


def downgrade() -> None:
    for table in ("groups", "reminders", "preferences", "deliveries", "notices", "paces", "positions"):
        op.drop_table(table, schema="notices")
    op.execute("DROP SCHEMA notices")
