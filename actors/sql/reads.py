"""What people may see of boards. Each statement answers in the JSON of the reply's record, from one snapshot.

Who may see it is part of each statement: outside the team there is nothing to see.
"""

from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import TextClause

from actors.sql.pages import ALL_PAGES, MY_PAGES, MY_TEAM
from schemas.base import Message
from schemas.comments import ListComments
from schemas.history import GetBoard, GetPastBoard, GetTrash, GetVisit, ListActivity, MarkSeen
from schemas.lists import GetList
from schemas.members import ListMembers, ListStandings
from schemas.replay import CatchUp, GetPositions, ListPositions, ReadEvents, ReplayEvents
from schemas.search import DeleteFilter, GetTask, ListFilters, SaveFilter
from schemas.teams import GetTeam

REPLAY_LIMIT = 1000
FILTERS_AT_MOST = 100

_MINE = """board.teams t JOIN board.members me ON me.team = t.id AND me."user" = :by AND t.deleted_at IS NULL"""
_TRASH_LIMIT = 200
_ANY_VIEW = """SELECT k.*, l.name AS list_name, a.username AS assignee_username
    FROM board.tasks k JOIN board.lists l ON l.id = k.list {and_list}
    LEFT JOIN board.members a ON a.team = k.team AND a."user" = k.assignee"""
VIEW = _ANY_VIEW.format(and_list="AND l.deleted_at IS NULL")
VIEW_OF_TRASH = _ANY_VIEW.format(and_list="")
_MEMBERS = """(SELECT json_agg(m ORDER BY m.name, m."user") FROM board.members m WHERE m.team = t.id)"""
_REPLAY = f"""json_build_object('seq', t.seq, 'reset', t.seq - :after > {REPLAY_LIMIT} OR :after > t.seq,
    'events', (SELECT coalesce(json_agg(e.payload ORDER BY e.seq), '[]') FROM board.events e
        WHERE e.team = t.id AND e.seq > :after AND t.seq - :after <= {REPLAY_LIMIT}))"""
# The newest word of the history on each thing, up to a position.
_THEN = """FROM (SELECT DISTINCT ON (e.noun_id) e.payload->'{noun}' AS thing, e.type FROM board.events e
    WHERE e.team = t.id AND e.task IS NULL AND e.noun = '{noun}' AND e.seq <= past.seq
    ORDER BY e.noun_id, e.seq DESC) was"""

# One look into the index for each task that there is by now; ranks may have been given anew after its last change.
_TASKS_THEN = """
    SELECT CASE WHEN r.rank IS NULL THEN e.payload->'task'
        ELSE ((e.payload->'task')::jsonb || jsonb_build_object('rank', r.rank))::json END AS thing
    FROM board.tasks k CROSS JOIN LATERAL (
        SELECT e.seq, e.payload FROM board.events e
        WHERE e.team = t.id AND e.task = k.id AND e.seq <= past.seq ORDER BY e.seq DESC LIMIT 1) e
    LEFT JOIN (
        SELECT DISTINCT ON (task) (given->>0)::bigint AS task, (given->>1)::bigint AS rank, e.seq
        FROM board.events e, json_array_elements(e.payload->'ranks') given
        WHERE e.team = t.id AND e.task IS NULL AND e.noun = 'ranks' AND e.seq <= past.seq
        ORDER BY task, e.seq DESC) r ON r.task = k.id AND r.seq > e.seq
    WHERE k.team = t.id"""

