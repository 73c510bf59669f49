"""Clients that create tasks at a steady pace, whatever happens, and remember what they were told."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import uuid4

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar

_TIMEOUT = ClientTimeout(total=10)
_AGAIN_SECONDS = 0.1
_UNAVAILABLE = 503

Cookies = dict[str, str]


async def sign_in(url: str, username: str, password: str) -> Cookies:
    """What a client must send to be somebody."""
    async with client(url, {}) as session:
        body = {"username": username, "password": password}
        async with session.post("/api/auth/login/", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return {name: cookie.value for name, cookie in answer.cookies.items()}


def client(url: str, cookies: Cookies) -> ClientSession:
    return ClientSession(url, cookies=cookies, cookie_jar=CookieJar(unsafe=True), timeout=_TIMEOUT)


class Load(NamedTuple):
    """How many clients send how many requests at once, and how many seconds they pause between two such bursts."""

    clients: int
    at_once: int
    pause: float


class Creators:
    """Half of the tasks have an idempotency key and are asked for until they are acknowledged; the others once."""

    def __init__(self, url: str, cookies: Cookies, *, lists: list[int], load: Load) -> None:
        self.acknowledged: dict[str, int] = {}
        """The task's id by its title."""
        self.asked: dict[str, bool] = {}
        """Whether it had a key, by its title."""
        self.not_done: set[str] = set()
        """Titles of which the answer said that nothing was done."""
        self.retried = 0
        self.refused = 0
        self.cut_off = 0
        self.strange: list[str] = []
        """Answers that nobody may get here."""
        self._url = url
        self._cookies = cookies
        self._lists = lists
        self._load = load
        self._stop = asyncio.Event()
        self._news = asyncio.Condition()
        self._newest_served = 0.0

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """They work until the context ends; then each finishes what it began."""
        async with asyncio.TaskGroup() as group:
            for number in range(self._load.clients):
                group.create_task(self._work(number))
            try:
                yield
            finally:
                self._stop.set()

    async def more(self, count: int) -> None:
        """Wait until so many further tasks have been acknowledged."""
        wanted = len(self.acknowledged) + count
        async with self._news:
            await self._news.wait_for(lambda: len(self.acknowledged) >= wanted)

    async def served(self, moment: float) -> None:
        """Wait until a task has been acknowledged that was first asked for after a moment of `time.monotonic`."""
        async with self._news:
            await self._news.wait_for(lambda: self._newest_served > moment)

    async def turned_away(self, count: int) -> None:
        """Wait until so many further requests have been refused."""
        wanted = self.refused + count
        async with self._news:
            await self._news.wait_for(lambda: self.refused >= wanted)

    async def _work(self, number: int) -> None:
        async with client(self._url, self._cookies) as session:
            while not self._stop.is_set():
                async with asyncio.TaskGroup() as group:
                    for one in range(self._load.at_once):
                        group.create_task(self._create(session, keyed=(number + one) % 2 == 0))
                await asyncio.sleep(self._load.pause)

    async def _create(self, session: ClientSession, *, keyed: bool) -> None:
        title = f"{'keyed' if keyed else 'once'} {uuid4().hex}"
        self.asked[title] = keyed
        body = {"title": title, "list": self._lists[len(self.asked) % len(self._lists)]}
        headers = {"Idempotency-Key": title.replace(" ", "-")} if keyed else {}
        began = time.monotonic()
        while not await self._ask(session, body, headers) and keyed:
            await self._tell(0)
            self.retried += 1
            await asyncio.sleep(_AGAIN_SECONDS)
        await self._tell(began if title in self.acknowledged else 0)

    async def _ask(self, session: ClientSession, body: dict[str, Any], headers: dict[str, str]) -> bool:
        """Whether it is settled: done, or refused in a way that no retry will change."""
        title = body["title"]
        try:
            async with session.post("/api/tasks/", json=body, headers=headers) as answer:
                said: Any = await answer.json(content_type=None)
                if answer.status == 201:
                    self.acknowledged[title] = said["id"]
                    return True
                if answer.status != _UNAVAILABLE:
                    self.strange.append(f"{answer.status} {said}")
                    return True
        except (ClientError, TimeoutError, OSError):
            self.cut_off += 1
            return False
        self.refused += 1
        if "nothing was done" in said["detail"] and not headers:
            self.not_done.add(title)
        return False

    async def _tell(self, began: float) -> None:
        """Something changed; `began` is when a task was first asked for that is now acknowledged, or 0."""
        async with self._news:
            self._newest_served = max(self._newest_served, began)
            self._news.notify_all()
