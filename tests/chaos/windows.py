"""Two people in front of browsers while all of it goes on. They work too: what they add must come through."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession
from playwright.async_api import Browser, expect

from tests.web.cable import Cable
from tests.web.person import Person
from tests.whole.product import Product

USERNAMES = ("anna", "ben")


class Windows:
    """Both look at the board of `team`."""

    def __init__(self, people: list[Person], column: int) -> None:
        self.added: list[str] = []
        self._people = people
        self._column = column

    async def add(self) -> None:
        """Each adds a task, whether or not anything answers now."""
        for person in self._people:
            title = f"{person.username} {len(self.added)}"
            self.added.append(title)
            await person.add(self._column, title)

    async def agree(self, session: ClientSession, team: int) -> None:
        """Wait until nothing is pending, and compare both with a fresh board."""
        for person in self._people:
            await person.is_live()
            await expect(person.page.locator("[data-pending=true]")).to_have_count(0, timeout=30_000)
        async with session.get(f"/api/teams/{team}/board/") as answer:
            board: Any = await answer.json()
        titles = [task["title"] for task in board["tasks"]]
        assert [title for title in self.added if titles.count(title) != 1] == []
        for person in self._people:
            await person.shows(board)
            assert person.loads == 1
            assert person.complaints() == []


@asynccontextmanager
async def windows(browser: Browser, running: Product, team: int, column: int) -> AsyncGenerator[Windows]:
    """They are signed in and live. `column` is the list that they add to."""
    gateway = urlsplit(running.url)
    people: list[Person] = []
    async with AsyncExitStack() as exits:
        for username in USERNAMES:
            cable = Cable(gateway.hostname or "", gateway.port or 0)
            address = await cable.lay()
            exits.push_async_callback(cable.remove)
            context = await browser.new_context(base_url=address, locale="en-GB")
            exits.push_async_callback(context.close)
            person = Person(username, running.password(username), await context.new_page(), cable)
            person.may_lose_the_line()
            person.may_meet_an_outage()
            people.append(person)
        await asyncio.gather(*(person.open(team) for person in people))
        yield Windows(people, column)
