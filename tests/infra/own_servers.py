"""Servers of a test's own, for what nobody else may see: stopping them, or a database with nothing in it."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from infra.children import Children, Program
from infra.children.record import read_record
from infra.config import Settings
from infra.embedded import Folder, start_servers
from infra.embedded.binaries import nats_server
from infra.ports import any_free_port
from tests.waiting import wait_for

_ELSEWHERE = {"nats": "NATS_URL", "postgres": "DATABASE_URL", "redis": "REDIS_URL"}


class OwnServer:
    """One server; when it is stopped it starts again by itself, where it was."""

    def __init__(self, role: str, folder: Folder, settings: Settings) -> None:
        self.settings = settings
        self._role = role
        self._folder = folder

    def process(self) -> int | None:
        """Its id; None between two lives."""
        running = read_record(self._folder.record)
        return next((child["pid"] for child in running if child["role"] == self._role), None)

    def send(self, number: signal.Signals) -> int:
        """Send it a signal and return the id of who got it."""
        process = self.process()
        assert process is not None
        os.kill(process, number)
        return process

    async def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End its process; returns when there is another one, which may not be ready yet."""
        first_life = self.send(how)
        await wait_for(lambda: self.process() not in (None, first_life))


@asynccontextmanager
async def own_server(role: str, data: Path) -> AsyncGenerator[OwnServer]:
    """`role` is `nats`, `postgres` or `redis`."""
    folder = Folder(data)
    folder.create()
    elsewhere = {variable: "not needed" for other, variable in _ELSEWHERE.items() if other != role}
    children = Children(folder.record)
    async with children:
        yield OwnServer(role, folder, Settings.read(await start_servers(children, folder, elsewhere)))


@asynccontextmanager
async def open_nats(data: Path, port: int = 0) -> AsyncGenerator[OwnServer]:
    """A NATS that lets everybody say and hear everything, for messages that only a test declares."""
    folder = Folder(data)
    folder.create()
    port = port or any_free_port("127.0.0.1")

    async def ask() -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    argv = [str(nats_server()), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(data / "jetstream")]
    program = Program(role="nats", argv=argv, environ={}, log_file=folder.log("nats"), probe=ask)
    children = Children(folder.record)
    async with children:
        await children.launch(program)
        await children.ready(10)
        yield OwnServer("nats", folder, Settings(nats_url=f"nats://127.0.0.1:{port}"))
