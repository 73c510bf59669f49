"""Postgres through SQLAlchemy Core on asyncpg."""

import asyncio

import asyncpg.exceptions
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from infra.config import Settings

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def schema_metadata(schema: str) -> MetaData:
    """The tables of one owner: nobody else reads or writes them."""
    return MetaData(schema=schema, naming_convention=NAMING)


def database_url(settings: Settings) -> str:
    """`DATABASE_URL` as SQLAlchemy wants it."""
    return "postgresql+asyncpg://" + settings.database_url.split("://", 1)[-1]


def connect_database(settings: Settings, *, pool_size: int = 8) -> AsyncEngine:
    """An engine that connects when first used; a dead connection is noticed before it is used."""
    return create_async_engine(
        database_url(settings),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        connect_args={"timeout": 5, "command_timeout": 30, "server_settings": {"application_name": "ttm", "jit": "off"}},
    )


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached or broke off, as against refusing what was asked of it."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error.orig, OSError) or is_away_cause(error)
    return isinstance(error, (OSError, asyncio.TimeoutError, asyncpg.exceptions.PostgresConnectionError))


def is_away_cause(error: DBAPIError) -> bool:
    cause = error.orig.__cause__ if error.orig is not None else None
    return isinstance(
        cause,
        (
            OSError,
            asyncpg.exceptions.PostgresConnectionError,
            asyncpg.exceptions.CannotConnectNowError,
            asyncpg.exceptions.AdminShutdownError,
            asyncpg.exceptions.CrashShutdownError,
            asyncpg.exceptions.InterfaceError,
        ),
    )
