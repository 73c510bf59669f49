"""Finding tasks among many: a page costs the same however many there are.

Pages are keyset pages over `id`, newest first, each an index scan; counting stops at COUNT_LIMIT.
"""

from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.reads import VIEW, VIEW_OF_TRASH
from schemas.search import COUNT_LIMIT, ListTasks

_MINE = """k.team = ANY (ARRAY(
    SELECT me.team FROM board.members me JOIN board.teams t ON t.id = me.team AND t.deleted_at IS NULL
    WHERE me."user" = :by))"""
_ANYBODYS = """EXISTS (SELECT 1 FROM board.teams t WHERE t.id = k.team AND t.deleted_at IS NULL)"""
_CONDITIONS = {
    "team": "k.team = :team",
    "list": "k.list = :list",
    "assignee": "k.assignee = :assignee",
    "label": "k.labels @> ARRAY[CAST(:label AS bigint)]",
    "priority": "k.priority = :priority",
    "mine": "k.assignee = :by",
    "watched": "k.watchers @> ARRAY[CAST(:by AS bigint)]",
    "is_done": "k.is_done = :is_done",
    "is_overdue": "k.due_at < now() AND NOT k.is_done",
    "due_from": "k.due_at >= :due_from",
    "due_before": "k.due_at < :due_before",
    "q": "board.words(k.title, k.description) @@ websearch_to_tsquery('pg_catalog.russian', :q)",
}


def statement_of(query: ListTasks) -> tuple[str, dict[str, Any]]:
    """The SQL of one page, with only the conditions that are asked for, so that each finds its index."""
    wanted = query.filter
    names = [name for name in _CONDITIONS if getattr(wanted, name) not in (None, False, "")]
    if wanted.is_done is False:
        names.append("is_done")
    there = "k.deleted_at IS NOT NULL" if query.deleted else "k.deleted_at IS NULL"
    view, and_list = (VIEW_OF_TRASH, "") if query.deleted else (VIEW, "AND l.deleted_at IS NULL")
    where = [there, _ANYBODYS if query.as_admin else _MINE, *(_CONDITIONS[name] for name in names)]
    if not wanted.archived:
        where.append("k.archived_at IS NULL")
    found = " AND ".join(where)
    cursor = " AND k.id < :cursor" if query.cursor is not None else ""
    sql = f"""
        SELECT CAST(json_build_object(
            'count', (SELECT count(*) FROM (
                SELECT 1 FROM board.tasks k JOIN board.lists l ON l.id = k.list {and_list}
                WHERE {found} LIMIT {COUNT_LIMIT}) bounded),
            'tasks', coalesce(json_agg(page ORDER BY page.id DESC), '[]'),
            'cursor', CASE WHEN count(*) = :limit THEN min(page.id) END) AS text)
        FROM ({view} WHERE {found}{cursor} ORDER BY k.id DESC LIMIT :limit OFFSET :offset) page"""
    given = {name: getattr(wanted, name) for name in names if f":{name}" in sql}
    given |= {"limit": query.limit, "offset": query.offset} | ({"by": query.by} if ":by" in sql else {})
    if cursor:
        given["cursor"] = query.cursor
    return sql, given


async def find_tasks(connection: AsyncConnection, query: ListTasks) -> msgspec.Raw:
    """One page of tasks, as JSON."""
    sql, given = statement_of(query)
    return msgspec.Raw((await connection.execute(text(sql), given)).scalar_one().encode())
