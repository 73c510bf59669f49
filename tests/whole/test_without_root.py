"""Root needs a user of its own for Postgres; everybody else runs all of it as themselves."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from infra.children import Account
from infra.children.before_exec import before_exec
from infra.embedded.binaries import nats_server
from tests.whole.doing import TITLE, add_task, titles
from tests.whole.product import environ, start

pytestmark = [pytest.mark.whole, pytest.mark.timeout(120)]


class Stranger(NamedTuple):
    """A user who is not us, and a folder of theirs."""

    account: Account
    home: Path


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else, and all other tests have just run without it")
    nobody = pwd.getpwnam("nobody")
    account = Account(name=nobody.pw_name, uid=nobody.pw_uid, gid=nobody.pw_gid)
    home = Path(tempfile.mkdtemp(prefix="ttm-"))
    os.chown(home, account.uid, account.gid)
    yield Stranger(account, home)
    shutil.rmtree(home)


async def readable_python(stranger: Stranger) -> str:
    """An interpreter that the stranger may run, with all that is installed for ours.

    Ours may lie in a home that is closed to others; then the system's will do if it has the same version.
    """
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, _environment(system, stranger.home / "venv")):
        if await _runs(python, stranger.account):
            return python
    pytest.skip(f"{stranger.account.name} may neither read {sys.base_prefix} nor run {system}")


def _environment(python: str, where: Path) -> str:
    """A virtual environment whose packages and programs are those of ours."""
    if not Path(python).exists():
        return python
    subprocess.run([python, "-m", "venv", "--without-pip", where], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(where)}))
    packages.joinpath("ours.pth").write_text(f"{Path(__file__).parents[2]}\n{sysconfig.get_path('purelib')}\n")
    (where / "bin" / "nats-server").symlink_to(nats_server())
    return str(where / "bin" / "python")


async def _runs(python: str, account: Account) -> bool:
    try:
        process = await asyncio.create_subprocess_exec(
            *(python, "-P", "-c", "import aiohttp, infra.cli"),
            env=environ(),
            stderr=asyncio.subprocess.DEVNULL,
            preexec_fn=before_exec(account, signal.SIGKILL),
        )
    except OSError:
        return False
    return await process.wait() == 0


async def test_somebody_who_is_not_root_can_run_it(stranger: Stranger) -> None:
    account, home = stranger
    python = await readable_python(stranger)

    product = await start(home / "data", "--demo", python=python, account=account, HOME=str(home), TMPDIR=str(home))
    try:
        assert {process.uids().real for process in product.descendants()} == {account.uid}
        await add_task(product)
        assert TITLE in await titles(product)
    finally:
        said = await product.stop()
    assert said.code == 0
    assert "Traceback" not in said.err