_QUERIES: dict[type[Message], str] = {
    GetTeam: f"SELECT {MY_TEAM} FROM {_MINE} WHERE t.id = :team",
    ListMembers: f"SELECT {_MEMBERS} FROM {_MINE} WHERE t.id = :team",
    GetList: f"""
        SELECT row_to_json(l) FROM board.lists l JOIN {_MINE} ON t.id = l.team
        WHERE l.id = :list AND l.deleted_at IS NULL""",
    GetTask: f"""
        SELECT row_to_json(v) FROM ({VIEW} JOIN {_MINE} ON t.id = k.team
            WHERE k.id = :task AND k.deleted_at IS NULL) v""",
    GetBoard: f"""
        SELECT json_build_object(
            'seq', t.seq, 'team', {MY_TEAM}, 'members', {_MEMBERS},
            'labels', (SELECT coalesce(json_agg(b ORDER BY lower(b.name), b.id), '[]') FROM board.labels b
                WHERE b.team = t.id AND b.deleted_at IS NULL),
            'lists', (SELECT coalesce(json_agg(l ORDER BY l.rank, l.id), '[]') FROM board.lists l
                WHERE l.team = t.id AND l.deleted_at IS NULL),
            'tasks', (SELECT coalesce(json_agg(k ORDER BY k.rank, k.id), '[]')
                FROM board.tasks k JOIN board.lists l ON l.id = k.list AND l.deleted_at IS NULL
                WHERE k.team = t.id AND k.deleted_at IS NULL AND k.archived_at IS NULL))
        FROM {_MINE} WHERE t.id = :team""",
    ReplayEvents: f"SELECT {_REPLAY} FROM {_MINE} WHERE t.id = :team",
    CatchUp: f"SELECT {_REPLAY} FROM board.teams t WHERE t.id = :team",
    GetPositions: """
        SELECT coalesce(json_agg(json_build_object('team', t.id, 'seq', t.seq)), '[]')
        FROM board.teams t WHERE t.id = ANY (CAST(:teams AS bigint[]))""",
    ListPositions: """
        SELECT coalesce(json_agg(page ORDER BY page.team), '[]') FROM (
            SELECT t.id AS team, t.seq FROM board.teams t WHERE t.id > coalesce(CAST(:after AS bigint), 0)
            ORDER BY t.id LIMIT :limit) page""",
    ReadEvents: """
        SELECT json_build_object('seq', t.seq, 'reset', :after > t.seq, 'events', (
            SELECT coalesce(json_agg(page.payload ORDER BY page.seq), '[]') FROM (
                SELECT e.seq, e.payload FROM board.events e WHERE e.team = t.id AND e.seq > :after
                ORDER BY e.seq LIMIT :limit) page))
        FROM board.teams t WHERE t.id = :team""",
    ListStandings: """
        SELECT coalesce(json_agg(json_build_object('team', t.id, 'team_name', t.name, 'user', m."user",
            'role', m.role, 'is_active', m.is_active)), '[]')
        FROM (SELECT DISTINCT (pair->>0)::bigint AS team, (pair->>1)::bigint AS "user"
            FROM json_array_elements(CAST(:of AS json)) pair) asked
        JOIN board.members m ON m.team = asked.team AND m."user" = asked."user"
        JOIN board.teams t ON t.id = m.team AND t.deleted_at IS NULL""",
    ListComments: f"""
        SELECT json_build_object('count', k.comments, 'comments', (
            SELECT coalesce(json_agg(page), '[]') FROM (
                SELECT c.* FROM board.comments c
                WHERE c.task = k.id AND c.deleted_at IS NULL AND c.id > coalesce(CAST(:after AS bigint), 0)
                ORDER BY c.id LIMIT :limit) page))
        FROM board.tasks k JOIN {_MINE} ON t.id = k.team
        JOIN board.lists l ON l.id = k.list AND l.deleted_at IS NULL
        WHERE k.id = :task AND k.deleted_at IS NULL""",
    ListActivity: f"""
        SELECT json_build_object(
            'events', coalesce(json_agg(page.payload ORDER BY page.seq DESC), '[]'),
            'before', CASE WHEN count(*) = :limit THEN min(page.seq) END)
        FROM {_MINE} LEFT JOIN LATERAL (
            SELECT e.seq, e.payload FROM board.events e
            WHERE e.team = t.id AND e.seq < coalesce(CAST(:before AS bigint), t.seq + 1)
            AND (CAST(:task AS bigint) IS NULL OR e.task = :task)
            ORDER BY e.seq DESC LIMIT :limit) page ON true
        WHERE t.id = :team GROUP BY t.id""",
    GetPastBoard: f"""
        SELECT json_build_object(
            'seq', past.seq, 'team', {MY_TEAM}::jsonb || jsonb_build_object('name', (
                SELECT e.payload->>'name' FROM board.events e
                WHERE e.team = t.id AND e.seq <= past.seq AND e.type IN ('team.created', 'team.renamed')
                ORDER BY e.seq DESC LIMIT 1)),
            'members', (SELECT coalesce(json_agg(thing), '[]') {_THEN.format(noun="member")}
                WHERE was.type <> 'member.removed'),
            'labels', (SELECT coalesce(json_agg(thing), '[]') {_THEN.format(noun="label")}
                WHERE thing->>'deleted_at' IS NULL),
            'lists', (SELECT coalesce(json_agg(thing), '[]') {_THEN.format(noun="list")}
                WHERE thing->>'deleted_at' IS NULL),
            'tasks', (SELECT coalesce(json_agg(
                was.thing ORDER BY (was.thing->>'rank')::bigint, (was.thing->>'id')::bigint), '[]')
                FROM ({_TASKS_THEN}) was
                WHERE was.thing->>'deleted_at' IS NULL AND was.thing->>'archived_at' IS NULL AND (
                    SELECT e.payload->'list'->>'deleted_at' IS NULL FROM board.events e
                    WHERE e.team = t.id AND e.task IS NULL AND e.noun = 'list' AND e.seq <= past.seq
                        AND e.noun_id = (was.thing->>'list')::bigint
                    ORDER BY e.seq DESC LIMIT 1)))
        FROM {_MINE}, LATERAL (
            SELECT max(e.seq) AS seq FROM board.events e WHERE e.team = t.id AND e.at <= :at) past
        WHERE t.id = :team AND past.seq IS NOT NULL""",
    GetTrash: f"""
        SELECT json_build_object(
            'lists', (SELECT coalesce(json_agg(l), '[]') FROM (
                SELECT * FROM board.lists WHERE team = t.id AND deleted_at IS NOT NULL
                ORDER BY deleted_at DESC, id DESC LIMIT {_TRASH_LIMIT}) l),
            'tasks', (SELECT coalesce(json_agg(v), '[]') FROM (
                {VIEW} WHERE k.team = t.id AND k.deleted_at IS NOT NULL
                ORDER BY k.deleted_at DESC, k.id DESC LIMIT {_TRASH_LIMIT}) v))
        FROM {_MINE} WHERE t.id = :team""",
    ListFilters: """
        SELECT coalesce(json_agg(json_build_object('id', f.id, 'name', f.name, 'filter', f.filter)
            ORDER BY lower(f.name), f.id), '[]')
        FROM board.filters f WHERE f."by" = :by""",
    GetVisit: f"""
        SELECT json_build_object('seq', coalesce(v.seq, 0), 'at', v.at)
        FROM {_MINE} LEFT JOIN board.visits v ON v.team = t.id AND v."user" = me."user" WHERE t.id = :team""",
}

