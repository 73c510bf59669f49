import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from actors.sql import board, notices, users
from infra.config import Settings
from infra.db import connect_database
from infra.migrate import BASE, SchemaError, migrate, pending, roll_back, scripts
from tests.infra.own_servers import own_server

ALL = [users.metadata, board.metadata, notices.metadata]
REVISIONS = [step.revision for step in scripts().walk_revisions()][::-1]


@pytest.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Settings]:
    async with own_server("postgres", tmp_path_factory.mktemp("migrations")) as postgres:
        yield postgres.settings


@pytest.fixture
async def empty(own: Settings) -> Settings:
    """A database with nothing in it."""
    await roll_back(own, BASE)
    return own


async def look(settings: Settings, work: Any) -> Any:
    engine = connect_database(settings)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def contents(connection: Connection) -> list[str]:
    """Every schema, table, column, key and index there is."""
    inspector = inspect(connection)
    schemas = sorted({"accounts", "board", "notices"} & set(inspector.get_schema_names()))
    looks = (inspector.get_columns, inspector.get_pk_constraint, inspector.get_foreign_keys, inspector.get_indexes)
    tables = [(table, schema) for schema in schemas for table in sorted(inspector.get_table_names(schema))]
    return schemas + [f"{schema}.{table}: {look(table, schema)!r}" for table, schema in tables for look in looks]


def differences(connection: Connection) -> list[Any]:
    """Where the tables that the code names and those of the database are not the same."""
    found: list[Any] = []
    for metadata in ALL:
        options = {
            "include_schemas": True,
            "include_name": partial(is_of_schema, metadata.schema),
            "compare_server_default": True,
        }
        found += compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return found


def is_of_schema(schema: str | None, name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name == schema


async def test_the_migrated_database_is_what_the_code_names(settings: Settings) -> None:
    assert await look(settings, differences) == []


async def test_the_comparison_sees_a_difference(empty: Settings) -> None:
    assert len(await look(empty, differences)) > sum(len(metadata.tables) for metadata in ALL)


async def test_generated_columns_are_what_the_code_names(settings: Settings) -> None:
    """Alembic compares all but the expression of a generated column."""

    def generated(connection: Connection) -> dict[str, str]:
        columns = inspect(connection).get_columns("tasks", "board")
        return {column["name"]: column["computed"]["sqltext"] for column in columns if "computed" in column}

    assert await look(settings, generated) == {"is_done": "(done_at IS NOT NULL)"}


async def test_each_step_goes_up_and_down_and_up_again(empty: Settings) -> None:
    for below, revision in zip([BASE, *REVISIONS], REVISIONS, strict=False):
        before = await look(empty, contents)
        assert await migrate(empty, revision) == [revision]
        after = await look(empty, contents)
        assert after != before
        await roll_back(empty, below)
        assert await look(empty, contents) == before
        assert await migrate(empty, revision) == [revision]
        assert await look(empty, contents) == after


async def test_what_is_pending_is_what_is_then_applied(empty: Settings) -> None:
    assert await pending(empty) == REVISIONS
    assert await migrate(empty) == REVISIONS
    assert await pending(empty) == []
    assert await migrate(empty) == []


async def test_of_two_that_start_at_once_one_waits_and_finds_nothing_to_do(empty: Settings) -> None:
    outcomes = await asyncio.gather(*(migrate(empty) for _ in range(3)))

    assert sorted(outcomes) == [[], [], REVISIONS]


async def test_a_database_that_is_newer_than_the_code_is_left_alone(empty: Settings) -> None:
    await migrate(empty)
    await set_revision(empty, "9999_future")

    for attempt in (migrate(empty), pending(empty), roll_back(empty, BASE)):
        with pytest.raises(SchemaError, match="9999_future"):
            await attempt

    await set_revision(empty, REVISIONS[-1])


async def set_revision(settings: Settings, revision: str) -> None:
    engine = connect_database(settings)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    await engine.dispose()


def test_there_is_one_line_of_steps_and_each_owner_has_a_schema() -> None:
    assert scripts().get_heads() == REVISIONS[-1:]
    assert {metadata.schema for metadata in ALL} == {"accounts", "board", "notices"}


_BEFORE_ALARMS = """
    INSERT INTO board.teams OVERRIDING SYSTEM VALUE SELECT 1, 'Team', 1, 1, now();
    INSERT INTO board.lists (id, team, name, rank, version) OVERRIDING SYSTEM VALUE VALUES (1, 1, 'List', 1, 1);
    INSERT INTO board.tasks (id, team, list, title, description, checklist, due_at, rank, version, created_by,
            created_at, updated_at) OVERRIDING SYSTEM VALUE
        SELECT n, 1, 1, 'Task', '', '[]', due_at, n, 1, 1, now(), now()
        FROM (VALUES (1, NULL), (2, now() - interval '1 minute'), (3, now() + interval '30 minutes'),
            (4, now() + interval '3 days')) made (n, due_at)
"""
_ALARMS = "SELECT task, CAST(extract(epoch FROM due_at - wake_at) / 60 AS integer) FROM board.alarms ORDER BY task"


async def test_deadlines_that_passed_before_there_were_alarms_are_not_announced(empty: Settings) -> None:
    await migrate(empty, "0005_teams")
    engine = connect_database(empty)
    async with engine.begin() as connection:
        for statement in _BEFORE_ALARMS.split(";"):
            await connection.execute(text(statement))

    await migrate(empty, "0006_time")

    async with engine.begin() as connection:
        assert [tuple(row) for row in await connection.execute(text(_ALARMS))] == [(2, None), (3, 10), (4, 1440)]
        done_by_time = """INSERT INTO board.events (team, seq, at, type, payload, trace)
            VALUES (1, 1, now(), 'task.overdue', '{}', '')"""
        await connection.execute(text(done_by_time))
    await engine.dispose()
    await roll_back(empty, "0005_teams")
