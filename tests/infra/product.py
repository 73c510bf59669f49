"""The whole product, started by its own command."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from infra.config import Settings

READY_SECONDS = 90


def clean_environ() -> dict[str, str]:
    """Ours, without any variable that would change what `ttm` does."""
    ours = {name.upper() for name in Settings.__struct_fields__}
    return {name: value for name, value in os.environ.items() if name not in ours}


async def ttm(*arguments: str, stdin: str = "", **environ: str) -> tuple[int, str, str]:
    """Run a command to its end; returns exit status, standard output and standard error."""
    process = await start_ttm(*arguments, **environ)
    output, errors = await process.communicate(stdin.encode())
    return process.returncode or 0, output.decode(), errors.decode()


async def start_ttm(*arguments: str, **environ: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "infra.cli",
        *arguments,
        env=clean_environ() | environ,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


class Product:
    """A product that runs, as its line of JSON describes it."""

    def __init__(self, data: Path, process: asyncio.subprocess.Process, ready: dict[str, Any]) -> None:
        self.data = data
        self.url: str = ready["url"]
        self.ready = ready
        self._process = process

    def pids(self) -> dict[str, int]:
        """The children as the data folder tells of them now."""
        record = json.loads((self.data / "processes.json").read_text())
        return {child["role"]: child["pid"] for child in record}

    @asynccontextmanager
    async def sign_in(self, username: str) -> AsyncGenerator[aiohttp.ClientSession]:
        """A session of one of the demo's users."""
        password = next(user["password"] for user in self.ready["users"] if user["username"] == username)
        async with aiohttp.ClientSession(self.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            login = {"username": username, "password": password}
            async with session.post("/api/auth/login/", json=login) as answer:
                assert answer.status == 200, await answer.text()
            yield session

    async def stop(self) -> tuple[int, str]:
        """Ask it to end; returns exit status and all it said on standard error since the start."""
        self._process.send_signal(signal.SIGTERM)
        output, errors = await self._process.communicate()
        assert output == b""
        return self._process.returncode or 0, errors.decode()

    def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()


async def start_product(data: Path, *options: str) -> Product:
    """Returns when it says that it is ready."""
    process = await start_ttm("up", "--data", str(data), "--port", "0", "--json", *options)
    assert process.stdout
    assert process.stderr
    line = await asyncio.wait_for(process.stdout.readline(), READY_SECONDS)
    assert line, (await process.stderr.read()).decode()
    return Product(data, process, json.loads(line))
