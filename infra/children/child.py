"""One child process, kept running."""

import asyncio
import time
from collections.abc import Callable

from mode import Service

from infra.children.before_exec import before_exec
from infra.children.program import Program
from infra.log import get_logger

log = get_logger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
STABLE_SECONDS = 10.0
"""A child that lived this long starts again with the first pause."""
_PROBE_SECONDS = 0.05
_HOPELESS_STARTS = 3


class Child(Service):
    """When the process ends by itself it is started again, for ever, after a pause that grows."""

    mundane_level = "debug"

    def __init__(self, program: Program, on_change: Callable[[], None]) -> None:
        """`on_change` is called after each start and each end of the process."""
        super().__init__()
        self.program = program
        self.settled = asyncio.Event()
        """Set once the child has been ready, or it makes no sense to wait for it."""
        self.has_been_ready = False
        self._on_change = on_change
        self._process: asyncio.subprocess.Process | None = None
        self._spawning = asyncio.Lock()
        self._failed_starts = 0

    @property
    def label(self) -> str:
        return self.program.role

    @property
    def pid(self) -> int | None:
        """None between two lives."""
        return self._process.pid if self._process and self._process.returncode is None else None

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
            log.warning("child ended and starts again", role=self.label, code=code, pause=pause)
            await self.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _live(self) -> int | None:
        """From start to end. Returns the exit code, None when there was no start."""
        process = await self._spawn()
        if process is None:
            self._count_failed_start()
            return None
        probing = asyncio.ensure_future(self._await_ready())
        try:
            return await process.wait()
        finally:
            if not probing.done():
                probing.cancel()
                self._count_failed_start()
            self._on_change()

    async def _spawn(self) -> asyncio.subprocess.Process | None:
        # The lock lets `on_stop` see a process that is just being born.
        async with self._spawning:
            if self.should_stop:
                return None
            try:
                self._process = await self._create_process()
            except OSError as error:
                log.warning("child cannot start", role=self.label, error=str(error))
                return None
        self._on_change()
        return self._process

    async def _create_process(self) -> asyncio.subprocess.Process:
        program = self.program
        with program.open_log() as output:
            return await asyncio.create_subprocess_exec(
                *program.argv,
                env=dict(program.environ),
                cwd=program.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # so that Ctrl-C in the terminal reaches only us
                preexec_fn=before_exec(program.account, program.stop_signal),
            )

    async def _await_ready(self) -> None:
        while True:
            try:
                await self.program.probe()
            except Exception as error:  # noqa: BLE001 - whatever a probe meets, it means "not yet"
                log.debug("child is not ready", role=self.label, error=str(error))
                await asyncio.sleep(_PROBE_SECONDS)
            else:
                self.has_been_ready = True
                self.settled.set()
                return

    def _count_failed_start(self) -> None:
        self._failed_starts += 1
        if self._failed_starts >= _HOPELESS_STARTS:
            self.settled.set()

    async def crash(self, reason: BaseException) -> None:
        """Our own mistake, not the end of the process: whoever waits for the child must learn of it."""
        await super().crash(reason)
        self.settled.set()

    async def on_stop(self) -> None:
        """Ask the process to end, then insist."""
        async with self._spawning:
            process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(self.program.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), self.program.stop_seconds)
        except TimeoutError:
            log.warning("child does not stop and is killed", role=self.label)
            process.kill()
            await process.wait()
