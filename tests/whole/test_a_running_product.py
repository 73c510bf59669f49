"""What somebody meets who has just started the product."""

import json
import stat
from urllib.parse import urlsplit

import psutil
import pytest
from aiohttp import ClientSession

from tests.gateway.browser import Browser
from tests.whole.product import Product, ttm

pytestmark = [pytest.mark.whole, pytest.mark.timeout(60)]

PASSWORD = "correct horse battery staple"


async def test_its_one_line_says_where_everything_is(shared: Product) -> None:
    assert set(shared.line) == {"url", "nats_url", "operator", "simulator_url", "users", "processes"}
    assert shared.line["operator"]["user"] == "operator"
    roles = {child["role"] for child in shared.line["processes"]}
    assert roles >= {"nats", "postgres", "redis", "gateway", "actors"}
    assert {child["pid"] for child in shared.line["processes"]} == {child["pid"] for child in shared.running()}


async def test_it_is_ready_when_it_says_so_and_serves_the_page(shared: Product) -> None:
    async with ClientSession(shared.url) as session:
        async with session.get("/readyz") as answer:
            assert answer.status == 200, await answer.text()
        async with session.get("/teams/1") as page:
            assert page.content_type == "text/html"


async def test_everybody_in_the_demo_can_sign_in_and_sees_their_team_or_looks_after_the_site(shared: Product) -> None:
    assert len(shared.line["users"]) >= 2
    for user in shared.line["users"]:
        browser = Browser(shared.url)
        try:
            answer = await browser.post("/api/auth/login/", {k: user[k] for k in ("username", "password")})
            assert (answer.status, answer.body["username"]) == (200, user["username"])
            teams = (await browser.get("/api/teams/")).body["results"]
            assert user["role"] in {team["role"] for team in teams} or answer.body["is_admin"]
        finally:
            await browser.close()


async def test_a_second_start_on_its_folder_says_so_and_leaves(shared: Product) -> None:
    said = await ttm("up", "--json", "--port", "0", "--data", str(shared.data))

    assert said.code == 1
    assert said.out == ""
    assert f"in use by process {shared.process.pid} at {shared.url}" in said.err.replace("\n", " ")
    assert "Traceback" not in said.err
    assert shared.pid("gateway") is not None


async def test_a_start_on_its_port_says_who_has_it(shared: Product) -> None:
    port = urlsplit(shared.url).port

    said = await ttm("up", "--port", str(port), "--data", str(shared.data.with_name("other")))

    assert said.code == 1
    assert f"port {port} on 127.0.0.1 is taken" in said.err
    assert "Traceback" not in said.err


async def test_the_doctor_finds_nothing_wrong(shared: Product) -> None:
    port = str(urlsplit(shared.url).port)

    said = await ttm("doctor", "--json", "--data", str(shared.data), "--port", port)

    findings = {finding["name"]: finding for finding in json.loads(said.out)}
    wrong = {name: finding["text"] for name, finding in findings.items() if not finding["ok"]}
    assert not wrong
    assert said.code == 0
    assert {"nats", "postgres", "redis", "schema", "port", "web client"} <= set(findings)


async def test_an_administrator_made_at_the_command_line_can_sign_in(shared: Product) -> None:
    said = await ttm("createsuperuser", "--username", "boss", "--data", str(shared.data), text=PASSWORD + "\n")
    assert said.code == 0, said.err

    browser = Browser(shared.url)
    try:
        answer = await browser.post("/api/auth/login/", {"username": "boss", "password": PASSWORD})
        assert (answer.status, answer.body["is_admin"]) == (200, True)
    finally:
        await browser.close()


async def test_a_username_that_somebody_has_is_refused_in_words(shared: Product) -> None:
    said = await ttm("createsuperuser", "--username", "anna", "--data", str(shared.data), text=PASSWORD + "\n")

    assert said.code == 1
    assert said.err.startswith("ttm: ")
    assert "Traceback" not in said.err


async def test_nobody_else_on_the_machine_reads_its_secrets(shared: Product) -> None:
    assert shared.data.stat().st_mode & 0o066 == 0
    for name in ("secrets.env", "running.env"):
        assert stat.S_IMODE((shared.data / name).stat().st_mode) == 0o600
    secrets = [line.partition("=")[2] for line in (shared.data / "secrets.env").read_text().splitlines()]
    told = [secret for secret in secrets if len(secret) > 10]
    lines = [" ".join(psutil.Process(child["pid"]).cmdline()) for child in shared.running()]
    assert told
    assert not [line for line in lines for secret in told if secret in line]


async def test_only_this_machine_can_reach_it(shared: Product) -> None:
    listening = {
        connection.laddr.ip
        for process in shared.descendants()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
