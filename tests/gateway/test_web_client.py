"""The built client's files."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from gateway.calls import bounded
from gateway.main import Server
from gateway.routes.docs import Docs
from gateway.routes.web import WebClient
from gateway.security import guard
from infra.process import supervised
from tests.gateway.browser import Browser

SCRIPT = "console.log('hello')\n" * 50


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build leaves behind."""
    dist = tmp_path_factory.mktemp("dist")
    (dist / "assets").mkdir()
    (dist / "index.html").write_text("<!doctype html><title>Team Task Manager</title>")
    (dist / "docs.html").write_text("<!doctype html><title>API</title>")
    (dist / "assets" / "index-B1x9.js").write_text(SCRIPT)
    (dist / "assets" / "font-A2.woff2").write_bytes(b"wOF2")
    (dist / "favicon.svg").write_text("<svg/>")
    (dist.parent / "secret.txt").write_text("not yours")
    return dist


@asynccontextmanager
async def serving(dist: Path) -> AsyncGenerator[Browser]:
    """A browser at a server that has nothing but the client."""
    client, app = WebClient(dist), web.Application()
    app.on_startup.append(client.load)
    app.router.add_route("GET", "/api/docs/", bounded(Docs(client).serve, "docs"))
    app.router.add_route("*", "/{path:.*}", bounded(client.serve, "web_client"))
    app.on_response_prepare.append(guard(""))
    server = Server(app, "127.0.0.1", 0)
    async with supervised(server):
        browser = Browser(f"http://127.0.0.1:{server.port}")
        yield browser
        await browser.close()


@pytest.fixture
async def browser(dist: Path) -> AsyncGenerator[Browser]:
    async with serving(dist) as browser:
        yield browser


@pytest.mark.parametrize("path", ["/", "/index.html", "/board/7", "/login?next=/"])
async def test_every_place_in_the_client_is_its_page_which_is_never_kept(browser: Browser, path: str) -> None:
    answer = await browser.get(path)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "Team Task Manager" in answer.body
    assert answer.headers["Cache-Control"] == "no-cache"
    unchanged = await browser.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (unchanged.status, unchanged.body) == (304, "")


async def test_a_page_may_run_and_reach_nothing_but_what_is_ours(browser: Browser) -> None:
    headers = (await browser.get("/")).headers

    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")


async def test_files_with_a_hash_in_their_names_are_kept_for_ever(browser: Browser) -> None:
    script = await browser.get("/assets/index-B1x9.js")
    font = await browser.get("/assets/font-A2.woff2")

    assert (script.body, script.headers["Content-Encoding"]) == (SCRIPT, "gzip")
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["Cache-Control"]
    assert font.headers["Content-Type"] == "font/woff2"
    assert "Content-Encoding" not in font.headers


async def test_whoever_cannot_unpack_gets_files_as_they_are(browser: Browser) -> None:
    answer = await browser.get("/assets/index-B1x9.js", headers={"Accept-Encoding": "identity"})

    assert answer.body == SCRIPT
    assert "Content-Encoding" not in answer.headers


async def test_a_file_of_an_older_build_is_missing_rather_than_a_page(browser: Browser) -> None:
    assert (await browser.get("/assets/index-Old.js")).refused == (404, None)


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"])
async def test_nothing_outside_the_build_is_served(browser: Browser, path: str) -> None:
    assert "not yours" not in (await browser.get(path)).body


async def test_an_address_below_api_is_never_a_page(browser: Browser) -> None:
    assert (await browser.get("/api/v2/")).refused == (404, None)


async def test_without_a_build_it_says_what_to_do(tmp_path: Path) -> None:
    async with serving(tmp_path / "dist") as browser:
        answer = await browser.get("/")

    assert answer.status == 503
    assert "make web" in answer.body


async def test_the_page_of_the_api_may_hold_styles_but_no_script(browser: Browser) -> None:
    answer = await browser.get("/api/docs/")

    policy = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
    assert "<title>API</title>" in answer.body
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'self'", "'none'")
    assert "script-src" not in policy
    again = await browser.get("/api/docs/", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, "")


async def test_the_page_of_the_api_that_is_not_built_says_so(tmp_path: Path) -> None:
    async with serving(tmp_path / "dist") as browser:
        assert (await browser.get("/api/docs/")).refused == (503, None)
