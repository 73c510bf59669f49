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
_KEPT = "deleted_at IS NULL"
_STATE = "board.state(done_at, archived_at)"
# Open, done, put away: what pages of tasks are parted by, so that one kind never has to be read past to find another.
_STATE_FUNCTION = """
    CREATE FUNCTION board.state(done_at timestamptz, archived_at timestamptz) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN archived_at IS NOT NULL THEN 2 WHEN done_at IS NOT NULL THEN 1 ELSE 0 END
"""
# Postgres's Russian configuration stems words in Latin letters as English, so one pass serves both languages. The team
# is a word too: whoever searches reads nothing of other teams.
_WORDS_FUNCTION = """
    CREATE FUNCTION board.words(team bigint, title text, description text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(ARRAY['#' || CAST(team AS text)])
        || to_tsvector('pg_catalog.russian', title || ' ' || description)
"""
_TASK_INDEXES: tuple[tuple[str, list[str], str, str], ...] = (
    ("ix_tasks_team_state_id", ["team", _STATE, "id"], "btree", _KEPT),
    ("ix_tasks_list_state_id", ["list", _STATE, "id"], "btree", _KEPT),
    (
        "ix_tasks_assignee_team_state_id",
        ["assignee", "team", _STATE, "id"],
        "btree",
        f"{_KEPT} AND assignee IS NOT NULL",
    ),
    ("ix_tasks_team_priority_state_id", ["team", "priority", _STATE, "id"], "btree", f"{_KEPT} AND priority <> 'none'"),
    ("ix_tasks_trash_team_state_id", ["team", _STATE, "id"], "btree", "deleted_at IS NOT NULL"),
    ("ix_tasks_team_state_due_at", ["team", _STATE, "due_at"], "btree", f"{_KEPT} AND due_at IS NOT NULL"),
    ("ix_tasks_labels", ["labels"], "gin", f"{_KEPT} AND labels <> '{{}}'"),
    ("ix_tasks_watchers", ["watchers"], "gin", f"{_KEPT} AND watchers <> '{{}}'"),
    ("ix_tasks_words", ["board.words(team, title, description)"], "gin", _KEPT),
)
# They are the beginnings of others now.
_FORMER_INDEXES = (
    ("ix_tasks_team_id", ["team", "id"], _KEPT),
    ("ix_tasks_assignee_team", ["assignee", "team"], f"{_KEPT} AND assignee IS NOT NULL"),
)


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
    _task_indexes()
    _labels()
    _comments()
    _personal()


def _task_indexes() -> None:
    op.execute(_STATE_FUNCTION)
    op.execute(_WORDS_FUNCTION)
    for name, columns, kind, where in _TASK_INDEXES:
        parts = [sa.text(column) if "(" in column else column for column in columns]
        op.create_index(name, "tasks", parts, schema="board", postgresql_using=kind, postgresql_where=sa.text(where))
    op.execute("ALTER INDEX board.ix_tasks_words SET (gin_pending_list_limit = 512)")
    for name, _, _ in _FORMER_INDEXES:
        op.drop_index(name, "tasks", schema="board")


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
    for name, columns, where in _FORMER_INDEXES:
        op.create_index(name, "tasks", columns, schema="board", postgresql_where=sa.text(where))
    for name, _, _, _ in _TASK_INDEXES:
        op.drop_index(name, "tasks", schema="board")
    op.execute("DROP FUNCTION board.words")
    op.execute("DROP FUNCTION board.state")
    for column in _event_columns():
        op.drop_column("events", column.name, schema="board")
    for column in _task_columns():
        op.drop_column("tasks", column.name, schema="board")
    op.drop_column("lists", "wip_limit", schema="board")
