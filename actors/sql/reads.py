"""What people may see of boards. Each statement answers in the JSON of the reply's record, from one snapshot.

Who may see it is part of each statement: outside the team there is nothing to see.
"""

from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import TextClause

from schemas.base import Message
from schemas.boards import (
    CatchUp,
    GetList,
    GetPositions,
    GetTeam,
    ListLists,
    ListMembers,
    ListTeams,
    ReplayEvents,
)
from schemas.tasks import GetBoard, GetTask, ListTasks

REPLAY_LIMIT = 1000

_MY_TEAM = """json_build_object(
    'id', t.id, 'name', t.name, 'version', t.version, 'created_at', t.created_at, 'role', me.role)"""
_MINE = """board.teams t JOIN board.members me ON me.team = t.id AND me."user" = :by"""
_MY_LISTS = f"board.lists l JOIN {_MINE} ON t.id = l.team AND l.deleted_at IS NULL"
_VIEW = """SELECT k.*, l.name AS list_name, a.username AS assignee_username
    FROM board.tasks k
    JOIN board.lists l ON l.id = k.list AND l.deleted_at IS NULL
    JOIN board.members me ON me.team = k.team AND me."user" = :by
    LEFT JOIN board.members a ON a.team = k.team AND a."user" = k.assignee"""
_FILTER = """k.deleted_at IS NULL
    AND (CAST(:team AS bigint) IS NULL OR k.team = :team)
    AND (CAST(:list AS bigint) IS NULL OR k.list = :list)
    AND (NOT CAST(:mine AS boolean) OR k.assignee = :by)
    AND (NOT CAST(:open AS boolean) OR NOT k.is_done)
    AND (CAST(:like AS text) IS NULL OR k.title ILIKE :like OR k.description ILIKE :like)"""
_REPLAY = f"""json_build_object('seq', t.seq, 'reset', t.seq - :after > {REPLAY_LIMIT} OR :after > t.seq,
    'events', (SELECT coalesce(json_agg(e.payload ORDER BY e.seq), '[]') FROM board.events e
        WHERE e.team = t.id AND e.seq > :after AND t.seq - :after <= {REPLAY_LIMIT}))"""

_QUERIES: dict[type[Message], str] = {
    ListTeams: (
        f"""
        SELECT json_build_object(
            'count', (SELECT count(*) FROM {_MINE}),
            'teams', (SELECT coalesce(json_agg(team), '[]') FROM (
                SELECT {_MY_TEAM} AS team FROM {_MINE} ORDER BY t.name, t.id LIMIT :limit OFFSET :offset) page))"""
    ),
    GetTeam: (f"SELECT {_MY_TEAM} FROM {_MINE} WHERE t.id = :team"),
    ListMembers: (
        f"""
        SELECT (SELECT json_agg(m ORDER BY m.name, m."user") FROM board.members m WHERE m.team = t.id)
        FROM {_MINE} WHERE t.id = :team"""
    ),
    ListLists: (
        f"""
        SELECT json_build_object(
            'count', (SELECT count(*) FROM {_MY_LISTS} AND (CAST(:team AS bigint) IS NULL OR t.id = :team)),
            'lists', (SELECT coalesce(json_agg(page), '[]') FROM (
                SELECT l.* FROM {_MY_LISTS} AND (CAST(:team AS bigint) IS NULL OR t.id = :team)
                ORDER BY l.team, l.rank, l.id LIMIT :limit OFFSET :offset) page))"""
    ),
    GetList: (f"SELECT row_to_json(l) FROM {_MY_LISTS} WHERE l.id = :list"),
    GetTask: (f"SELECT row_to_json(v) FROM ({_VIEW} WHERE k.id = :task AND k.deleted_at IS NULL) v"),
    ListTasks: (
        f"""
        SELECT json_build_object(
            'count', (SELECT count(*) FROM ({_VIEW} WHERE {_FILTER}) found),
            'tasks', (SELECT coalesce(json_agg(page), '[]') FROM (
                {_VIEW} WHERE {_FILTER} ORDER BY k.id DESC LIMIT :limit OFFSET :offset) page))"""
    ),
    GetBoard: (
        f"""
        SELECT json_build_object(
            'seq', t.seq, 'team', {_MY_TEAM},
            'members', (SELECT json_agg(m ORDER BY m.name, m."user") FROM board.members m WHERE m.team = t.id),
            'lists', (SELECT coalesce(json_agg(l ORDER BY l.rank, l.id), '[]') FROM board.lists l
                WHERE l.team = t.id AND l.deleted_at IS NULL),
            'tasks', (SELECT coalesce(json_agg(k ORDER BY k.rank, k.id), '[]')
                FROM board.tasks k JOIN board.lists l ON l.id = k.list AND l.deleted_at IS NULL
                WHERE k.team = t.id AND k.deleted_at IS NULL))
        FROM {_MINE} WHERE t.id = :team"""
    ),
    ReplayEvents: (f"SELECT {_REPLAY} FROM {_MINE} WHERE t.id = :team"),
    CatchUp: (f"SELECT {_REPLAY} FROM board.teams t WHERE t.id = :team"),
    GetPositions: (
        """
        SELECT coalesce(json_agg(json_build_object('team', t.id, 'seq', t.seq)), '[]')
        FROM board.teams t WHERE t.id = ANY (CAST(:teams AS bigint[]))"""
    ),
}

STATEMENTS: dict[type[Message], TextClause] = {
    kind: text(f"SELECT CAST(({query}) AS text)") for kind, query in _QUERIES.items()
}


async def read(connection: AsyncConnection, query: Message) -> msgspec.Raw | None:
    """The reply to a query as JSON, or None where the asker can see no such thing."""
    statement = STATEMENTS[type(query)]
    given = {**msgspec.structs.asdict(query), "like": _like(getattr(query, "q", ""))}
    parameters: dict[str, Any] = {name: given[name] for name in statement.compile().params}
    answer: str | None = (await connection.execute(statement, parameters)).scalar_one_or_none()
    return None if answer is None else msgspec.Raw(answer.encode())


def _like(words: str) -> str | None:
    """A pattern that finds `words` anywhere, whatever signs they hold."""
    for sign in ("\\", "%", "_"):
        words = words.replace(sign, "\\" + sign)
    return f"%{words}%" if words else None
