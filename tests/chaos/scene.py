"""A team, those who work on it, and those who watch."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession

from tests.chaos.creators import Cookies, Creators, Load, client, sign_in
from tests.chaos.reader import Reader
from tests.waiting import wait_for
from tests.whole.product import Product


class Scene:
    """Anna's team, with two lists; Ben is in it too."""

    def __init__(self, running: Product) -> None:
        self.running = running
        self.cookies: Cookies = {}
        self.team = 0
        self.lists: list[int] = []

    async def build(self) -> None:
        self.cookies = await sign_in(self.running.url, "anna", self.running.password("anna"))
        async with self.client() as session:
            self.team = (await _made(session, "/api/teams/", {"name": "Chaos"}))["id"]
            await _made(session, f"/api/teams/{self.team}/members/", {"username": "ben", "role": "member"})
            for name in ("To do", "Doing"):
                self.lists.append((await _made(session, "/api/lists/", {"team": self.team, "name": name}))["id"])

    def client(self) -> ClientSession:
        """Anna's."""
        return client(self.running.url, self.cookies)

    def creators(self, load: Load) -> Creators:
        return Creators(self.running.url, self.cookies, lists=self.lists, load=load)

    @asynccontextmanager
    async def readers(self, count: int) -> AsyncGenerator[list[Reader]]:
        """They follow the team until the context ends; when one fails, so does the context."""
        readers = [Reader(self.running.url, self.cookies, self.team) for _ in range(count)]
        async with asyncio.TaskGroup() as group:
            following = [group.create_task(reader.follow()) for reader in readers]
            await wait_for(lambda: all(reader.sockets for reader in readers))
            yield readers
            for task in following:
                task.cancel()


async def _made(session: ClientSession, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with session.post(path, json=body) as answer:
        assert answer.status == 201, await answer.text()
        return await answer.json()
