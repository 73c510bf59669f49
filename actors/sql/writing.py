"""What a batch of changes ends with: one statement writes rows, history, outbox and outcomes, or nothing."""

from functools import cache

import msgspec
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql import alarms
from actors.sql.needs import Outcome, PlacedTeam
from schemas.base import UtcTime
from schemas.comments import Comment
from schemas.ids import Seq, TaskId, TeamId, UserId
from schemas.labels import Label
from schemas.lists import TaskList
from schemas.members import Member
from schemas.tasks import Task


class EventRow(msgspec.Struct, omit_defaults=True):
    """One line of a team's history; what is absent is NULL."""

    team: TeamId
    seq: Seq
    at: UtcTime
    by: UserId
    type: str
    change: Seq
    payload: msgspec.Raw
    trace: str
    undoes: Seq | None = None
    task: TaskId | None = None
    noun: str | None = None
    noun_id: int | None = None


class Writes(msgspec.Struct):
    """The rows as they are to be."""

    expected: list[PlacedTeam]
    """The changed teams as they were loaded; new ones are not among them."""
    teams: list[PlacedTeam]
    members: list[Member]
    removed: list[tuple[TeamId, UserId]]
    lists: list[TaskList]
    labels: list[Label]
    tasks: list[Task]
    comments: list[Comment]
    events: list[EventRow]
    outcomes: list[Outcome]


_TABLES = {
    "teams": """
    saved_teams AS (
        INSERT INTO board.teams (id, name, seq, version, created_at, deleted_at)
        SELECT id, name, seq, version, created_at, deleted_at
        FROM json_populate_recordset(NULL::board.teams, CAST(:teams AS json)) WHERE (SELECT ok FROM current)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, seq = excluded.seq, version = excluded.version,
            deleted_at = excluded.deleted_at)""",
    "members": """
    saved_members AS (
        INSERT INTO board.members (team, "user", username, name, role, is_active)
        SELECT team, "user", username, name, role, is_active
        FROM json_populate_recordset(NULL::board.members, CAST(:members AS json)) WHERE (SELECT ok FROM current)
        ON CONFLICT (team, "user") DO UPDATE SET
            username = excluded.username, name = excluded.name, role = excluded.role,
            is_active = excluded.is_active)""",
    "removed": """
    removed_members AS (
        DELETE FROM board.members m USING json_array_elements(CAST(:removed AS json)) gone
        WHERE m.team = (gone->>0)::bigint AND m."user" = (gone->>1)::bigint AND (SELECT ok FROM current))""",
    "lists": """
    saved_lists AS (
        INSERT INTO board.lists (id, team, name, rank, version, wip_limit, deleted_at)
        SELECT id, team, name, rank, version, wip_limit, deleted_at
        FROM json_populate_recordset(NULL::board.lists, CAST(:lists AS json)) WHERE (SELECT ok FROM current)
        ON CONFLICT (id) DO UPDATE SET
            name = excluded.name, rank = excluded.rank, version = excluded.version, wip_limit = excluded.wip_limit,
            deleted_at = excluded.deleted_at)""",
    "labels": """
    saved_labels AS (
        INSERT INTO board.labels (id, team, name, colour, version, deleted_at)
        SELECT id, team, name, colour, version, deleted_at
        FROM json_populate_recordset(NULL::board.labels, CAST(:labels AS json)) WHERE (SELECT ok FROM current)
        ON CONFLICT (id) DO UPDATE SET
            name = excluded.name, colour = excluded.colour, version = excluded.version,
            deleted_at = excluded.deleted_at)""",
    "comments": """
    saved_comments AS (
        INSERT INTO board.comments (id, team, task, "by", text, mentions, created_at, edited_at, version, deleted_at)
        SELECT id, team, task, "by", text, mentions, created_at, edited_at, version, deleted_at
        FROM json_populate_recordset(NULL::board.comments, CAST(:comments AS json)) WHERE (SELECT ok FROM current)
        ON CONFLICT (id) DO UPDATE SET
            text = excluded.text, mentions = excluded.mentions, edited_at = excluded.edited_at,
            version = excluded.version, deleted_at = excluded.deleted_at)""",
    "tasks": f"""
    saved_tasks AS (
        INSERT INTO board.tasks (id, team, list, title, description, assignee, priority, labels, checklist, watchers,
            comments, start_at, due_at, done_at, rank, version, created_by, created_at, updated_at, archived_at,
            deleted_at)
        SELECT id, team, list, title, description, assignee, priority, labels, checklist, watchers,
            comments, start_at, due_at, done_at, rank, version, created_by, created_at, updated_at, archived_at,
            deleted_at
        FROM json_populate_recordset(NULL::board.tasks, CAST(:tasks AS json)) WHERE (SELECT ok FROM current)
        ON CONFLICT (id) DO UPDATE SET
            list = excluded.list, title = excluded.title, description = excluded.description,
            assignee = excluded.assignee, priority = excluded.priority, labels = excluded.labels,
            checklist = excluded.checklist, watchers = excluded.watchers, comments = excluded.comments,
            start_at = excluded.start_at, due_at = excluded.due_at, done_at = excluded.done_at, rank = excluded.rank,
            version = excluded.version, updated_at = excluded.updated_at, archived_at = excluded.archived_at,
            deleted_at = excluded.deleted_at
        RETURNING id, team, due_at, done_at, archived_at, deleted_at),
    set_alarms AS ({alarms.SET})""",
    "events": """
    saved_events AS (
        INSERT INTO board.events (team, seq, at, "by", type, change, undoes, task, noun, noun_id, payload, trace)
        SELECT team, seq, at, "by", type, change, undoes, task, noun, noun_id, payload, trace
        FROM json_populate_recordset(NULL::board.events, CAST(:events AS json)) WHERE (SELECT ok FROM current)
        RETURNING team, seq, at),
    to_publish AS (
        INSERT INTO board.outbox (team, first, last, at)
        SELECT team, min(seq), max(seq), max(at) FROM saved_events GROUP BY team)""",
    "outcomes": """
    kept AS (
        INSERT INTO board.outcomes ("by", key, at, digest, outcome)
        SELECT "by", key, at, digest, outcome
        FROM json_populate_recordset(NULL::board.outcomes, CAST(:outcomes AS json)) WHERE (SELECT ok FROM current))""",
}
"""What is done with the rows of each kind."""


@cache
def _statement(kinds: tuple[str, ...]) -> TextClause:
    """The statement that writes rows of these kinds; Postgres takes long to begin what then has nothing to do."""
    return text(f"""
    WITH current AS MATERIALIZED (
        SELECT count(*) = json_array_length(CAST(:expected AS json)) AS ok FROM (
            SELECT 1 FROM board.teams t
            JOIN json_populate_recordset(NULL::board.teams, CAST(:expected AS json)) e ON t.id = e.id AND t.seq = e.seq
            ORDER BY t.id FOR UPDATE OF t) unchanged),
    {",".join(_TABLES[kind] for kind in kinds)}
    SELECT ok FROM current""")


async def write(connection: AsyncConnection, writes: Writes) -> bool:
    """Write it all, rows, history, outbox and outcomes, if the teams still stand where they stood; else nothing.

    Whatever changes a team moves it on, so a team that stands still is as it was loaded.
    """
    kinds = tuple(kind for kind in _TABLES if getattr(writes, kind))
    # A parameter for each table: out of one document Postgres would read all of it again for each.
    rows = {name: msgspec.json.encode(getattr(writes, name)).decode() for name in ("expected", *kinds)}
    return (await connection.execute(_statement(kinds), rows)).scalar_one()
