"""All that a task is made of, labels, comments, searching, filters, and a history that can be asked."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSON

revision = "0004_work"
down_revision = "0003_people"

_moment = sa.DateTime(timezone=True)


def _task_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("priority", sa.Text, nullable=False, server_default="none"),
        sa.Column("labels", ARRAY(sa.BigInteger), nullable=False, server_default="{}"),
        sa.Column("checklist", JSON, nullable=False, server_default="[]"),
        sa.Column("watchers", ARRAY(sa.BigInteger), nullable=False, server_default="{}"),
        sa.Column("comments", sa.Integer, nullable=False, server_default="0"),
        sa.Column("start_at", _moment),
        sa.Column("archived_at", _moment),
    ]


def _event_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("change", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("undoes", sa.BigInteger),
        sa.Column("task", sa.BigInteger),
        sa.Column("noun", sa.Text),
        sa.Column("noun_id", sa.BigInteger),
    ]


_EVENT_INDEXES = (
    ("ix_events_team_task_seq", ["team", "task", "seq"], "task IS NOT NULL"),
    ("ix_events_team_noun_id_seq", ["team", "noun", "noun_id", "seq"], "task IS NULL AND noun IS NOT NULL"),
    ("ix_events_team_undoes", ["team", "undoes"], "undoes IS NOT NULL"),
)
# Postgres's Russian configuration stems words in Latin letters as English, so one pass serves both languages.
_WORDS = """
    CREATE FUNCTION board.words(title text, description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN to_tsvector('pg_catalog.russian', title || ' ' || description)
"""


def upgrade() -> None:
    op.add_column("lists", sa.Column("wip_limit", sa.Integer), schema="board")
    for column in _task_columns():
        op.add_column("tasks", column, schema="board")
    # Postgres cannot compare JSON, so a default of it could not be told from another one.
    op.alter_column("tasks", "checklist", server_default=None, schema="board")
    for column in _event_columns():
        op.add_column("events", column, schema="board")
    for name, columns, where in _EVENT_INDEXES:
        op.create_index(name, "events", columns, schema="board", postgresql_where=sa.text(where))
    op.execute(_WORDS)
    words = sa.text("board.words(title, description)")
    op.create_index("ix_tasks_words", "tasks", [words], schema="board", postgresql_using="gin")
    _labels()
    _comments()
    _personal()


def _labels() -> None:
    op.create_table(
        "labels",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("colour", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("deleted_at", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_labels"),
        sa.ForeignKeyConstraint(["team"], ["board.teams.id"], name="fk_labels_team"),
        schema="board",
    )
    op.create_index("ix_labels_team", "labels", ["team"], schema="board")


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("task", sa.BigInteger, nullable=False),
        sa.Column("by", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("mentions", ARRAY(sa.BigInteger), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("edited_at", _moment),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("deleted_at", _moment),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        sa.ForeignKeyConstraint(["team"], ["board.teams.id"], name="fk_comments_team"),
        sa.ForeignKeyConstraint(["task"], ["board.tasks.id"], name="fk_comments_task"),
        schema="board",
    )
    kept = sa.text("deleted_at IS NULL")
    op.create_index("ix_comments_task_id", "comments", ["task", "id"], schema="board", postgresql_where=kept)


def _personal() -> None:
    op.create_table(
        "filters",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("by", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("filter", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_filters"),
        schema="board",
    )
    op.create_index("uq_filters_by_name", "filters", ["by", "name"], schema="board", unique=True)
    op.create_table(
        "visits",
        sa.Column("team", sa.BigInteger, nullable=False),
        sa.Column("user", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("team", "user", name="pk_visits"),
        sa.ForeignKeyConstraint(["team"], ["board.teams.id"], name="fk_visits_team"),
        schema="board",
    )


def downgrade() -> None:
    for table in ("visits", "filters", "comments", "labels"):
        op.drop_table(table, schema="board")
    op.drop_index("ix_tasks_words", "tasks", schema="board")
    op.execute("DROP FUNCTION board.words")
    for column in _event_columns():
        op.drop_column("events", column.name, schema="board")
    for column in _task_columns():
        op.drop_column("tasks", column.name, schema="board")
    op.drop_column("lists", "wip_limit", schema="board")
