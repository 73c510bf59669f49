"""What processes cost: processor time and memory, each with all of its descendants."""

import asyncio
import os
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

    rss: float
    pss: float
    processes: int


def cpu_seconds(roots: Roots) -> dict[str, float]:
    """Processor seconds since each began to live, those of its dead children included."""
    return {name: sum(map(_cpu, _tree(pid, roots))) for name, pid in roots.items()}


def memory(roots: Roots) -> dict[str, Memory]:
    """What each holds now."""
    found: dict[str, Memory] = {}
    for name, pid in roots.items():
        tree = _tree(pid, roots)
        rss = sum(process.memory_info().rss for process in tree) / _MIB
        found[name] = Memory(rss=rss, pss=sum(map(_pss, tree)) / _MIB, processes=len(tree))
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


def _tree(pid: int, roots: Roots) -> list[psutil.Process]:
    """A process and its descendants, except those that are counted under a name of their own."""
    others = set(roots.values()) - {pid}
    try:
        root = psutil.Process(pid)
        below = root.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    named = {child.pid for child in below if child.pid in others}
    excluded = named | {child.pid for child in below if named & {parent.pid for parent in child.parents()}}
    return [root, *(child for child in below if child.pid not in excluded)]


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system


def _pss(process: psutil.Process) -> int:
    """Bytes; what we may not look into counts whole."""
    try:
        rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except OSError:
        return process.memory_info().rss
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def ourselves() -> int:
    return os.getpid()
