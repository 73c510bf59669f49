"""Postgres from its wheel, on a unix socket with a password, in a cluster that is made whole or not at all."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from infra.children import Account, Program
from infra.children.program import run_as
from infra.config import ConfigError
from infra.embedded.account import let_through, open_to_reading, postgres_account
from infra.embedded.binaries import postgres
from infra.embedded.folder import Folder, short_folder

_NAME = "ttm"
"""Of the database and of the role that owns it."""

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "wal_compression": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1s",
    # What people write goes in as parameters, and none of it into the log.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# The built-in locale sorts and folds all of Unicode alike on every machine.
_INITDB = ["--auth=reject", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
_HBA = f"local {_NAME} {_NAME} scram-sha-256\n"
_ENVIRON = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def prepare_postgres(folder: Folder, password: str) -> tuple[Program, dict[str, str]]:
    """Make the cluster if there is none; how to run it, and the variable that lets others find it. Blocks.

    Raises ConfigError where this machine or folder cannot have one.
    """
    home = folder.root / "postgres"
    account = postgres_account(home)
    _make_home(home, account)
    cluster = home / "cluster"
    if not cluster.exists():
        _create_cluster(cluster, password, account)
    _check_version(cluster)
    _forget_dead_postmaster(cluster)
    sockets = _sockets(home, account)
    url = f"postgresql://{_NAME}:{password}@/{_NAME}?host={quote(str(sockets))}"
    options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    program = Program(
        role="postgres",
        argv=[str(postgres()), "-D", str(cluster), "-k", str(sockets), *options],
        environ=_ENVIRON,
        log_file=folder.log("postgres"),
        probe=lambda: _ask(url),
        stop_signal=signal.SIGINT,  # "fast": end the sessions, write a checkpoint
        stop_seconds=20,
        account=account,
    )
    return program, {"DATABASE_URL": url}


async def _ask(url: str) -> None:
    connection = await asyncpg.connect(url, timeout=2)
    try:
        await connection.execute("SELECT 1")
    finally:
        await connection.close()


def _make_home(home: Path, account: Account | None) -> None:
    home.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(home, account.uid, account.gid)
        let_through(home.parent, account)
        let_through(postgres().parents[1], account)
        open_to_reading(postgres().parents[1])


def _sockets(home: Path, account: Account | None) -> Path:
    path = short_folder(home / "run", account.uid if account else None)
    if account:
        os.chown(path, account.uid, account.gid)
    return path


def _create_cluster(cluster: Path, password: str, account: Account | None) -> None:
    """Made beside its place and moved there when it is whole, so that a stop half-way leaves nothing to repair."""
    draft = cluster.with_name("cluster.new")
    shutil.rmtree(draft, ignore_errors=True)
    superuser = "postgres"
    sync = ["--sync-method=syncfs"] if sys.platform == "linux" else []
    _run([str(postgres("initdb")), "-D", str(draft), "-U", superuser, *_INITDB, *sync], account)
    # The superuser has no password and no way in; the product's role owns its database and nothing else.
    role = f"CREATE ROLE {_NAME} LOGIN PASSWORD '{password}';\n"
    database = f"CREATE DATABASE {_NAME} OWNER {_NAME};\n"
    _run([str(postgres()), "--single", "-D", str(draft), superuser], account, role + database)
    (draft / "pg_hba.conf").write_text(_HBA)
    draft.rename(cluster)


def _run(argv: list[str], account: Account | None, text: str = "") -> None:
    result = subprocess.run(
        argv, input=text, env=_ENVIRON, cwd="/", capture_output=True, text=True, check=False, **run_as(account)
    )
    if result.returncode != 0 or "ERROR:" in result.stderr:
        raise ConfigError(f"{Path(argv[0]).name} failed:\n{result.stdout}{result.stderr}")


def _check_version(cluster: Path) -> None:
    program = subprocess.run([str(postgres()), "--version"], capture_output=True, text=True, check=True)
    ours = program.stdout.split()[-1].split(".")[0]
    theirs = (cluster / "PG_VERSION").read_text().strip()
    if ours != theirs:
        raise ConfigError(f"{cluster} was made by Postgres {theirs} and this is {ours}: dump there, load here")


def _forget_dead_postmaster(cluster: Path) -> None:
    """After a crash of the machine another process may have the id in the lock file, and Postgres would not start."""
    lock = cluster / "postmaster.pid"
    if not lock.exists():
        return
    try:
        alive = psutil.Process(int(lock.read_text().split()[0]))
        if any(str(cluster) in part for part in alive.cmdline()):
            raise ConfigError(f"another Postgres (process {alive.pid}) runs on {cluster}")
    except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError, IndexError):
        pass
    lock.unlink()
