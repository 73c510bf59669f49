"""What every answer carries, and what becomes of bytes that are no HTTP."""

import asyncio
from typing import Any

import msgspec
import pytest

from gateway.security import HEADERS
from tests.gateway.browser import Browser
from tests.gateway.conftest import Gateway, NewBrowser, NewGateway

ANSWERS: dict[str, tuple[str, str, Any, int]] = {
    "an answer": ("GET", "/api/auth/me/", None, 200),
    "an answer without a body": ("POST", "/api/auth/logout/", None, 204),
    "something new": ("POST", "/api/teams/", {"name": "Crew"}, 201),
    "a refusal": ("POST", "/api/teams/", {}, 400),
    "an unknown address": ("GET", "/api/nothing/", None, 404),
    "a wrong method": ("PUT", "/api/auth/me/", {}, 405),
    "a socket's address": ("GET", "/ws/user/", None, 426),
    "the document of the API": ("GET", "/api/openapi.json", None, 200),
    "health": ("GET", "/healthz", None, 200),
}


@pytest.mark.parametrize(("method", "path", "body", "status"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_every_answer_says_what_browsers_must_not_do_with_it(
    ann: Browser, method: str, path: str, body: Any, status: int
) -> None:
    answer = await ann.send(method, path, body)

    assert answer.status == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/board/7", "/favicon.svg"])
async def test_the_pages_may_run_their_own_scripts_and_no_others(ann: Browser, path: str) -> None:
    headers = (await ann.get(path)).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert {name: headers[name] for name in HEADERS if name != "Content-Security-Policy"}.items() <= HEADERS.items()


async def test_an_address_with_https_stays_so(new_gateway: NewGateway, new_browser: NewBrowser) -> None:
    ann = await new_browser("Ann", signed_in=False, at=await new_gateway(public_url="https://tasks.example.org"))
    answers = [await ann.get("/"), await ann.get("/api/nothing/"), await ann.sign_in()]

    assert all("max-age=" in answer.headers["Strict-Transport-Security"] for answer in answers)
    assert "Secure" in answers[-1].headers["Set-Cookie"]


NO_HTTP = {
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a made-up method": b"G<T / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost x\r\n\r\n",
    "two lengths": b"POST /api/teams/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length beside chunks": (
        b"POST /api/teams/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "an endless header": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    "an endless address": b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("said", NO_HTTP.values(), ids=NO_HTTP.keys())
async def test_what_is_no_http_is_answered_with_a_problem_and_hung_up_on(gateway: Gateway, said: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(said)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"application/problem+json" in head
    assert all(f"{name}: {value}".encode() in head for name, value in HEADERS.items())
    assert msgspec.json.decode(body)["status"] == 400
