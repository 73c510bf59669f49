"""The tables of the task store. Columns are named as the records' fields are, so that rows are records."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON

from infra.db import schema_metadata

metadata = schema_metadata("board")

_moment = DateTime(timezone=True)
_kept = text("deleted_at IS NULL")
_of_no_task = text("task IS NULL AND noun IS NOT NULL")
_assigned = text("deleted_at IS NULL AND assignee IS NOT NULL")
_gone = text("deleted_at IS NOT NULL")
_ranked = text("deleted_at IS NULL AND priority <> 'none'")
_due = text("deleted_at IS NULL AND due_at IS NOT NULL")
_labelled = text("deleted_at IS NULL AND labels <> '{}'")
_watched = text("deleted_at IS NULL AND watchers <> '{}'")
_state = text("board.state(done_at, archived_at)")

teams = Table(
    "teams",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    # The position of the team's newest event. Whoever changes a board moves it on, under a lock of this row.
    Column("seq", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("deleted_at", _moment),
)

members = Table(
    "members",
    metadata,
    Column("team", ForeignKey("board.teams.id"), primary_key=True),
    Column("user", BigInteger, primary_key=True, index=True),
    Column("username", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("is_active", Boolean, nullable=False, server_default="true"),
)

invites = Table(
    "invites",
    metadata,
    # Only the open ones: a row goes when its invite is used up, revoked or past its time.
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("team", ForeignKey("board.teams.id"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("expires_at", _moment, nullable=False, index=True),
    # NULL is any number.
    Column("uses_left", Integer),
    Column("hint", Text, nullable=False),
    # SHA-256 of the code, in hex.
    Column("digest", Text, nullable=False, unique=True),
)

people = Table(
    "people",
    metadata,
    # As accounts last told of them; `version` is that of the account.
    Column("user", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("username", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
)

lists = Table(
    "lists",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("team", ForeignKey("board.teams.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("wip_limit", Integer),
    Column("deleted_at", _moment),
)

labels = Table(
    "labels",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("team", ForeignKey("board.teams.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("colour", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("deleted_at", _moment),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("team", ForeignKey("board.teams.id"), nullable=False),
    Column("list", ForeignKey("board.lists.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("assignee", BigInteger),
    Column("priority", Text, nullable=False, server_default="none"),
    Column("labels", ARRAY(BigInteger), nullable=False, server_default="{}"),
    Column("checklist", JSON, nullable=False),
    Column("watchers", ARRAY(BigInteger), nullable=False, server_default="{}"),
    Column("comments", Integer, nullable=False, server_default="0"),
    Column("start_at", _moment),
    Column("due_at", _moment),
    Column("is_done", Boolean, Computed("done_at IS NOT NULL", persisted=True), nullable=False),
    Column("done_at", _moment),
    Column("rank", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("updated_at", _moment, nullable=False),
    Column("archived_at", _moment),
    Column("deleted_at", _moment),
    Index("ix_tasks_list_rank_id", "list", "rank", "id", postgresql_where=_kept),
    # What pages of tasks are read from, newest first: finding.py.
    Index("ix_tasks_team_state_id", "team", _state, "id", postgresql_where=_kept),
    Index("ix_tasks_list_state_id", "list", _state, "id", postgresql_where=_kept),
    Index("ix_tasks_assignee_team_state_id", "assignee", "team", _state, "id", postgresql_where=_assigned),
    Index("ix_tasks_team_priority_state_id", "team", "priority", _state, "id", postgresql_where=_ranked),
    Index("ix_tasks_trash_team_state_id", "team", _state, "id", postgresql_where=_gone),
    # And what has no order, each only for those tasks that have such a thing: most cost nothing when they are made.
    Index("ix_tasks_team_state_due_at", "team", _state, "due_at", postgresql_where=_due),
    Index("ix_tasks_labels", "labels", postgresql_using="gin", postgresql_where=_labelled),
    Index("ix_tasks_watchers", "watchers", postgresql_using="gin", postgresql_where=_watched),
    Index(
        "ix_tasks_words",
        text("board.words(team, title, description)"),
        postgresql_using="gin",
        postgresql_where=_kept,
        # What is new is searched word by word until it is sorted in: half a megabyte at most.
        postgresql_with={"gin_pending_list_limit": 512},
    ),
    Index("ix_tasks_trash", "team", "deleted_at", postgresql_where=_gone),
)

alarms = Table(
    "alarms",
    metadata,
    # One row for each task that ever had a deadline: beside the tasks, whose rows and indexes are dear to change.
    Column("task", BigInteger, primary_key=True, autoincrement=False),
    Column("team", BigInteger, nullable=False),
    # What it was set for, and when it rings next: alarms.py.
    Column("due_at", _moment, nullable=False),
    Column("wake_at", _moment),
    Index("ix_alarms_wake_at", "wake_at", postgresql_where=text("wake_at < 'infinity'")),
    Index("ix_alarms_asleep", "team", postgresql_where=text("wake_at = 'infinity'")),
)

events = Table(
    "events",
    metadata,
    Column("team", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", _moment, nullable=False),
    # NULL where time did it.
    Column("by", BigInteger),
    Column("type", Text, nullable=False),
    # The first event of the same command, and the command that this one takes back.
    Column("change", BigInteger, nullable=False, server_default="0"),
    Column("undoes", BigInteger),
    # What it happened to: a task, and, where that is something else, the list, label, comment or member.
    Column("task", BigInteger),
    Column("noun", Text),
    Column("noun_id", BigInteger),
    # `json`, not `jsonb`: it keeps the very bytes that went over the bus.
    Column("payload", JSON, nullable=False),
    Column("trace", Text, nullable=False),
    Index("ix_events_team_task_seq", "team", "task", "seq", postgresql_where=text("task IS NOT NULL")),
    Index("ix_events_team_noun_id_seq", "team", "noun", "noun_id", "seq", postgresql_where=_of_no_task),
    Index("ix_events_team_undoes", "team", "undoes", postgresql_where=text("undoes IS NOT NULL")),
)

outbox = Table(
    "outbox",
    metadata,
    # One row for what one batch did to one team: the events from `first` to `last`.
    Column("team", BigInteger, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("at", _moment, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("by", BigInteger, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("at", _moment, nullable=False, index=True),
    # What was asked, so that one key cannot stand for two different commands.
    Column("digest", Text, nullable=False),
    Column("outcome", JSON, nullable=False),
)

comments = Table(
    "comments",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("team", ForeignKey("board.teams.id"), nullable=False),
    Column("task", ForeignKey("board.tasks.id"), nullable=False),
    Column("by", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("mentions", ARRAY(BigInteger), nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("edited_at", _moment),
    Column("version", Integer, nullable=False),
    Column("deleted_at", _moment),
    Index("ix_comments_task_id", "task", "id", postgresql_where=_kept),
)

filters = Table(
    "filters",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("by", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("filter", JSON, nullable=False),
    Index("uq_filters_by_name", "by", "name", unique=True),
)

visits = Table(
    "visits",
    metadata,
    Column("team", ForeignKey("board.teams.id"), primary_key=True),
    Column("user", BigInteger, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", _moment, nullable=False),
)
