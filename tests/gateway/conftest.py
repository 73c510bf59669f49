"""A gateway on a port of its own, and people who are signed in there."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

import msgspec
import pytest
from aiohttp import web

from gateway.app import FANOUT, PARTS, WRITES, build
from gateway.main import Server
from infra.bus import Bus
from infra.config import Settings
from infra.process import supervised
from infra.redis import Redis, connect_redis
from schemas.accounts import User
from schemas.base import Role
from tests.conftest import NewUser
from tests.gateway.browser import Browser

SERVICE_TOKEN = "nobody-would-guess-this-service-token"


class Gateway:
    """A running gateway and what it stands on."""

    def __init__(self, app: web.Application, server: Server, redis: Redis) -> None:
        self.fanout = app[FANOUT]
        self.writes = app[WRITES]
        self.port = server.port
        self.address = f"http://127.0.0.1:{server.port}"
        self.redis = redis


@pytest.fixture(scope="session")
async def redis(settings: Settings) -> AsyncGenerator[Redis]:
    async with connect_redis(settings) as redis:
        yield redis


@pytest.fixture(scope="session")
async def gateway(settings: Settings, bus: Bus, redis: Redis) -> AsyncGenerator[Gateway]:
    async with running(bus, redis, msgspec.structs.replace(settings, service_token=SERVICE_TOKEN)) as gateway:
        yield gateway


@pytest.fixture(scope="session")
async def messenger(settings: Settings, bus: Bus) -> AsyncGenerator[Bus]:
    """The bus as the bot has it."""
    async with Bus(settings, Role.BOT) as messenger:
        yield messenger


@asynccontextmanager
async def running(bus: Bus, redis: Redis, settings: Settings) -> AsyncGenerator[Gateway]:
    """A gateway with these settings, on a port of its own."""
    app = build(bus, redis, settings)
    server = Server(app, "127.0.0.1", 0)
    async with supervised(*app[PARTS], server):
        yield Gateway(app, server, redis)


class NewGateway(Protocol):
    """Starts another gateway, with settings changed."""

    def __call__(self, **changes: object) -> Awaitable[Gateway]: ...


@pytest.fixture
async def new_gateway(settings: Settings, bus: Bus, redis: Redis) -> AsyncGenerator[NewGateway]:
    async with AsyncExitStack() as exits:

        async def new_gateway(**changes: object) -> Gateway:
            changed = msgspec.structs.replace(settings, **{"service_token": SERVICE_TOKEN, **changes})
            return await exits.enter_async_context(running(bus, redis, changed))

        yield new_gateway


class NewBrowser(Protocol):
    """Opens a browser in which somebody has signed in, a new person unless one is named."""

    def __call__(
        self, name: str = "Ann", *, signed_in: bool = True, user: User | None = None, at: Gateway | None = None
    ) -> Awaitable[Browser]: ...


@pytest.fixture
async def new_browser(gateway: Gateway, new_user: NewUser) -> AsyncGenerator[NewBrowser]:
    async with opening(gateway, new_user) as new_browser:
        yield new_browser


@asynccontextmanager
async def opening(gateway: Gateway, new_user: NewUser) -> AsyncGenerator[NewBrowser]:
    """Closes at the end what was opened."""
    browsers: list[Browser] = []

    async def new_browser(
        name: str = "Ann", *, signed_in: bool = True, user: User | None = None, at: Gateway | None = None
    ) -> Browser:
        browser = Browser((at or gateway).address, user or await new_user(name))
        browsers.append(browser)
        if signed_in:
            answer = await browser.sign_in()
            assert answer.status == 200, answer
        return browser

    yield new_browser
    for browser in browsers:
        await browser.close()


@pytest.fixture
async def ann(new_browser: NewBrowser) -> Browser:
    """Somebody who is signed in."""
    return await new_browser("Ann")


class Crew:
    """A team of Ann's over HTTP: she owns it, Adam is an admin, Ben a member, Vera a viewer; Olga is an outsider."""

    def __init__(self, ann: Browser, adam: Browser, ben: Browser, vera: Browser, olga: Browser) -> None:
        self.ann, self.adam, self.ben, self.vera, self.olga = ann, adam, ben, vera, olga
        self.team = self.todo = self.done = 0

    async def build(self) -> None:
        self.team = (await self.ann.post("/api/teams/", {"name": "Crew"})).body["id"]
        members = f"/api/teams/{self.team}/members/"
        for browser, role in ((self.adam, "admin"), (self.ben, "member"), (self.vera, "viewer")):
            await self.ann.post(members, {"username": browser.user.username, "role": role})
        self.todo = await self.list_("To do")
        self.done = await self.list_("Done")

    async def list_(self, name: str) -> int:
        """A new list's id."""
        return (await self.ann.post("/api/lists/", {"team": self.team, "name": name})).body["id"]

    async def task(self, title: str = "Buy paper", **more: object) -> int:
        """A new task's id."""
        answer = await self.ann.post("/api/tasks/", {"title": title, "list": self.todo, **more})
        assert answer.status == 201, answer
        return answer.body["id"]

    async def position(self) -> int:
        return (await self.ann.get(f"/api/teams/{self.team}/board/")).body["seq"]


@pytest.fixture
async def crew(new_browser: Callable[[str], Awaitable[Browser]]) -> Crew:
    crew = Crew(*[await new_browser(name) for name in ("Ann", "Adam", "Ben", "Vera", "Olga")])
    await crew.build()
    return crew
