"""The `ttm` command, as people and programs use it."""

import json
import os
import signal
import socket
import stat
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from infra.cli.parts import ACTORS, PARTS, find_part, load_main
from infra.cli.ports import claim_near, claim_port
from infra.config import ConfigError, Settings
from tests.infra.product import Product, start_product, start_ttm, ttm
from tests.waiting import wait_for

ROLES = {"nats", "postgres", "redis", "actors", "gateway", "bot", "simulator"}

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize("name", PARTS)
def test_every_part_that_can_be_named_is_there(name: str) -> None:
    part, actors = find_part([name])

    assert callable(load_main(part))
    assert actors == []
    assert set(part.needs) <= set(Settings.__struct_fields__)


@pytest.mark.parametrize("actor", ACTORS)
def test_an_actor_can_run_alone_and_needs_only_its_own_password(actor: str) -> None:
    part, actors = find_part([actor])

    assert actors == [actor]
    assert [need for need in part.needs if "password" in need] == ["nats_password_" + actor.replace("-", "_")]


def test_only_who_keeps_something_in_redis_needs_it() -> None:
    needing = {actor for actor in ACTORS if "redis_url" in find_part([actor])[0].needs}

    assert needing == {"accounts", "presence"}
    assert "redis_url" in find_part(["actors"])[0].needs


async def test_a_part_that_does_not_exist_is_refused_with_those_that_do() -> None:
    code, _, errors = await ttm("run", "gatway")

    assert code == 1
    assert "gatway" in errors
    assert "simulator, actors, gateway, bot" in errors


async def test_a_part_does_not_start_without_its_variables() -> None:
    code, _, errors = await ttm("run", "gateway")

    assert code == 1
    assert "NATS_URL, NATS_PASSWORD_GATEWAY, REDIS_URL" in errors
    assert "Traceback" not in errors


async def test_a_part_does_not_start_with_the_secrets_of_the_example() -> None:
    code, _, errors = await ttm(
        "run",
        "gateway",
        NATS_URL="nats://127.0.0.1:1",
        NATS_PASSWORD_GATEWAY="change-me",
        REDIS_URL="redis://localhost",
    )

    assert code == 1
    assert "still the value of an example: NATS_PASSWORD_GATEWAY" in errors


async def test_a_secret_that_may_be_left_out_may_not_be_that_of_the_example() -> None:
    code, _, errors = await ttm(
        "run",
        "gateway",
        NATS_URL="nats://127.0.0.1:1",
        NATS_PASSWORD_GATEWAY="sSomething",
        REDIS_URL="redis://localhost",
        SERVICE_TOKEN="change-me",
    )

    assert code == 1
    assert "still the value of an example: SERVICE_TOKEN" in errors


async def test_a_migration_needs_a_database(tmp_path: Path) -> None:
    code, _, errors = await ttm("migrate", "--data", str(tmp_path))

    assert code == 1
    assert "not set: DATABASE_URL" in errors


async def test_a_user_cannot_be_made_where_nothing_runs(tmp_path: Path) -> None:
    code, _, errors = await ttm("createsuperuser", "--username", "root", "--data", str(tmp_path))

    assert code == 1
    assert "nothing runs on" in errors


def test_a_port_that_is_taken_is_refused_with_who_has_it() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken: int = listener.getsockname()[1]

        with pytest.raises(ConfigError, match=rf"port {taken} .* is taken by .*\(process {os.getpid()}\)"):
            claim_port("127.0.0.1", taken)
        assert claim_near("127.0.0.1", taken) != taken

    assert claim_port("127.0.0.1", taken) == taken


async def test_the_start_says_that_the_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = str(listener.getsockname()[1])

        code, output, errors = await ttm("up", "--data", str(tmp_path / "data"), "--port", taken)

    assert code == 1
    assert f"port {taken}" in errors
    assert output == ""
    assert not (tmp_path / "data").exists()


