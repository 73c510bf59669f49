"""Postgres through SQLAlchemy Core on asyncpg."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg
from sqlalchemy import MetaData
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from infra.config import Settings
from infra.log import get_logger
from schemas.errors import BusError, ErrorCode

log = get_logger(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


_SESSION = {"application_name": "ttm", "jit": "off"}
# A plan that is made once and for all cannot know how much there is: where an index has the order, it takes that.
_FIXED_PLANS = {"plan_cache_mode": "force_generic_plan", "enable_sort": "off", "enable_incremental_sort": "off"}


def schema_metadata(schema: str) -> MetaData:
    """The tables of one owner: nobody else reads or writes them."""
    return MetaData(schema=schema, naming_convention=NAMING)


def database_url(settings: Settings) -> str:
    """`DATABASE_URL` as SQLAlchemy wants it."""
    return "postgresql+asyncpg://" + settings.database_url.split("://", 1)[-1]


def connect_database(settings: Settings, *, pool_size: int = 8, fixed_plans: bool = False) -> AsyncEngine:
    """An engine that connects when first used; a dead connection is noticed before it is used.

    `fixed_plans` spares planning each time, for those whose few statements find their way whatever they are given.
    """
    engine = create_async_engine(
        database_url(settings),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,  # errors are logged, and what people wrote is not
        connect_args={
            "timeout": 5,
            "command_timeout": 30,
            "server_settings": _SESSION | (_FIXED_PLANS if fixed_plans else {}),
        },
    )
    listen(engine.sync_engine, "checkout", _refuse_dead)
    return engine


def _refuse_dead(connection: Any, _record: object, _proxy: object) -> None:
    """The driver saw the line break, so no question to the server is needed; the pool then opens another."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def single_statements(engine: AsyncEngine) -> AsyncEngine:
    """The same pool, each statement a transaction of its own: no round trips to begin and to commit."""
    if (single := _singles.get(engine)) is None:
        single = _singles[engine] = engine.execution_options(isolation_level="AUTOCOMMIT")
    return single


# Making one takes as long as a statement does.
_singles: WeakKeyDictionary[AsyncEngine, AsyncEngine] = WeakKeyDictionary()


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """One transaction. Raises BusError UNAVAILABLE when the database is away, even if that was during the commit."""
    async with _told_apart(), engine.begin() as connection:
        yield connection


@asynccontextmanager
async def statements(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """Each statement a transaction of its own. Raises BusError UNAVAILABLE when the database is away."""
    async with _told_apart(), single_statements(engine).connect() as connection:
        yield connection


@asynccontextmanager
async def _told_apart() -> AsyncGenerator[None]:
    """What a database that is away raises becomes a BusError; whatever it refuses stays as it is."""
    try:
        yield
    except Exception as error:
        if is_away(error):
            log.warning("the database is away", error=type(error).__name__)
            raise BusError(ErrorCode.UNAVAILABLE, "the database is away") from error
        raise


_AWAY = (
    OSError,  # also stands for time-outs
    PoolTimeout,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached or broke off, as against refusing what was asked of it."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.connection_invalidated or isinstance(error.orig.__cause__, _AWAY)
    return isinstance(error, _AWAY)
