"""NATS, Postgres and Redis with nothing installed: child processes from wheels, in one data folder.

A server whose URL the settings already hold is somebody else's, and is not started.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from infra.children import Children
from infra.children.record import stop_leftovers
from infra.config import Settings
from infra.embedded.folder import Folder
from infra.embedded.nats_server import nats_program
from infra.embedded.postgres_server import prepare_postgres
from infra.embedded.redis_server import redis_program

READY_SECONDS = 60.0


async def start_servers(children: Children, folder: Folder, environ: Mapping[str, str]) -> dict[str, str]:
    """Start the servers that `environ` does not name; returns the variables by which all are found.

    Raises ConfigError and ChildFailed.
    """
    secrets = folder.secrets()
    found: dict[str, str] = {}
    if not environ.get("NATS_URL"):
        program, variables = nats_program(folder, secrets)
        found |= variables
        await children.launch(program)
    if not environ.get("REDIS_URL"):
        program, variables = redis_program(folder, secrets)
        found |= variables
        await children.launch(program)
    if not environ.get("DATABASE_URL"):
        program, variables = await asyncio.to_thread(prepare_postgres, folder, secrets["POSTGRES_PASSWORD"])
        found |= variables
        await children.launch(program)
    await children.ready(READY_SECONDS)
    return found


@asynccontextmanager
async def embedded_servers(data: Path) -> AsyncGenerator[Settings]:
    """All three servers on `data` for as long as the context lasts; the settings name them and hold every password."""
    folder = Folder(data)
    folder.create()
    with folder.lock():
        await asyncio.to_thread(stop_leftovers, folder.record)
        children = Children(folder.record)
        async with children:
            yield Settings.read(await start_servers(children, folder, {}))


__all__ = ["Folder", "embedded_servers", "start_servers"]
