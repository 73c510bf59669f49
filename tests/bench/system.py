"""The system under load: the real `ttm up` on a folder of its own, with a user, teams and lists to fill."""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import asyncpg
import msgspec

from infra.bus import Bus
from infra.cli.running import running_settings
from infra.config import Settings
from schemas.accounts import CreateUser, User
from schemas.ids import ListId, TeamId
from schemas.lists import CreateList
from schemas.members import Person
from schemas.teams import CreateTeam
from tests.bench.processes import Roots

TEAMS = 8
LISTS = 4
"""Of each team."""

_START_SECONDS = 90
_STOP_SECONDS = 40


class System(msgspec.Struct):
    """A product that can be used, and how long that took."""

    url: str
    settings: Settings
    roots: Roots
    """Each of its processes, `ttm up` itself too."""
    start_seconds: float


@asynccontextmanager
async def running(data: Path) -> AsyncGenerator[System]:
    """`ttm up` on `data`, stopped at the end. Raises RuntimeError with what it said when it does not start."""
    begun = perf_counter()
    with (data / "up.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "infra.cli", "up", "--demo", "--json", "--data", str(data / "ttm"), "--port", "0"),
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            # One user does here what a thousand people do.
            env={**os.environ, "WRITE_LIMIT": "0", "SOCKET_LIMIT": "10000"},
        )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START_SECONDS)
        if not line:
            raise RuntimeError((data / "up.log").read_text())
        yield _system(json.loads(line), data / "ttm", process.pid, perf_counter() - begun)
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)


def _system(ready: dict[str, Any], data: Path, pid: int, seconds: float) -> System:
    roots = {"ttm up": pid} | {child["role"]: child["pid"] for child in ready["processes"]}
    return System(url=ready["url"], settings=running_settings(data), roots=roots, start_seconds=seconds)


class Board(msgspec.Struct):
    """Somebody who is signed in, and the lists that they fill."""

    user: User
    cookie: str
    """The line of a request that says who asks."""
    teams: list[TeamId]
    lists: list[ListId]


async def new_board(system: System, bus: Bus, teams: int = TEAMS) -> Board:
    """Make a user with teams and lists, and sign in."""
    username, password = f"bench-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    user = await bus.request(CreateUser(username=username, password=password, name="Bench", is_admin=False))
    person = Person(user=user.id, username=user.username, name=user.name)
    board = Board(user=user, cookie=await _sign_in(system, username, password), teams=[], lists=[])
    for number in range(1, teams + 1):
        team = await bus.request(CreateTeam(by=user.id, name=f"Team {number}", person=person))
        board.teams.append(team.id)
        for name in (f"List {number}" for number in range(1, LISTS + 1)):
            board.lists.append((await bus.request(CreateList(by=user.id, team=team.id, name=name))).id)
    return board


async def _sign_in(system: System, username: str, password: str) -> str:
    body = {"username": username, "password": password}
    async with aiohttp.ClientSession(system.url) as session, session.post("/api/auth/login/", json=body) as answer:
        answer.raise_for_status()
        return f"Cookie: {'; '.join(f'{name}={cookie.value}' for name, cookie in answer.cookies.items())}\r\n"


async def count_tasks(system: System, board: Board) -> int:
    """How many tasks there are in the teams of the board's user; the API would stop counting."""
    connection = await asyncpg.connect(system.settings.database_url)
    try:
        count = "SELECT count(*) FROM board.tasks WHERE team = ANY ($1) AND deleted_at IS NULL"
        return await connection.fetchval(count, board.teams)
    finally:
        await connection.close()
