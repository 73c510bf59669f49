"""Many tasks at once, past the product: only their making is skipped, all else finds them as if it had made them.

They have no history, so that boards of the past and undo do not know them.
"""

import asyncpg

from infra.config import Settings
from tests.bench.system import Board

# Ids in turn to every list; three of ten are done, every fifth is somebody's; one word of 50,000, and one in all.
_SEED = """
    INSERT INTO board.tasks (team, list, title, description, assignee, priority, checklist, due_at, done_at, rank,
        version, created_by, created_at, updated_at)
    SELECT l.team, l.id, 'Benchmark ' || n || ' with word' || n * 7919 % 50000, '',
        CASE WHEN n % 5 = 0 THEN $2::bigint END, CASE WHEN n % 10 = 0 THEN 'high' ELSE 'none' END, '[]',
        CASE WHEN n % 4 = 0 THEN now() + (n % 100) * interval '1 day' END, CASE WHEN n % 10 < 3 THEN now() END,
        n * 65536, 1, $2, now(), now()
    FROM generate_series(1::bigint, $3) n
    JOIN unnest($1::bigint[]) WITH ORDINALITY place (list, number) ON place.number = n % cardinality($1) + 1
    JOIN board.lists l ON l.id = place.list
    ORDER BY n
"""
_INDEXES = """
    SELECT format('%I.%I', schemaname, indexname), indexdef FROM pg_indexes
    WHERE schemaname = 'board' AND tablename = 'tasks' AND indexname <> 'pk_tasks'
"""


async def seed(settings: Settings, counts: list[tuple[Board, int]]) -> None:
    """Give each board so many tasks. Indexes are made anew afterwards, which takes a third of the time."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        await connection.execute("SET maintenance_work_mem = '256MB'; SET synchronous_commit = off")
        indexes = await connection.fetch(_INDEXES)
        for name, _ in indexes:
            await connection.execute(f"DROP INDEX {name}")
        for board, count in counts:
            await connection.execute(_SEED, board.lists, board.user.id, count)
        for _, definition in indexes:
            await connection.execute(definition)
        await connection.execute("VACUUM ANALYZE board.tasks")
    finally:
        await connection.close()


async def open_tasks(settings: Settings, board: Board) -> list[int]:
    """The ids of a board's open tasks, oldest first."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        query = "SELECT id FROM board.tasks WHERE team = ANY ($1) AND done_at IS NULL ORDER BY id"
        return [row["id"] for row in await connection.fetch(query, board.teams)]
    finally:
        await connection.close()
