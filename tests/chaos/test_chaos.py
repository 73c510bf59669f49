"""Processes are killed while people work. Nothing that was acknowledged is lost, and nothing happens twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.actors.mirror import Mirror
from tests.chaos.blows import BACKEND, Blow, Killer, longest
from tests.chaos.creators import Cookies, Creators, client, sign_in
from tests.chaos.evidence import Database, stream_ids
from tests.chaos.reader import Reader
from tests.waiting import wait_for
from tests.whole.product import Product, product

pytestmark = pytest.mark.whole

READERS = 3
DRAIN_SECONDS = 60.0
"""The outbox keeps an event for 10 s after its acknowledgement, and one whose owner is gone for 30 s before."""


class Scene:
    """A team, those who work on it, and those who watch."""

    def __init__(self, running: Product) -> None:
        self.running = running
        self.cookies: Cookies = {}
        self.team = 0
        self.lists: list[int] = []

    async def build(self) -> None:
        self.cookies = await sign_in(self.running.url, "anna", self.running.password("anna"))
        async with client(self.running.url, self.cookies) as session:
            self.team = await _made(session, "/api/teams/", {"name": "Chaos"})
            for name in ("To do", "Doing"):
                self.lists.append(await _made(session, "/api/lists/", {"team": self.team, "name": name}))

    def creators(self, load: Load) -> Creators:
        return Creators(self.running.url, self.cookies, lists=self.lists, load=load)

    def reader(self) -> Reader:
        return Reader(self.running.url, self.cookies, self.team)


async def _made(session: ClientSession, path: str, body: dict[str, Any]) -> int:
    """The id of what was made."""
    async with session.post(path, json=body) as answer:
        assert answer.status == 201, await answer.text()
        return (await answer.json())["id"]


async def kill_under_load(scene: Scene, creators: Creators, targets: Sequence[tuple[str, ...]]) -> list[Blow]:
    """Each target dies at a moment of its own, while requests are under way."""
    killer = Killer(scene.running, creators)
    blows: list[Blow] = []
    async with creators.working():
        for target in targets:
            await asyncio.wait_for(creators.more(random.randint(30, 150)), 60)
            blows.append(await killer.strike(*target))
        await asyncio.wait_for(creators.more(50), 60)
    return blows


async def check_tasks(scene: Scene, creators: Creators) -> None:
    titles = await Database(scene.running.settings.database_url).titles(scene.team)
    lost = [title for title in creators.acknowledged if titles[title] == 0]
    twice = [title for title, count in titles.items() if count > 1]
    keyed = [title for title, has_key in creators.asked.items() if has_key]
    assert not creators.strange
    assert not lost, f"{len(lost)} acknowledged tasks are gone"
    assert not twice, f"{len(twice)} tasks are there twice"
    assert not [title for title in keyed if title not in creators.acknowledged], "a retry did not come to an end"
    assert not [title for title in creators.not_done if titles[title]], "something was done that was said not to be"
    assert set(titles) <= set(creators.asked)


async def check_history(scene: Scene) -> int:
    """Positions without gap or double; gives the last one."""
    history = await Database(scene.running.settings.database_url).history(scene.team)
    expected = [(seq, seq) for seq in range(1, len(history) + 1)]
    assert history == expected
    return len(history)


async def check_readers(scene: Scene, readers: Sequence[Reader], first: int, last: int) -> None:
    """Each saw every event once and in order, and holds what a fresh board holds."""
    for reader in readers:
        await wait_for(lambda reader=reader: reader.seq == last, timeout=30)
        assert reader.faults == []
        assert reader.resets == 0
        assert reader.seen == list(range(first + 1, last + 1))
    async with client(scene.running.url, scene.cookies) as session:
        fresh = Mirror(await readers[0].board(session)).content()
    for reader in readers:
        assert reader.content() == fresh


async def check_stream(scene: Scene, last: int) -> Counter[str]:
    """When the outbox is empty the stream holds each event. Stops the product."""
    database = Database(scene.running.settings.database_url)

    async def is_empty() -> bool:
        return await database.waiting() == 0

    await wait_for(is_empty, timeout=DRAIN_SECONDS)
    said = await scene.running.stop()
    assert said.code == 0, said.err
    data = scene.running.data
    found = await stream_ids(data / "nats", data.parent, scene.team)
    assert set(found) == {f"{scene.team}.{seq}" for seq in range(1, last + 1)}
    return found


async def survive(
    running: Product, targets: Sequence[tuple[str, ...]], measured: list[str], *, clients: int, pause: float
) -> None:
    """All of it: kill, compare, and say what was measured."""
    scene = Scene(running)
    await scene.build()
    creators = scene.creators(clients=clients, pause=pause)
    readers = [scene.reader() for _ in range(READERS)]
    async with AsyncExitStack() as exits:
        following = [asyncio.ensure_future(reader.follow()) for reader in readers]
        for task in following:
            exits.callback(task.cancel)
        await wait_for(lambda: all(reader.sockets for reader in readers))
        first = readers[0].seq
        blows = await kill_under_load(scene, creators, targets)
        await check_tasks(scene, creators)
        last = await check_history(scene)
        await check_readers(scene, readers, first, last)
    found = await check_stream(scene, last)
    measured += report(creators, readers, blows, last, found)


def report(
    creators: Creators, readers: Sequence[Reader], blows: Sequence[Blow], last: int, found: Counter[str]
) -> list[str]:
    sockets = sum(reader.sockets for reader in readers)
    unknown = len(creators.asked) - len(creators.acknowledged)
    return [
        f"chaos: {len(creators.asked)} tasks asked for, {len(creators.acknowledged)} acknowledged, {unknown} in doubt",
        f"chaos: {creators.retried} retries, {creators.refused} answers 503, {creators.cut_off} requests cut off",
        f"chaos: {last} events, each seen once by each of {len(readers)} readers over {sockets} sockets",
        f"chaos: the stream holds {len(found)} of them in {found.total()} messages",
        *(f"chaos: {blow}" for blow in blows),
        *(f"chaos: longest outage by {name}: {seconds:.2f} s" for name, seconds in longest(blows).items()),
    ]


@pytest.mark.timeout(180)
async def test_one_kill_of_each_loses_nothing_and_doubles_nothing(tmp_path: Path, measured: list[str]) -> None:
    targets = [("actors",), ("nats",), ("postgres",), ("gateway",)]
    async with product(tmp_path / "data", "--demo") as running:
        await survive(running, targets, measured, clients=6, pause=0.25)


@pytest.mark.timeout(900)
async def test_many_kills_of_each_lose_nothing_and_double_nothing(
    in_full: None, tmp_path: Path, measured: list[str]
) -> None:
    each = [("actors",), ("nats",), ("postgres",), (BACKEND,), ("gateway",), ("redis",)]
    rounds = [random.sample(each, len(each)) for _ in range(3)]
    together = [("nats", "actors"), ("actors", "nats", "postgres", "gateway", "redis")]
    async with product(tmp_path / "data", "--demo") as running:
        await survive(running, [*chain(*rounds), *together], measured, clients=6, pause=1.0)