_CHANGES: dict[type[Message], str] = {
    SaveFilter: f"""
        INSERT INTO board.filters ("by", name, filter)
        SELECT CAST(:by AS bigint), CAST(:name AS text), CAST(:filter AS json)
        WHERE (SELECT count(*) FROM board.filters WHERE "by" = :by AND name <> :name) < {FILTERS_AT_MOST}
        ON CONFLICT ("by", name) DO UPDATE SET filter = excluded.filter
        RETURNING CAST(json_build_object('id', id, 'name', name, 'filter', filter) AS text)""",
    DeleteFilter: """
        DELETE FROM board.filters WHERE id = :filter AND "by" = :by
        RETURNING CAST(json_build_object('id', id, 'name', name, 'filter', filter) AS text)""",
    MarkSeen: f"""
        INSERT INTO board.visits (team, "user", seq, at)
        SELECT t.id, me."user", least(:seq, t.seq), now() FROM {_MINE} WHERE t.id = :team
        ON CONFLICT (team, "user") DO UPDATE SET seq = greatest(visits.seq, excluded.seq), at = excluded.at
        RETURNING CAST(json_build_object('seq', seq, 'at', at) AS text)""",
}


def _as_json(queries: dict[type[Message], str]) -> dict[type[Message], TextClause]:
    return {kind: text(f"SELECT CAST(({query}) AS text)") for kind, query in queries.items()}


STATEMENTS = _as_json(_QUERIES | MY_PAGES) | {kind: text(change) for kind, change in _CHANGES.items()}
AS_ADMIN = _as_json(ALL_PAGES)
"""What administrators of the site may ask as such."""


async def read(connection: AsyncConnection, query: Message) -> msgspec.Raw | None:
    """The reply to a query as JSON, or None where the asker can see no such thing."""
    statement = (AS_ADMIN if getattr(query, "as_admin", False) else STATEMENTS)[type(query)]
    given = {name: _plain(getattr(query, name)) for name in query.__struct_fields__}
    parameters: dict[str, Any] = {name: given[name] for name in statement.compile().params}
    answer: str | None = (await connection.execute(statement, parameters)).scalar_one_or_none()
    return None if answer is None else msgspec.Raw(answer.encode())


def _plain(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, msgspec.Struct | tuple) else value
