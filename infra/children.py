"""Child processes that are kept running: started, watched, started again, stopped in reverse order."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil
from mode import Service

from infra.log import get_logger
from infra.parent_death import die_with_parent

log = get_logger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
STABLE_SECONDS = 10.0
"""A child that lived this long starts again with the first pause."""
_PROBE_SECONDS = 0.05
_LOG_BYTES = 20_000_000
_GIVE_UP_AFTER = 3


class ChildFailed(Exception):
    """A child does not come up; the text holds the end of its log."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who a child runs as."""

    name: str
    uid: int
    gid: int


async def _at_once() -> None:
    """The probe of a child that is ready as soon as it runs."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """How to run one child. `probe` raises for as long as the child cannot do its work yet."""

    role: str
    argv: Sequence[str]
    environ: Mapping[str, str]
    log_file: Path
    probe: Callable[[], Awaitable[None]] = _at_once
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    account: Account | None = None


class Child(Service):
    """One process, for ever: when it ends by itself it is started again, after a pause that grows."""

    mundane_level = "debug"

    def __init__(self, program: Program, on_change: Callable[[], None]) -> None:
        super().__init__()
        self.program = program
        self.process: asyncio.subprocess.Process | None = None
        self.settled = asyncio.Event()
        """Set when the child is ready or has failed too often to hope."""
        self.failed = False
        self._on_change = on_change
        self._spawning = asyncio.Lock()
        self._failures = 0

    @property
    def label(self) -> str:
        return self.program.role

    @property
    def pid(self) -> int | None:
        """None between two lives."""
        return self.process.pid if self.process and self.process.returncode is None else None

    @Service.task
    async def _keep_running(self) -> None:
        pause = FIRST_PAUSE
        while not self.should_stop:
            born = time.monotonic()
            code = await self._live()
            if self.should_stop:
                return
            if time.monotonic() - born > STABLE_SECONDS:
                pause = FIRST_PAUSE
            log.warning("child ended and starts again", role=self.program.role, code=code, pause=pause)
            await self.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _live(self) -> int | None:
        """From start to end; returns the exit code, None when it could not even start."""
        process = await self._spawn()
        if process is None:
            self._count_failure()
            return None
        probing = asyncio.create_task(self._probe())
        try:
            return await process.wait()
        finally:
            if not probing.done():
                probing.cancel()
                self._count_failure()
            self._on_change()

    async def _spawn(self) -> asyncio.subprocess.Process | None:
        async with self._spawning:
            if self.should_stop:
                return None
            program = self.program
            try:
                with _open_log(program.log_file) as output:
                    self.process = await asyncio.create_subprocess_exec(
                        *program.argv,
                        env=dict(program.environ),
                        stdin=asyncio.subprocess.DEVNULL,
                        stdout=output,
                        stderr=output,
                        start_new_session=True,  # so that Ctrl-C in the terminal reaches only us
                        preexec_fn=die_with_parent(program.stop_signal),
                        **_identity(program.account),
                    )
            except OSError as error:
                log.warning("child cannot start", role=program.role, error=str(error))
                return None
        self._on_change()
        return self.process

    async def _probe(self) -> None:
        """Ask until the child can do its work."""
        while True:
            try:
                await self.program.probe()
            except Exception as error:
                log.debug("child is not ready", role=self.program.role, error=str(error))
                await asyncio.sleep(_PROBE_SECONDS)
            else:
                self._failures = 0
                self.failed = False
                self.settled.set()
                return

    def _count_failure(self) -> None:
        self._failures += 1
        if self._failures >= _GIVE_UP_AFTER and not self.settled.is_set():
            self.failed = True
            self.settled.set()

    async def on_stop(self) -> None:
        async with self._spawning:
            process = self.process
        if process is None or process.returncode is not None:
            return
        process.send_signal(self.program.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), self.program.stop_seconds)
        except asyncio.TimeoutError:
            log.warning("child does not stop and is killed", role=self.program.role)
            process.kill()
            await process.wait()


class Children(Service):
    """All child processes of one `ttm up`; they stop in the reverse order of their start."""

    mundane_level = "debug"

    def __init__(self, record: Path) -> None:
        """`record` is the file that always says which children there are."""
        super().__init__()
        self._record = record
        self.members: list[Child] = []

    async def launch(self, *programs: Program) -> None:
        """Start these at the same time; `ready` waits for them."""
        for program in programs:
            child = Child(program, self._write_record)
            self.members.append(child)
            await self.add_runtime_dependency(child)

    async def ready(self, timeout: float) -> None:
        """Wait until each can do its work. Raises ChildFailed for the first that does not, within `timeout` seconds."""
        waits = [child.settled.wait() for child in self.members]
        try:
            await asyncio.wait_for(asyncio.gather(*waits), timeout)
        except asyncio.TimeoutError:
            pass
        for child in self.members:
            if child.failed or not child.settled.is_set():
                raise ChildFailed(f"{child.label} does not start; its log ends with\n{_tail(child.program.log_file)}")

    def running(self) -> list[dict[str, str | int]]:
        """Role and process id of each child that lives now."""
        return [{"role": child.label, "pid": child.pid} for child in self.members if child.pid]

    def _write_record(self) -> None:
        write_record(self._record, self.running())

    async def on_shutdown(self) -> None:
        self._record.unlink(missing_ok=True)
