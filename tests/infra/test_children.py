"""Child processes: kept running, recorded, stopped; and gone when their parent is."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import psutil
import pytest

from infra.children import ChildFailed, Children, Program
from infra.children.program import Probe, ready_at_once
from infra.children.record import read_record, stop_leftovers, write_record
from tests.waiting import wait_for

SLEEP = ("sleep", "600")


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "processes.json"


@pytest.fixture
async def children(record: Path) -> AsyncGenerator[Children]:
    children = Children(record)
    async with children:
        yield children


def program(
    folder: Path, role: str, argv: Sequence[str] = SLEEP, *, probe: Probe = ready_at_once, stop_seconds: float = 5
) -> Program:
    """A child that sleeps, or does as told."""
    return Program(
        role=role,
        argv=argv,
        environ={"PATH": os.environ["PATH"]},
        log_file=folder / f"{role}.log",
        probe=probe,
        stop_seconds=stop_seconds,
    )


def log(folder: Path, role: str) -> str:
    """What a child has said so far."""
    path = folder / f"{role}.log"
    return path.read_text() if path.exists() else ""


def pids(children: Children) -> dict[str, int]:
    return {child["role"]: child["pid"] for child in children.running()}


async def test_a_child_that_dies_is_started_again_and_the_others_stay(children: Children, tmp_path: Path) -> None:
    await children.launch(program(tmp_path, "one"), program(tmp_path, "two"))
    await children.ready(5)
    before = pids(children)

    os.kill(before["one"], signal.SIGKILL)

    await wait_for(lambda: pids(children).get("one") not in {None, before["one"]})
    assert pids(children)["two"] == before["two"]


async def test_the_record_names_the_children_that_live(children: Children, record: Path, tmp_path: Path) -> None:
    await children.launch(program(tmp_path, "one"))
    await children.ready(5)
    assert [{"role": child["role"], "pid": child["pid"]} for child in json.loads(record.read_text())] == [
        {"role": "one", "pid": pids(children)["one"]}
    ]

    os.kill(pids(children)["one"], signal.SIGKILL)

    await wait_for(lambda: read_record(record) and read_record(record) == children.running())
    await children.stop()
    assert not record.exists()


async def test_a_child_that_keeps_dying_is_reported_with_the_end_of_its_log(children: Children, tmp_path: Path) -> None:
    async def never() -> None:
        raise ConnectionError

    await children.launch(program(tmp_path, "one", ("sh", "-c", "echo no such luck; exit 3"), probe=never))

    with pytest.raises(ChildFailed, match=r"(?s)one does not start.*no such luck"):
        await children.ready(5)


async def test_a_program_that_is_not_there_is_reported(children: Children, tmp_path: Path) -> None:
    await children.launch(program(tmp_path, "one", ("/nonexistent/program",)))

    with pytest.raises(ChildFailed, match="one does not start"):
        await children.ready(5)


async def test_ready_waits_for_the_probe(children: Children, tmp_path: Path) -> None:
    answers = iter([False, False, True])

    async def third_time() -> None:
        if not next(answers):
            raise ConnectionError

    await children.launch(program(tmp_path, "one", probe=third_time))
    await children.ready(5)

    assert next(answers, "all asked") == "all asked"


async def test_a_child_that_never_gets_ready_is_reported_in_time(children: Children, tmp_path: Path) -> None:
    async def never() -> None:
        raise ConnectionError

    await children.launch(program(tmp_path, "one", probe=never))

    with pytest.raises(ChildFailed, match="one does not start"):
        await children.ready(0.2)


async def test_children_stop_in_the_reverse_order_of_their_start(record: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    names = ["first", "second", "third"]
    children = Children(record)
    async with children:
        for name in names:
            script = f"trap 'echo {name} >> {told}; exit 0' TERM; echo up; while :; do sleep 0.02; done"
            await children.launch(program(tmp_path, name, ("sh", "-c", script)))
        await wait_for(lambda: all(log(tmp_path, name) for name in names) and len(pids(children)) == len(names))

    assert told.read_text().split() == names[::-1]


async def test_a_child_that_ignores_the_signal_is_killed(record: Path, tmp_path: Path) -> None:
    script = "trap '' TERM; echo deaf; while :; do sleep 0.02; done"
    children = Children(record)
    async with children:
        await children.launch(program(tmp_path, "one", ("sh", "-c", script), stop_seconds=0.2))
        await wait_for(lambda: log(tmp_path, "one") and pids(children))
        pid = pids(children)["one"]

    assert not psutil.pid_exists(pid)


async def test_a_child_outlives_an_interrupt_of_the_terminal(children: Children, tmp_path: Path) -> None:
    await children.launch(program(tmp_path, "one"))
    await children.ready(5)

    assert os.getsid(pids(children)["one"]) != os.getsid(0)


def test_a_large_log_is_put_aside(tmp_path: Path) -> None:
    one = program(tmp_path, "one")
    with one.log_file.open("wb") as file:
        file.truncate(30_000_000)

    one.open_log().close()

    assert one.log_file.stat().st_size == 0
    assert one.log_file.with_name("one.log.1").stat().st_size == 30_000_000


PARENT = """
import asyncio, sys
from pathlib import Path
from infra.children import Children, Program

async def main(folder):
    async with (children := Children(folder / "processes.json")):
        await children.launch(Program(role="one", argv=["sleep", "600"], environ={"PATH": "/usr/bin:/bin"},
                                      log_file=folder / "one.log"))
        await children.ready(5)
        print(children.running()[0]["pid"], flush=True)
        await asyncio.sleep(600)

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux stops the children of a parent that was killed")
async def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout
    pid = int(await parent.stdout.readline())

    parent.kill()
    await parent.wait()

    await wait_for(lambda: not psutil.pid_exists(pid))


def test_what_a_killed_parent_left_behind_is_stopped(record: Path) -> None:
    with subprocess.Popen(SLEEP) as left_behind:
        write_record(record, [{"role": "one", "pid": left_behind.pid}])

        stop_leftovers(record)

        assert not psutil.pid_exists(left_behind.pid)
    assert not record.exists()


def test_a_process_that_only_has_the_same_id_is_left_alone(record: Path) -> None:
    with subprocess.Popen(SLEEP) as stranger:
        write_record(record, [{"role": "one", "pid": stranger.pid}])
        entries = json.loads(record.read_text())
        record.write_text(json.dumps([{**entry, "started": entry["started"] - 60} for entry in entries]))

        stop_leftovers(record)

        assert stranger.poll() is None
        stranger.kill()


def test_a_damaged_record_counts_as_none(record: Path) -> None:
    record.write_text('[{"role": "on')

    assert read_record(record) == []
