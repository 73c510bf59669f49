"""Brings the database to the schema that this version needs; the steps lie in `infra/migrations/versions`.

Alembic runs inside this process without its env.py, so there is one way in: the lock, one transaction, all or nothing.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from infra.config import Settings
from infra.db import database_url
from infra.log import get_logger

log = get_logger(__name__)

HEAD = "heads"
BASE = "base"

_FOLDER = Path(__file__).with_name("migrations")
# Any number that nothing else on the same database locks by.
_LOCK = 7_233_106_498


class SchemaError(Exception):
    """The database holds a schema that this version cannot bring to its own; the text says why."""


async def migrate(settings: Settings, target: str = HEAD) -> list[str]:
    """Go up to `target` and return the revisions applied, oldest first; of two at once, one waits for the other.

    Raises SchemaError when the database is newer than this version, and what SQLAlchemy raises when it is away.
    """
    script = await asyncio.to_thread(scripts)
    async with _locked(settings) as connection:
        applied = await connection.run_sync(_upgrade, script, target)
    for revision in applied:
        log.info("database migrated", revision=revision)
    return applied


async def roll_back(settings: Settings, target: str) -> None:
    """Go down to `target`; what the tables above it held is gone."""
    script = await asyncio.to_thread(scripts)
    async with _locked(settings) as connection:
        await connection.run_sync(_downgrade, script, target)


async def pending(settings: Settings) -> list[str]:
    """The revisions that `migrate` would apply, oldest first. Raises as it does."""
    script = await asyncio.to_thread(scripts)
    async with _transaction(settings) as connection:
        return await connection.run_sync(_missing, script)


def scripts() -> ScriptDirectory:
    """The revisions, all imported already: this reads files, so not in the event loop."""
    script = ScriptDirectory(str(_FOLDER))
    list(script.walk_revisions())
    return script


@asynccontextmanager
async def _transaction(settings: Settings) -> AsyncGenerator[AsyncConnection]:
    # No time limit on a statement: waiting for the lock may take as long as somebody else's migration.
    engine = create_async_engine(database_url(settings), poolclass=NullPool, connect_args={"timeout": 5})
    try:
        async with engine.begin() as connection:
            yield connection
    except (CommandError, RevisionError) as error:
        raise SchemaError(f"the database does not fit this version: {error}") from error
    finally:
        await engine.dispose()


@asynccontextmanager
async def _locked(settings: Settings) -> AsyncGenerator[AsyncConnection]:
    async with _transaction(settings) as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield connection


def _missing(connection: Connection, script: ScriptDirectory) -> list[str]:
    heads = MigrationContext.configure(connection).get_current_heads()
    return [step.revision for step in script.iterate_revisions(HEAD, heads or BASE)][::-1]


def _upgrade(connection: Connection, script: ScriptDirectory, target: str) -> list[str]:
    before = _missing(connection, script)
    _walk(connection, script, partial(script._upgrade_revs, target))
    after = _missing(connection, script)
    return [revision for revision in before if revision not in after]


def _downgrade(connection: Connection, script: ScriptDirectory, target: str) -> None:
    _walk(connection, script, partial(script._downgrade_revs, target))


def _walk(connection: Connection, script: ScriptDirectory, steps: Callable[[Any], Any]) -> None:
    """Run the steps that `steps` names for the revisions at which the database stands."""

    def from_here(heads: Any, _context: MigrationContext) -> Any:
        return steps(heads)

    with EnvironmentContext(Config(), script, fn=from_here) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()
