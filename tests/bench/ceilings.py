"""The processes of the ceilings: two bare web servers, and between one of them and a responder a NATS of their own."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from signal import SIGTERM

import msgspec

from infra.embedded.binaries import nats_server

_READY_SECONDS = 20
_LISTENING = "Listening for client connections on "


class Ceilings(msgspec.Struct):
    """Where they are."""

    http: str
    relay: str
    nats: str
    pids: dict[str, int]


@asynccontextmanager
async def ceilings() -> AsyncGenerator[Ceilings]:
    """Start them all; gone at the end."""
    async with AsyncExitStack() as exits:
        server = await _spawn(exits, str(nats_server()), "-a", "127.0.0.1", "-p", "-1")
        while _LISTENING not in (line := await _line(server)):
            pass
        nats = "nats://" + line.rsplit(_LISTENING, 1)[1]
        programs = {"http": await _echo(exits, "http"), "nats": server}
        programs["responder"] = await _echo(exits, "responder", nats)
        programs["relay"] = await _echo(exits, "relay", nats)
        await _line(programs["responder"])
        http, relay = await _line(programs["http"]), await _line(programs["relay"])
        pids = {f"echo {name}": process.pid for name, process in programs.items()}
        yield Ceilings(http=http, relay=relay, nats=nats, pids=pids)


async def _echo(exits: AsyncExitStack, *arguments: str) -> Process:
    return await _spawn(exits, sys.executable, "-m", "tests.bench.echo", *arguments)


async def _spawn(exits: AsyncExitStack, *argv: str) -> Process:
    # nats-server logs to standard error; Python's tracebacks are worth reading there too.
    out, err = (None, PIPE) if argv[0] == str(nats_server()) else (PIPE, None)
    process = await asyncio.create_subprocess_exec(*argv, stdout=out, stderr=err)
    exits.push_async_callback(_stop, process)
    return process


async def _line(process: Process) -> str:
    stream = process.stdout or process.stderr
    assert stream is not None
    line = await asyncio.wait_for(stream.readline(), _READY_SECONDS)
    if not line:
        raise RuntimeError("a server for the comparison does not start")
    return line.decode().strip()


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.send_signal(SIGTERM)
    await process.wait()
