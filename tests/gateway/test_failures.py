"""What goes wrong on our side is said in words that fit, and nothing leaks."""

from collections.abc import AsyncGenerator

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.app import build
from gateway.calls import bounded
from gateway.errors import STATUS, Problem, refusal
from gateway.main import Server
from infra.bus import Bus
from infra.config import Settings
from infra.process import supervised
from infra.redis import connect_redis
from infra.telemetry import current_trace, trace_id
from schemas.errors import BusError, ErrorCode
from tests.gateway.browser import Browser
from tests.gateway.conftest import Gateway

TRACE = "0af7651916cd43dd8448eb211c80319c"


def told(response: web.Response) -> Problem:
    assert isinstance(response.body, bytes)
    assert response.headers["Content-Type"] == "application/problem+json"
    return msgspec.json.decode(response.body, type=Problem)


@pytest.mark.parametrize("code", ErrorCode)
def test_each_code_has_a_status_and_becomes_a_problem(code: ErrorCode) -> None:
    response = refusal(BusError(code, "so it is", field="title", current=b'{"id":1}'))

    assert response.status == STATUS[code]
    problem = told(response)
    assert (problem.status, problem.detail, problem.field) == (STATUS[code], "so it is", "title")
    assert problem.current == msgspec.Raw(b'{"id":1}')
    assert ("Retry-After" in response.headers) == (response.status == 503)


def test_what_nobody_foresaw_is_not_told() -> None:
    response = refusal(ZeroDivisionError("the password is swordfish"))

    assert response.status == 500
    assert "swordfish" not in told(response).detail


async def test_a_gateway_with_everything_there_is_alive_and_ready(gateway: Gateway) -> None:
    browser = Browser(gateway.address)

    assert (await browser.get("/healthz")).body == {"status": "ok"}
    assert (await browser.get("/readyz")).body == {"status": "ok"}
    await browser.close()


@pytest.fixture
async def without_redis(settings: Settings, bus: Bus) -> AsyncGenerator[Browser]:
    """A browser at a gateway whose Redis is away."""
    away = connect_redis(msgspec.structs.replace(settings, redis_url="unix:///nowhere/redis.sock"))
    app = build(bus, away, settings)
    server = Server(app, "127.0.0.1", 0)
    async with supervised(server):
        browser = Browser(f"http://127.0.0.1:{server.port}")
        yield browser
        await browser.close()


async def test_without_redis_it_says_try_again_and_not_sign_in(without_redis: Browser) -> None:
    answer = await without_redis.get("/api/auth/me/", headers={"Cookie": "ttm_session=abc"})

    assert answer.refused == (503, None)
    assert answer.headers["Retry-After"]


async def test_without_redis_it_is_alive_and_not_ready(without_redis: Browser) -> None:
    assert (await without_redis.get("/healthz")).status == 200

    answer = await without_redis.get("/readyz")
    assert answer.refused == (503, None)
    assert answer.body["detail"] == "not ready: redis"


@pytest.mark.parametrize(("sent", "traces"), [(f"00-{TRACE}-b7ad6b7169203331-01", 1), ("00-zz-zz-01", 2)])
async def test_a_request_joins_the_trace_that_it_came_with_or_begins_one(sent: str, traces: int) -> None:
    async def tell(_: web.Request) -> web.StreamResponse:
        return web.Response(text=trace_id(current_trace()))

    answer = await bounded(tell, "tell")(make_mocked_request("GET", "/", {"traceparent": sent}))

    assert isinstance(answer, web.Response)
    assert answer.text
    assert len(answer.text) == 32
    assert len({answer.text, TRACE}) == traces