async def test_a_start_can_be_broken_off(tmp_path: Path) -> None:
    process = await start_ttm("up", "--data", str(tmp_path), "--port", "0")
    await wait_for((tmp_path / "processes.json").exists, timeout=20)

    process.send_signal(signal.SIGINT)
    _, errors = await process.communicate()

    assert process.returncode == 0
    assert b"Traceback" not in errors
    assert not (tmp_path / "processes.json").exists()


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    """`ttm up --demo --json`, on a fresh folder."""
    product = await start_product(tmp_path_factory.mktemp("product"), "--demo")
    yield product
    product.kill()


async def get(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


@pytest.mark.whole
async def test_the_line_says_all_that_a_program_needs(product: Product) -> None:
    ready = product.ready

    assert ready.keys() == {"url", "nats_url", "operator", "simulator_url", "users", "processes"}
    assert ready["operator"].keys() == {"user", "password"}
    assert {child["role"]: child["pid"] for child in ready["processes"]} == product.pids()
    assert product.pids().keys() == ROLES
    assert all(psutil.pid_exists(pid) for pid in product.pids().values())


@pytest.mark.whole
async def test_the_demo_is_a_team_in_the_middle_of_its_work(product: Product) -> None:
    async with product.sign_in("anna") as session:
        teams = (await get(session, "/api/teams/"))["results"]
        team = next(team for team in teams if team["name"] == "Website relaunch")
        board = await get(session, f"/api/teams/{team['id']}/board/")

    assert len(teams) == 2
    assert [column["name"] for column in board["lists"]] == ["Backlog", "Next", "In progress", "Review", "Done"]
    assert len(board["tasks"]) == 25
    assert sum(task["is_done"] for task in board["tasks"]) == 6
    assert {task["assignee"] is None for task in board["tasks"]} == {True, False}
    assert {member["role"] for member in board["members"]} == {"owner", "admin", "member", "viewer"}


@pytest.mark.whole
@pytest.mark.parametrize("username", ["anna", "ben", "clara", "dmitri"])
async def test_everybody_in_the_demo_may_sign_in(product: Product, username: str) -> None:
    async with product.sign_in(username) as session:
        assert (await get(session, "/api/auth/me/"))["username"] == username


@pytest.mark.whole
async def test_a_second_start_on_the_folder_says_where_the_first_one_is(product: Product) -> None:
    code, _, errors = await ttm("up", "--data", str(product.data), "--port", "0")

    assert code == 1
    assert product.url in "".join(errors.split("\n"))


@pytest.mark.whole
async def test_an_administrator_is_made_and_may_sign_in(product: Product) -> None:
    arguments = ("createsuperuser", "--username", "root", "--name", "The Admin", "--data", str(product.data))

    code, _, errors = await ttm(*arguments, stdin="correct horse battery\n")
    assert code == 0, errors

    login = {"username": "root", "password": "correct horse battery"}
    async with aiohttp.ClientSession(product.url) as session, session.post("/api/auth/login/", json=login) as answer:
        assert (await answer.json())["is_admin"] is True

    code, _, errors = await ttm(*arguments, TTM_PASSWORD="correct horse battery")
    assert code == 1
    assert "Traceback" not in errors


@pytest.mark.whole
async def test_a_weak_password_is_refused(product: Product) -> None:
    code, _, errors = await ttm("createsuperuser", "--username", "x", "--data", str(product.data), TTM_PASSWORD="short")

    assert code == 1
    assert "password" in errors


@pytest.mark.whole
async def test_the_doctor_finds_a_healthy_product(product: Product) -> None:
    port = product.url.rpartition(":")[2]

    code, output, errors = await ttm("doctor", "--data", str(product.data), "--port", port, "--json")
    findings = {finding["name"]: finding for finding in json.loads(output)}

    assert {"python", "disk", "port", "nats", "postgres", "redis", "schema", "secrets", "web client"} <= findings.keys()
    unwell = [finding for finding in findings.values() if not finding["ok"] and finding["name"] != "web client"]
    assert not unwell, errors
    assert code == (0 if findings["web client"]["ok"] else 1)


async def test_the_doctor_says_what_to_do_about_what_is_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)

    code, output, _ = await ttm(
        "doctor",
        "--data",
        str(folder),
        "--json",
        NATS_URL="nats://127.0.0.1:1",
        REDIS_URL="redis://:change-me@127.0.0.1:1",
    )
    findings = {finding["name"]: finding for finding in json.loads(output)}

    assert code == 1
    for name in ("data folder", "nats", "redis", "secrets"):
        assert findings[name]["ok"] is False
        assert findings[name]["remedy"]


