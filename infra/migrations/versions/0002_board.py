"""The boards: teams, members, lists, tasks, their history, the outbox and the outcomes of keyed commands."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0002_board"
down_revision = "0001_accounts"

_moment = sa.DateTime(timezone=True)
_kept = sa.text("deleted_at IS NULL")
_assigned = sa.text("deleted_at IS NULL AND assignee IS NOT NULL")


def upgrade() -> None:
    op.execute("CREATE SCHEMA board")
    _teams()
    _members()
    _lists()
    _tasks()
    _events()
    _outbox()
    _outcomes()


def _teams() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
        schema="board",
    )


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("user", sa.BigInteger, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("team", "user", name="pk_members"),
        sa.ForeignKeyConstraint(["team"], ["board.teams.id"], name="fk_members_team"),
        schema="board",
    )
    op.create_index("ix_members_user", "members", ["user"], schema="board")


def _lists() -> None:
    op.create_table(
        "lists",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("deleted_at", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_lists"),
        sa.ForeignKeyConstraint(["team"], ["board.teams.id"], name="fk_lists_team"),
        schema="board",
    )
    op.create_index("ix_lists_team", "lists", ["team"], schema="board")


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("list", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("assignee", sa.BigInteger),
        sa.Column("due_at", _moment),
        sa.Column("is_done", sa.Boolean, sa.Computed("done_at IS NOT NULL", persisted=True), nullable=False),
        sa.Column("done_at", _moment),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_by", sa.BigInteger, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("updated_at", _moment, nullable=False),
        sa.Column("deleted_at", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.ForeignKeyConstraint(["team"], ["board.teams.id"], name="fk_tasks_team"),
        sa.ForeignKeyConstraint(["list"], ["board.lists.id"], name="fk_tasks_list"),
        schema="board",
    )
    for columns, where in ((["list", "rank", "id"], _kept), (["team", "id"], _kept), (["assignee", "team"], _assigned)):
        name = "_".join(["ix_tasks", *columns])
        op.create_index(name, "tasks", columns, schema="board", postgresql_where=where)


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("by", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("team", "seq", name="pk_events"),
        schema="board",
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("team", "first", name="pk_outbox"),
        schema="board",
    )


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("by", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("outcome", JSON, nullable=False),
        sa.PrimaryKeyConstraint("by", "key", name="pk_outcomes"),
        schema="board",
    )
    op.create_index("ix_outcomes_at", "outcomes", ["at"], schema="board")


def downgrade() -> None:
    for table in ("outcomes", "outbox", "events", "tasks", "lists", "members", "teams"):
        op.drop_table(table, schema="board")
    op.execute("DROP SCHEMA board")
