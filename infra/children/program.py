"""How one child process is run."""

import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

_LOG_BYTES = 20_000_000


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


def run_as(account: Account | None) -> dict[str, Any]:
    """The arguments of `subprocess` that make a process run as `account`; None means as we do."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


Probe = Callable[[], Awaitable[None]]
"""Raises for as long as the child cannot do its work yet."""


async def ready_at_once() -> None:
    """The probe of a child that can do its work as soon as it runs."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """All that is needed to start it again the same way."""

    role: str
    argv: Sequence[str]
    environ: Mapping[str, str]
    log_file: Path
    folder: Path = Path("/")
    """Where it runs."""
    probe: Probe = ready_at_once
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    account: Account | None = None

    def open_log(self) -> BinaryIO:
        """Append to the log, but begin a new one when it has grown large; one older log is kept."""
        path = self.log_file
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_name(path.name + ".1"))
        return path.open("ab")

    def log_end(self, lines: int = 15) -> str:
        """What the child said last."""
        path = self.log_file
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"
