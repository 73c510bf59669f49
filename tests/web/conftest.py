"""One product and one Chromium for all browser tests; each test has a team and windows of its own."""

from collections.abc import AsyncGenerator, Awaitable, Generator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser as Chromium

from gateway.routes.web import DIST
from infra.bus import Bus
from infra.embedded import Folder
from schemas.accounts import CreateUser, User
from schemas.base import Role
from schemas.ids import UserId
from schemas.presence import WhoIsHere
from schemas.telegram import StartTelegram
from tests.conftest import PASSWORD
from tests.gateway.browser import Browser
from tests.waiting import wait_for
from tests.web.cable import Cable
from tests.web.chromium import chromium
from tests.web.person import Person
from tests.whole.product import Product, product

LISTS = ("To do", "Doing", "Done")
_LINES = 30


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Chromium]:
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
async def running(browser: Chromium, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    assert (DIST / "index.html").exists(), "the web client is not built: run `make web`"
    async with product(tmp_path_factory.mktemp("web") / "data", "--demo") as running:
        yield running


class Keys:
    """Each of the demo's people signs in once for all tests: a password takes a moment of a core, by design."""

    def __init__(self, running: Product) -> None:
        self._running = running
        self._sessions: dict[str, str] = {}

    async def of(self, username: str) -> str:
        """The secret of their session. Whoever ends a session begins one of their own before."""
        if username not in self._sessions:
            program = Browser(self._running.url)
            body = {"username": username, "password": self._running.password(username)}
            await program.post("/api/auth/login/", body)
            self._sessions[username] = program.cookie
            await program.close()
        return self._sessions[username]


@pytest.fixture(scope="session")
def keys(running: Product) -> Keys:
    return Keys(running)


class Crew:
    """A team of people in the demo: anna owns it, ben is an admin, clara a member, dmitri a viewer.

    `http` is anna without a window: what she does there comes to the windows from elsewhere.
    """

    def __init__(self, http: Browser) -> None:
        self.http = http
        self.team = 0
        self.lists: dict[str, int] = {}
        self.ids: dict[str, int] = {}

    async def build(self) -> None:
        self.team = (await self.do("POST", "/api/teams/", {"name": "Crew"}))["id"]
        members = f"/api/teams/{self.team}/members/"
        for username, role in (("ben", "admin"), ("clara", "member"), ("dmitri", "viewer")):
            self.ids[username] = (await self.do("POST", members, {"username": username, "role": role}))["user"]
        for name in LISTS:
            self.lists[name] = (await self.do("POST", "/api/lists/", {"team": self.team, "name": name}))["id"]

    async def add(self, user: User, role: str = "member") -> None:
        """Make somebody a member whom the demo does not know."""
        await self.do("POST", f"/api/teams/{self.team}/members/", {"username": user.username, "role": role})
        self.ids[user.username] = user.id

    async def do(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.send(method, path, body)
        assert answer.status < 300, answer
        return answer.body

    async def task(self, title: str, place: str = "To do") -> int:
        """A new task's id."""
        return (await self.do("POST", "/api/tasks/", {"title": title, "list": self.lists[place]}))["id"]

    async def board(self) -> Any:
        return await self.do("GET", f"/api/teams/{self.team}/board/")

    async def change_role(self, username: str, role: str) -> None:
        await self.do("PATCH", f"/api/teams/{self.team}/members/{self.ids[username]}/", {"role": role})


@pytest.fixture
async def crew(running: Product, keys: Keys) -> AsyncGenerator[Crew]:
    http = Browser(running.url)
    http.resume(await keys.of("anna"))
    crew = Crew(http)
    await crew.build()
    yield crew
    await http.close()


@pytest.fixture(scope="session")
async def console(running: Product) -> AsyncGenerator[Bus]:
    """The bus as `ttm createsuperuser` has it."""
    bus = Bus(running.settings, Role.CONSOLE)
    await bus.connect()
    yield bus
    await bus.close()


@pytest.fixture(scope="session")
async def edge(running: Product) -> AsyncGenerator[Bus]:
    """The bus as the gateway has it."""
    async with Bus(running.settings, Role.GATEWAY) as edge:
        yield edge


async def is_active(edge: Bus, user: UserId) -> bool:
    """Whether they would see a toast: a page is there some moments before its first heartbeat counts."""
    return (await edge.request(WhoIsHere(users=(user,))))[0].is_active


@pytest.fixture(scope="session")
async def messenger(running: Product, edge: Bus) -> AsyncGenerator[Bus]:
    """The bus as the bot has it, once the bot has said where it is."""

    async def is_introduced() -> bool:
        return (await edge.request(StartTelegram(by=UserId(1)))).url is not None

    async with Bus(running.settings, Role.BOT) as messenger:
        await wait_for(is_introduced, timeout=15)
        yield messenger


class Newcomer(Protocol):
    """Makes an account of PASSWORD that no other test knows; its username is its name in small letters."""

    def __call__(self, name: str, *, is_admin: bool = False) -> Awaitable[User]: ...


_numbers = count(1)


@pytest.fixture
def newcomer(console: Bus) -> Newcomer:
    async def newcomer(name: str, *, is_admin: bool = False) -> User:
        username = f"{name.lower()}{next(_numbers)}"
        return await console.request(CreateUser(username=username, password=PASSWORD, name=name, is_admin=is_admin))

    return newcomer


class Window(Protocol):
    """Opens a fresh window, behind a cable of its own, in front of which somebody sits."""

    def __call__(
        self, username: str, password: str = PASSWORD, *, locale: str = "en-GB", time_zone: str = "UTC"
    ) -> Awaitable[Person]: ...


@pytest.fixture
async def window(running: Product, browser: Chromium) -> AsyncGenerator[Window]:
    """At the end nobody's console may hold anything that was not expected: no error, no breach of the CSP."""
    people: list[Person] = []
    async with AsyncExitStack() as exits:

        async def window(
            username: str, password: str = PASSWORD, *, locale: str = "en-GB", time_zone: str = "UTC"
        ) -> Person:
            gateway = urlsplit(running.url)
            cable = Cable(gateway.hostname or "", gateway.port or 0)
            address = await cable.lay()
            exits.push_async_callback(cable.remove)
            context = await browser.new_context(
                base_url=address, locale=locale, timezone_id=time_zone, viewport={"width": 1280, "height": 800}
            )
            exits.push_async_callback(context.close)
            context.set_default_timeout(10_000)
            person = Person(username, password, await context.new_page(), cable)
            people.append(person)
            return person

        yield window
        assert {person.username: person.complaints() for person in people} == {person.username: [] for person in people}


class Enter(Protocol):
    """Opens a window in which somebody of the demo is at the crew's board, `anew` in a session of its own."""

    def __call__(self, username: str, *, anew: bool = False, locale: str = "en-GB") -> Awaitable[Person]: ...


@pytest.fixture
def enter(running: Product, keys: Keys, crew: Crew, window: Window) -> Enter:
    async def enter(username: str, *, anew: bool = False, locale: str = "en-GB") -> Person:
        person = await window(username, running.password(username), locale=locale)
        if anew:
            await person.open(crew.team)
        else:
            await person.resume(crew.team, await keys.of(username))
        return person

    return enter


class Join(Protocol):
    """Makes somebody new, who is a member of the crew, at its board, and known to be there.

    Who was told much of late, as people of the demo are by other tests, is told more of it as one; they are not.
    """

    def __call__(self, name: str, *, locale: str = "en-GB") -> Awaitable[Person]: ...


@pytest.fixture
def join(crew: Crew, newcomer: Newcomer, window: Window, edge: Bus) -> Join:
    async def join(name: str, *, locale: str = "en-GB") -> Person:
        user = await newcomer(name)
        await crew.add(user)
        person = await window(user.username, locale=locale)
        await person.open(crew.team)
        await wait_for(lambda: is_active(edge, user.id))
        return person

    return join


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """When a test fails, what the product's processes wrote last is shown with it."""
    report = yield
    running = getattr(item, "funcargs", {}).get("running")
    if report.failed and isinstance(running, Product):
        for log in sorted(Folder(running.data).log("actors").parent.glob("*.log")):
            report.sections.append((f"End of {log.name}", "\n".join(log.read_text().splitlines()[-_LINES:])))
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder drives a browser, and has the time that takes."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(60))
