"""Child processes that are kept running: started, watched, started again, stopped in reverse order."""

import asyncio
from pathlib import Path

from mode import Service

from infra.children.child import Child
from infra.children.program import Account, Program
from infra.children.record import Running, write_record

__all__ = ["Account", "ChildFailed", "Children", "Program", "Running"]


class ChildFailed(Exception):
    """A child does not come up; the text holds the end of its log."""


class Children(Service):
    """All child processes of one parent. Each starts again by itself when it ends, and leaves the others alone."""

    mundane_level = "debug"

    def __init__(self, record: Path) -> None:
        """`record` is the file that always says which children there are."""
        super().__init__()
        self._record = record
        self._members: list[Child] = []

    async def launch(self, *programs: Program) -> None:
        """Start these at the same time; `ready` waits for them."""
        for program in programs:
            child = Child(program, self._write_record)
            self._members.append(child)
            await self.add_runtime_dependency(child)

    async def ready(self, timeout: float) -> None:
        """Wait until each can do its work. Raises ChildFailed for one that cannot within `timeout` seconds."""
        waits = [asyncio.ensure_future(child.settled.wait()) for child in self._members]
        try:
            async with asyncio.timeout(timeout):
                for wait in waits:
                    await wait
        except TimeoutError:
            pass
        finally:
            for wait in waits:
                wait.cancel()
        self.check()
        for child in self._members:
            if not child.has_been_ready:
                raise ChildFailed(f"{child.label} does not start. Its log ends with:\n{child.program.log_end()}")

    def check(self) -> None:
        """Raises what made the supervision itself fail, if something did."""
        if self.crash_reason is not None:
            raise self.crash_reason

    def running(self) -> list[Running]:
        """Each child that lives now."""
        return [Running(role=child.label, pid=child.pid) for child in self._members if child.pid]

    def _write_record(self) -> None:
        write_record(self._record, self.running())

    async def on_shutdown(self) -> None:
        self._record.unlink(missing_ok=True)
