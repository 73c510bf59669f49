"""What becomes of it when it is stopped, killed and started again."""

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from tests.waiting import wait_for
from tests.whole.doing import TITLE, add_task, titles
from tests.whole.product import start

pytestmark = [pytest.mark.whole, pytest.mark.timeout(180)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def alive(processes: Sequence[psutil.Process]) -> list[str]:
    """Those that still do something; a process id that somebody else got does not count."""
    return [f"{one.pid} {' '.join(one.cmdline())}" for one in processes if _is_alive(one)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_ctrl_c_stops_all_of_it_cleanly(data: Path) -> None:
    product = await start(data)
    processes = product.descendants()
    assert len(processes) > len(product.line["processes"])  # Postgres has children of its own

    said = await product.stop(signal.SIGINT)

    assert said.code == 0
    assert said.out == "", "the one line must stay the only one"
    assert "Traceback" not in said.err
    assert "killed" not in said.err, "something did not stop when it was asked to"
    assert not alive(processes)
    assert not (data / "processes.json").exists()
    assert not (data / "running.env").exists()
    for log in (data / "log").iterdir():
        assert "Traceback" not in log.read_text(), log.name


async def test_a_stop_in_the_middle_of_the_start_leaves_nothing_behind(data: Path) -> None:
    starting = asyncio.ensure_future(start(data))
    parent = await wait_for(lambda: _parent_of(data), timeout=20)
    assert parent is not None
    children = parent.children(recursive=True)

    parent.send_signal(signal.SIGTERM)
    with pytest.raises(AssertionError, match="it ended with 0"):
        await starting

    assert not alive([parent, *children])


def _parent_of(data: Path) -> psutil.Process | None:
    """Who starts on this folder, once it has the first child, which is long before the start is over."""
    if not (data / "processes.json").exists():
        return None
    return psutil.Process(int((data / "lock").read_text().split()[1]))


async def test_what_was_done_survives_a_restart(data: Path) -> None:
    first = await start(data, "--demo")
    await add_task(first, TITLE)
    before = await titles(first)
    assert TITLE in before
    await first.stop()

    second = await start(data, "--demo")
    try:
        assert second.line["users"] == first.line["users"]
        assert second.line["nats_url"] == first.line["nats_url"]
        assert await titles(second) == before, "the demo must be filled once"
    finally:
        await second.insist()


async def test_after_a_kill_of_the_parent_it_starts_again_on_the_same_folder(data: Path) -> None:
    first = await start(data, "--demo")
    orphans = first.descendants()
    await add_task(first, TITLE)
    os.kill(first.process.pid, signal.SIGKILL)
    await first.process.wait()

    second = await start(data, "--demo")
    try:
        assert not alive(orphans)
        assert TITLE in await titles(second)
    finally:
        said = await second.stop()
    assert said.code == 0
    assert "Traceback" not in said.err
