"""What Postgres itself takes: a task, its event and its outbox row, in tables like the real ones.

The same three statements twice, through asyncpg as it is and through SQLAlchemy Core; once in a transaction for each
task, once in a transaction for many.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from infra.config import Settings
from infra.db import database_url
from schemas.ids import ListId
from tests.bench.echo import view
from tests.bench.load import Ask

SCHEMA = "bench"

_TABLES = ("tasks", "events", "outbox")
_COLUMNS = {
    "tasks": (
        "id",
        "team",
        "list",
        "title",
        "description",
        "checklist",
        "rank",
        "version",
        "created_by",
        "created_at",
        "updated_at",
    ),
    "events": ("team", "seq", "at", '"by"', "type", "payload", "trace"),
    "outbox": ("team", "first", "last", "at"),
}
TITLE = "A task of the usual length, made by the benchmark"
_PAYLOAD = view(TITLE, ListId(12)).decode()
_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
_numbers = count(1)

Row = tuple[Any, ...]
Insert = Callable[[Sequence[Sequence[Row]]], Awaitable[None]]
"""Puts rows, parted by table, in within one transaction."""


@asynccontextmanager
async def scratch_schema(settings: Settings) -> AsyncGenerator[None]:
    """Empty tables with the columns and indexes of the board's, gone afterwards."""
    connection = await asyncpg.connect(settings.database_url)
    try:
        await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
        for table in _TABLES:
            await connection.execute(f"CREATE TABLE {SCHEMA}.{table} (LIKE board.{table} INCLUDING ALL)")
        yield
    finally:
        await connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        await connection.close()


def _rows(team: int, tasks: int) -> list[list[Row]]:
    at, parted = datetime.now(UTC), list[list[Row]](([], [], []))
    for number in (next(_numbers) for _ in range(tasks)):
        parted[0].append((number, team, team, TITLE, "", "[]", number * 65536, 1, 12, at, at))
        parted[1].append((team, number, at, 12, "task.created", _PAYLOAD, _TRACE))
    first, last = parted[1][0][1], parted[1][-1][1]
    parted[2].append((team, first, last, at))
    return parted


@asynccontextmanager
async def inserting(settings: Settings, connections: int, tasks: int, *, core: bool) -> AsyncGenerator[Ask]:
    """An `Ask` that makes `tasks` tasks in one transaction, on as many connections as there are loops."""
    async with AsyncExitStack() as exits:
        open_all = _core if core else _raw
        inserts = await open_all(settings, connections, exits)

        async def ask(number: int) -> int:
            await inserts[number](_rows(number, tasks))
            return tasks

        yield ask


async def _raw(settings: Settings, connections: int, exits: AsyncExitStack) -> list[Insert]:
    statements: list[str] = []
    for table, columns in _COLUMNS.items():
        places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        statements.append(f"INSERT INTO {SCHEMA}.{table} ({', '.join(columns)}) VALUES ({places})")  # noqa: S608 - names of ours

    def insert(connection: asyncpg.Connection) -> Insert:
        async def insert(parted: Sequence[Sequence[Row]]) -> None:
            async with connection.transaction():
                for statement, rows in zip(statements, parted, strict=True):
                    if len(rows) == 1:
                        await connection.execute(statement, *rows[0])
                    else:
                        await connection.executemany(statement, rows)

        return insert

    opened = [await asyncpg.connect(settings.database_url) for _ in range(connections)]
    for connection in opened:
        exits.push_async_callback(connection.close)
    return [insert(connection) for connection in opened]


async def _core(settings: Settings, connections: int, exits: AsyncExitStack) -> list[Insert]:
    engine = create_async_engine(database_url(settings), pool_size=connections)
    exits.push_async_callback(engine.dispose)
    names = [[column.strip('"') for column in columns] for columns in _COLUMNS.values()]
    statements = [
        text(f"INSERT INTO {SCHEMA}.{table} ({', '.join(columns)}) VALUES (:{', :'.join(keys)})")  # noqa: S608 - names of ours
        for (table, columns), keys in zip(_COLUMNS.items(), names, strict=True)
    ]

    def insert(connection: AsyncConnection) -> Insert:
        async def insert(parted: Sequence[Sequence[Row]]) -> None:
            async with connection.begin():
                for statement, keys, rows in zip(statements, names, parted, strict=True):
                    await connection.execute(statement, [dict(zip(keys, row, strict=True)) for row in rows])

        return insert

    opened = [await exits.enter_async_context(engine.connect()) for _ in range(connections)]
    return [insert(connection) for connection in opened]
