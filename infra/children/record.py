"""The file that says which children run, and what to do with those that a killed parent left behind."""

import json
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict

import psutil

from infra.log import get_logger

log = get_logger(__name__)

_CLOCK_TOLERANCE = 2.0
"""Seconds by which the start time of one process may seem to differ when the system's clock is set."""
_PATIENCE = 10.0


class Running(TypedDict):
    """One child that lives."""

    role: str
    pid: int


def write_record(path: Path, running: Iterable[Running]) -> None:
    """Replace the record whole: a reader never sees half of it."""
    entries = [{**child, "started": started} for child in running if (started := _start_time(child["pid"])) is not None]
    draft = path.with_name(path.name + ".new")
    draft.write_text(json.dumps(entries, indent=1) + "\n")
    draft.replace(path)


def read_record(path: Path) -> list[Running]:
    """The recorded children that still live; a process id that went to another process does not count."""
    try:
        entries = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return []
    return [
        Running(role=str(entry["role"]), pid=int(entry["pid"]))
        for entry in entries
        if (started := _start_time(int(entry["pid"]))) is not None
        and abs(started - float(entry["started"])) < _CLOCK_TOLERANCE
    ]


def _start_time(pid: int) -> float | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def stop_leftovers(path: Path) -> None:
    """Stop the children of an earlier parent that was killed. Blocks until they are gone."""
    leftovers: list[psutil.Process] = []
    for child in reversed(read_record(path)):
        log.warning("stopping a process that an earlier start left behind", role=child["role"], pid=child["pid"])
        process = psutil.Process(child["pid"])
        # For Postgres, an interrupt is what a termination is to others: do not wait for clients.
        process.send_signal(signal.SIGINT if child["role"] == "postgres" else signal.SIGTERM)
        leftovers.append(process)
    _, stubborn = psutil.wait_procs(leftovers, timeout=_PATIENCE)
    for process in stubborn:
        process.kill()
    psutil.wait_procs(stubborn, timeout=_PATIENCE)
    path.unlink(missing_ok=True)
