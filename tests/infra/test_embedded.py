"""The servers from wheels: they start from nothing, keep what they were given, and share a machine politely."""

import os
import shutil
import socket
import stat
import sys
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from infra.bus import Bus
from infra.children import Account
from infra.config import ConfigError, Settings
from infra.embedded import Folder, embedded_servers
from infra.embedded.account import let_through
from infra.embedded.folder import FolderInUse, new_secret, read_env, short_folder, write_env
from infra.embedded.postgres_server import prepare_postgres
from schemas.base import Role
from tests.waiting import wait_for


async def ask(settings: Settings, sql: str) -> object:
    connection = await asyncpg.connect(settings.database_url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.mark.timeout(60)
async def test_what_the_servers_were_told_is_there_after_a_restart_at_the_same_addresses(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path) as first:
        await ask(first, "CREATE TABLE kept AS SELECT 42 AS answer")
        async with Redis.from_url(first.redis_url) as redis:
            await redis.set("kept", "yes")

    async with embedded_servers(tmp_path) as second:
        assert second == first
        assert await ask(second, "SELECT answer FROM kept") == 42
        async with Redis.from_url(second.redis_url) as redis:
            assert await redis.get("kept") == b"yes"
        async with Bus(second, Role.GATEWAY) as bus:
            assert bus.connected


async def test_postgres_writes_through_and_listens_on_no_port(settings: Settings) -> None:
    assert await ask(settings, "SHOW fsync") == "on"
    assert await ask(settings, "SHOW listen_addresses") == ""
    assert await ask(settings, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert await ask(settings, "SELECT lower('ÄЖ')") == "äж"


async def test_postgres_lets_nobody_in_without_the_password(settings: Settings) -> None:
    secret = settings.database_url.split(":")[2].split("@")[0]

    for url in (
        settings.database_url.replace(secret, "wrong"),
        settings.database_url.replace("ttm:", "postgres:").replace("/ttm?", "/postgres?"),
    ):
        with pytest.raises(asyncpg.PostgresError):
            await asyncpg.connect(url)


async def test_postgres_logs_a_slow_statement_without_what_people_wrote(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path) as settings:
        connection = await asyncpg.connect(settings.database_url)
        await connection.fetchval("SELECT $1::text FROM pg_sleep(1.1)", "between you and me")
        await connection.close()
        log = Folder(tmp_path).log("postgres")
        await wait_for(lambda: "pg_sleep(1.1)" in log.read_text())

    assert "between you and me" not in log.read_text()


async def test_redis_lets_nobody_in_without_the_password(settings: Settings) -> None:
    path = settings.redis_url.split("@")[1]
    async with Redis.from_url(f"unix://{path}") as redis:
        with pytest.raises(RedisError, match="authenticate"):
            await redis.ping()


async def test_the_stream_is_synced_often_and_messages_may_be_large(settings: Settings) -> None:
    async with Bus(settings, Role.CONSOLE) as bus:
        assert bus.client.max_payload == 8 * 1024 * 1024
        account = await bus.client.jetstream().account_info()
        assert account.limits


def test_a_folder_has_one_holder_and_says_who(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with folder.lock():
        folder.tell_holder("process 4711 at http://127.0.0.1:8080")

        with pytest.raises(FolderInUse, match="process 4711 at http"), Folder(tmp_path).lock():
            pass

    with folder.lock():
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    os.chown(tmp_path, 54321, 54321)

    with pytest.raises(ConfigError, match="belongs to user 54321"):
        Folder(tmp_path).create()


def test_the_folder_and_its_secrets_are_for_nobody_else(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    folder.create()
    secrets = folder.secrets()

    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder.root / "secrets.env").stat().st_mode) == 0o600
    assert len(set(secrets.values())) == len(secrets)
    assert folder.secrets() == secrets


def test_secrets_that_came_later_are_added_to_those_that_were(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    write_env(tmp_path / "secrets.env", {"REDIS_PASSWORD": "old"})

    secrets = folder.secrets()

    assert secrets["REDIS_PASSWORD"] == "old"
    assert secrets["NATS_PASSWORD_GATEWAY"]
    assert read_env(tmp_path / "secrets.env") == secrets


def test_a_secret_is_safe_in_the_configuration_of_nats_and_in_an_address() -> None:
    assert all(secret[0].isalpha() and secret.isalnum() for secret in (new_secret() for _ in range(100)))


def test_a_long_path_gets_a_short_folder_for_its_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)

    short = short_folder(deep)

    assert short != deep
    assert short == short_folder(deep)
    assert stat.S_IMODE(short.stat().st_mode) == 0o700
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(short / ".s.PGSQL.5432"))
    shutil.rmtree(short)


def test_a_short_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    short = short_folder(tmp_path / ("e" * 120))
    short.chmod(0o755)

    with pytest.raises(ConfigError, match="not ours alone"):
        short_folder(tmp_path / ("e" * 120))
    shutil.rmtree(short)


@pytest.mark.timeout(60)
async def test_the_servers_start_under_a_long_path(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path / ("long" * 30)) as settings:
        assert await ask(settings, "SELECT 1") == 1

    for sockets in (settings.database_url.split("host=")[1], settings.redis_url.split("@")[1].rpartition("/")[0]):
        shutil.rmtree(sockets)


def test_a_cluster_of_another_version_is_left_alone(tmp_path: Path) -> None:
    cluster = tmp_path / "postgres" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("12\n")

    with pytest.raises(ConfigError, match="was made by Postgres 12"):
        prepare_postgres(Folder(tmp_path), "secret")


@pytest.mark.timeout(60)
def test_a_cluster_that_was_not_finished_is_made_anew(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.create()
    half = tmp_path / "postgres" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    prepare_postgres(folder, "secret")

    assert not half.exists()
    assert (tmp_path / "postgres" / "cluster" / "global").is_dir()


@pytest.mark.timeout(60)
def test_a_lock_that_names_another_process_is_forgotten(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.create()
    prepare_postgres(folder, "secret")
    lock = tmp_path / "postgres" / "cluster" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n/somewhere/else\n")

    prepare_postgres(folder, "secret")

    assert not lock.exists()


def test_a_way_is_opened_for_passing_only_and_only_where_it_is_closed(tmp_path: Path) -> None:
    closed, open_ = tmp_path / "closed", tmp_path / "open"
    closed.mkdir(mode=0o700)
    open_.mkdir(mode=0o755)
    stranger = Account(name="stranger", uid=54321, gid=54321)

    let_through(closed, stranger)
    let_through(open_, stranger)

    assert stat.S_IMODE(closed.stat().st_mode) == 0o701
    assert stat.S_IMODE(open_.stat().st_mode) == 0o755


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root has to become somebody else")
async def test_postgres_does_not_run_as_root(settings: Settings) -> None:
    sockets = Path(settings.database_url.split("host=")[1])

    assert sockets.stat().st_uid != 0
    assert (sockets / ".s.PGSQL.5432").stat().st_uid == sockets.stat().st_uid


def test_a_folder_that_cannot_be_made_is_said_to_be_so() -> None:
    with pytest.raises(ConfigError, match="cannot be made"):
        Folder(Path("/proc/ttm")).create()
