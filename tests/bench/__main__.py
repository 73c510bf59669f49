"""`python -m tests.bench`: how fast this is on this machine, with its ceilings measured beside it in the same run."""

import argparse
import asyncio
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec
import psutil
import uvloop
from rich.console import Console

from infra.bus import Bus
from infra.config import Settings
from infra.log import setup_logging
from schemas.base import Role
from tests.bench import phases
from tests.bench.ceilings import ceilings
from tests.bench.deadlines import deadlines
from tests.bench.files import raise_limit
from tests.bench.heartbeats import Heartbeats, beat
from tests.bench.inserts import scratch_schema
from tests.bench.live import SOCKETS, Live, listen
from tests.bench.notices import Notices, tell
from tests.bench.processes import Roots, cpu_seconds, memory, quiet
from tests.bench.reads import LARGE, reads, seeded
from tests.bench.report import Report, ratios, show
from tests.bench.system import Board, System, count_tasks, new_board, running

# Not /tmp, which may lie in memory: then nothing would be durable and all of it too fast.
_SCRATCH = "/var/tmp"  # noqa: S108 - a folder with a random name is made in it
_QUIET_SECONDS = 8.0
_IDLE_SECONDS = 2.0

_progress = Console(stderr=True, highlight=False)


async def measure(data: Path, seconds: float, rounds: int, size: int) -> Report:
    """One run from an empty folder to the report; `size` is how many tasks are many."""
    machine = _machine(data)
    _say("starting on an empty folder")
    async with running(data) as first:
        pass
    _say("starting again")
    async with running(data) as system, ceilings() as echo, Bus(system.settings, Role.CONSOLE) as bus:
        idle_percent = await _idle_percent(system.roots)
        idle = memory(system.roots)
        board = await new_board(system, bus)
        roots = {**system.roots, **echo.pids, "load generator": os.getpid()}
        async with scratch_schema(system.settings):
            kinds = phases.phases(system, board, bus, echo)
            found = await phases.run(kinds, roots, rounds=rounds, seconds=seconds, say=_say)
        counted = await count_tasks(system, board)
        _say(f"seeding {size:,} tasks")
        boards = await seeded(system, bus, size)
        found += await phases.run(reads(system, boards), roots, rounds=rounds, seconds=seconds, say=_say)
        live = [await _listen(system, boards.one, sockets, seconds) for sockets in SOCKETS]
        _say("deadlines")
        await quiet(system.roots, _QUIET_SECONDS)
        passed = await deadlines(system, await new_board(system, bus), bus)
        return Report(
            machine=machine,
            first_start_seconds=first.start_seconds,
            start_seconds=system.start_seconds,
            idle_cpu_percent=idle_percent,
            idle_memory=idle,
            phases=found,
            live=live,
            deadlines=passed,
            notices=await _tell(system, bus, seconds),
            heartbeats=await _beat(system, seconds),
            memory=memory(system.roots),
            acknowledged=sum(phase.acknowledged for phase in found if phase.creates),
            counted=counted,
            ratios=ratios(found, size, passed),
        )


async def _listen(system: System, board: Board, sockets: int, seconds: float) -> Live:
    _say(f"{sockets:,} sockets")
    await quiet(system.roots, _QUIET_SECONDS)
    return await listen(system, board, sockets, seconds)


async def _tell(system: System, bus: Bus, seconds: float) -> Notices:
    _say("notices")
    await quiet(system.roots, _QUIET_SECONDS)
    return await tell(system, await new_board(system, bus, teams=1), seconds, _say)


async def _beat(system: System, seconds: float) -> Heartbeats:
    _say("heartbeats")
    await quiet(system.roots, _QUIET_SECONDS)
    return await beat(system, seconds)


async def _idle_percent(roots: Roots) -> float:
    """Of one processor, once the start has died down."""
    await quiet(roots, _QUIET_SECONDS)
    before = sum(cpu_seconds(roots).values())
    await asyncio.sleep(_IDLE_SECONDS)
    return 100 * (sum(cpu_seconds(roots).values()) - before) / _IDLE_SECONDS


def _machine(data: Path) -> dict[str, object]:
    places = [part for part in psutil.disk_partitions(all=True) if data.resolve().is_relative_to(part.mountpoint)]
    return {
        "processors": psutil.cpu_count(),
        "python": platform.python_version(),
        "disk": max(places, key=lambda part: len(part.mountpoint)).fstype if places else "unknown",
        "load before": round(os.getloadavg()[0], 1),
    }


def _say(text: str) -> None:
    _progress.print(text, style="dim")


def main() -> int:
    """Exit status 1 when something that was acknowledged is missing, or anything failed; being slow is no failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=7.5, help="for which each kind of load is measured")
    parser.add_argument("--rounds", type=int, default=3, help="into which those seconds are parted")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there as well")
    parser.add_argument("--data", type=Path, default=Path(_SCRATCH), help="where the scratch folder is made")
    parser.add_argument("--tasks", type=int, default=LARGE, help="how many are many")
    options = parser.parse_args()
    raise_limit()
    setup_logging(Settings(log_level="WARNING"))
    data = Path(tempfile.mkdtemp(prefix="ttm-bench-", dir=options.data))
    try:
        report = uvloop.run(measure(data, options.seconds, options.rounds, options.tasks))
    finally:
        shutil.rmtree(data, ignore_errors=True)
    show(report, Console(width=None if sys.stdout.isatty() else 140, highlight=False))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    return 1 if report.lost or report.errors else 0


if __name__ == "__main__":
    sys.exit(main())
