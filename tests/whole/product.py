"""The whole product as its users start it: `ttm up`, on a data folder of its own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from infra.children import Account
from infra.children.before_exec import before_exec
from infra.children.record import Running, read_record
from infra.config import Settings
from infra.embedded import Folder
from infra.embedded.folder import read_env

START_SECONDS = 90.0
STOP_SECONDS = 45.0


class Said(NamedTuple):
    """How a command ended, and what it said."""

    code: int | None
    out: str
    err: str


def environ(**more: str) -> dict[str, str]:
    """The environment without what would lead a start to servers or ports of somebody else's."""
    ours = {name.upper() for name in Settings.__struct_fields__}
    return {name: value for name, value in os.environ.items() if name not in ours} | more


async def ttm(*arguments: str, text: str = "") -> Said:
    """Run one command to its end, with `text` on its standard input."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command(*arguments), env=environ(), stdin=pipe, stdout=pipe, stderr=pipe
    )
    out, err = await asyncio.wait_for(process.communicate(text.encode()), START_SECONDS)
    return Said(process.returncode, out.decode(), err.decode())


def command(*arguments: str, python: str = sys.executable) -> list[str]:
    return [python, "-P", "-m", "infra.cli", *arguments]


class Product:
    """A running `ttm up`. `line` is the JSON that it said when it was ready."""

    def __init__(self, data: Path, process: asyncio.subprocess.Process, line: Mapping[str, Any]) -> None:
        self.data = data
        self.process = process
        self.line = line

    @property
    def url(self) -> str:
        return self.line["url"]

    @property
    def settings(self) -> Settings:
        """Where its servers are, with every password."""
        return Settings.read(read_env(Folder(self.data).running))

    def running(self) -> list[Running]:
        """Its children that live now."""
        return read_record(Folder(self.data).record)

    def pid(self, role: str) -> int | None:
        """A child's process id; None between two lives."""
        return next((child["pid"] for child in self.running() if child["role"] == role), None)

    def password(self, username: str) -> str:
        """Of somebody in the demo."""
        return next(user["password"] for user in self.line["users"] if user["username"] == username)

    def complaints(self) -> str:
        """All that it has written to standard error."""
        return _stderr(self.data).read_text()

    def descendants(self) -> list[psutil.Process]:
        """Every process below it, such as those of Postgres."""
        return psutil.Process(self.process.pid).children(recursive=True)

    async def stop(self, how: signal.Signals = signal.SIGINT) -> Said:
        """End it; what it said is all that came after its line."""
        self.process.send_signal(how)
        assert self.process.stdout is not None
        rest = await asyncio.wait_for(self.process.stdout.read(), STOP_SECONDS)
        code = await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        return Said(code, rest.decode(), self.complaints())

    async def insist(self) -> None:
        """Leave nothing behind, whatever the test made of it."""
        if self.process.returncode is None:
            await self.stop()


async def start(
    data: Path, *options: str, python: str = sys.executable, account: Account | None = None, **variables: str
) -> Product:
    """Returns when people can use it. `account` is the user that shall run it, if that is not us.

    Nobody's writes are limited, for tests are quicker than people.
    """
    with _stderr(data).open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            *command("up", "--json", "--port", "0", "--data", str(data), *options, python=python),
            env=environ(**{"WRITE_LIMIT": "0", **variables}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            # It ends with the run of the tests, even if that is killed.
            preexec_fn=before_exec(account, signal.SIGINT),
        )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
    assert line, f"it ended with {await process.wait()} and said:\n{_stderr(data).read_text()}"
    return Product(data, process, json.loads(line))


@asynccontextmanager
async def product(data: Path, *options: str) -> AsyncGenerator[Product]:
    """One that runs for as long as the context lasts."""
    running = await start(data, *options)
    try:
        yield running
    finally:
        await running.insist()


def _stderr(data: Path) -> Path:
    return data.with_name(data.name + ".stderr")
