"""What processes cost: processor time and memory, each with all of its descendants."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

import msgspec
import psutil

_MIB = 1024 * 1024
_QUIET_SHARE = 0.05
_LOOK_SECONDS = 0.2

Roots = Mapping[str, int]
"""Name of a process -> its id."""


class Memory(msgspec.Struct):
    """Of one process and all below it, in MiB. PSS shares out what several processes have in common."""

    rss: float = 0.0
    pss: float = 0.0
    processes: int = 0


def cpu_seconds(roots: Roots) -> dict[str, float]:
    """Processor seconds since each began to live, those of its dead children included."""
    spent = dict.fromkeys(roots, 0.0)
    for name, process in _families(roots, "cpu_times"):
        times = process.info["cpu_times"]
        spent[name] += times.user + times.system + times.children_user + times.children_system
    return spent


def busy_seconds() -> float:
    """Processor seconds that anything on this machine has used since it began to run, what a host took away too."""
    times = psutil.cpu_times()
    return times.user + times.nice + times.system + times.irq + times.softirq + times.steal


def memory(roots: Roots) -> dict[str, Memory]:
    """What each holds now."""
    found = {name: Memory() for name in roots}
    for name, process in _families(roots, "memory_info"):
        rss = process.info["memory_info"].rss
        found[name].rss += rss / _MIB
        found[name].pss += (_pss(process.pid) or rss) / _MIB
        found[name].processes += 1
    return found


async def quiet(roots: Roots, timeout: float) -> None:
    """Wait until all of them together rest, `timeout` seconds at most."""
    deadline = perf_counter() + timeout
    before, then = sum(cpu_seconds(roots).values()), perf_counter()
    while perf_counter() < deadline:
        await asyncio.sleep(_LOOK_SECONDS)
        after, now = sum(cpu_seconds(roots).values()), perf_counter()
        if after - before < _QUIET_SHARE * (now - then):
            return
        before, then = after, now


def _families(roots: Roots, what: str) -> list[tuple[str, psutil.Process]]:
    """Every process that is, or descends from, one of the roots, with the name of the nearest; `info` holds `what`."""
    processes = {process.pid: process for process in psutil.process_iter(["ppid", what])}
    names = {pid: name for name, pid in roots.items()}
    found: list[tuple[str, psutil.Process]] = []
    for process in processes.values():
        above: psutil.Process | None = process
        while above is not None and above.pid not in names:
            above = processes.get(above.info["ppid"])
        if above is not None and process.info[what] is not None:
            found.append((names[above.pid], process))
    return found


def _pss(pid: int) -> int:
    """Bytes; 0 where we may not look."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