@pytest.mark.whole
@pytest.mark.parametrize("part", ["actors", "gateway", "bot", "simulator"])
async def test_a_health_check_finds_each_part_well(product: Product, part: str) -> None:
    environ = dict(line.split("=", 1) for line in (product.data / "running.env").read_text().splitlines())

    code, _, errors = await ttm("answers", part, **environ)

    assert code == 0, errors


@pytest.mark.whole
@pytest.mark.parametrize("role", ["gateway", "actors", "nats", "postgres", "redis"])
async def test_whoever_is_killed_comes_back_and_the_product_works_again(product: Product, role: str) -> None:
    before = product.pids()

    os.kill(before[role], signal.SIGKILL)

    await wait_for(lambda: product.pids().get(role) not in {None, before[role]}, timeout=10)
    await wait_for(partial(works, product), timeout=30)
    after = product.pids()
    assert {other: pid for other, pid in after.items() if other != role} == {
        other: pid for other, pid in before.items() if other != role
    }


async def works(product: Product) -> bool:
    """Somebody can sign in, read a board and change it."""
    try:
        async with product.sign_in("clara") as session:
            team = (await get(session, "/api/teams/"))["results"][0]
            board = await get(session, f"/api/teams/{team['id']}/board/")
            task = {"title": "Say that we are back", "list": board["lists"][0]["id"]}
            async with session.post("/api/tasks/", json=task) as answer:
                return answer.status == 201
    except (aiohttp.ClientError, AssertionError):
        return False


@pytest.mark.whole
async def test_what_it_keeps_is_for_nobody_else(product: Product) -> None:
    for name in ("secrets.env", "running.env"):
        assert stat.S_IMODE((product.data / name).stat().st_mode) == 0o600
    assert product.data.stat().st_mode & 0o066 == 0


@pytest.mark.whole
async def test_no_secret_stands_on_a_command_line_and_none_goes_where_it_is_not_needed(product: Product) -> None:
    secrets = dict(line.split("=", 1) for line in (product.data / "secrets.env").read_text().splitlines())
    secrets.pop("DEMO_FILLED")

    for role, pid in product.pids().items():
        assert not [name for name, secret in secrets.items() if secret in " ".join(psutil.Process(pid).cmdline())], role
    gateway = " ".join(psutil.Process(product.pids()["gateway"]).environ().values())
    assert {name for name, secret in secrets.items() if secret in gateway} <= {
        "NATS_PASSWORD_GATEWAY",
        "REDIS_PASSWORD",
        "SERVICE_TOKEN",
        "SIMULATOR_BOT_TOKEN",
    }
    others = [" ".join(psutil.Process(product.pids()[role]).environ().values()) for role in ("actors", "bot")]
    assert not any(secrets["SERVICE_TOKEN"] in environ for environ in others)


@pytest.mark.whole
@pytest.mark.timeout(120)
async def test_it_ends_in_order_and_starts_again_with_the_same_users(product: Product) -> None:
    pids = product.pids()

    code, errors = await product.stop()

    assert code == 0
    assert "Traceback" not in errors
    assert not [role for role, pid in pids.items() if psutil.pid_exists(pid)]

    again = await start_product(product.data, "--demo")
    assert again.ready["users"] == product.ready["users"]
    async with again.sign_in("anna") as session:
        assert (await get(session, "/api/teams/"))["count"] == 2

    # A kill leaves nobody behind, and the next start succeeds.
    pids = again.pids()
    again.kill()
    await wait_for(lambda: not any(psutil.pid_exists(pid) for pid in pids.values()), timeout=20)
    third = await start_product(product.data)
    assert third.ready["users"] == []
    assert (await third.stop())[0] == 0
