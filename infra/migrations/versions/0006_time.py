"""Alarms for deadlines, and events that nobody did."""

import sqlalchemy as sa
from alembic import op

revision = "0006_time"
down_revision = "0005_teams"

_moment = sa.DateTime(timezone=True)

# What has passed by now was seen long ago, and is not announced all at once.
_FILL = """
    INSERT INTO board.alarms (task, team, due_at, wake_at)
    SELECT id, team, due_at, CASE
        WHEN due_at - interval '1440 minutes' > now() THEN due_at - interval '1440 minutes'
        WHEN due_at - interval '60 minutes' > now() THEN due_at - interval '60 minutes'
        WHEN due_at - interval '10 minutes' > now() THEN due_at - interval '10 minutes'
        WHEN due_at > now() THEN due_at END
    FROM board.tasks WHERE due_at IS NOT NULL
"""


def upgrade() -> None:
    op.alter_column("events", "by", nullable=True, schema="board")
    op.create_table(
        "alarms",
        sa.Column("task", sa.BigInteger, nullable=False),
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("due_at", _moment, nullable=False),
        sa.Column("wake_at", _moment),
        sa.PrimaryKeyConstraint("task", name="pk_alarms"),
        schema="board",
    )
    set_, asleep = sa.text("wake_at < 'infinity'"), sa.text("wake_at = 'infinity'")
    op.execute(_FILL)
    op.create_index("ix_alarms_wake_at", "alarms", ["wake_at"], schema="board", postgresql_where=set_)
    op.create_index("ix_alarms_asleep", "alarms", ["team"], schema="board", postgresql_where=asleep)


def downgrade() -> None:
    op.drop_table("alarms", schema="board")
    # Nobody has this number.
    op.execute('UPDATE board.events SET "by" = 0 WHERE "by" IS NULL')
    op.alter_column("events", "by", nullable=False, schema="board")
