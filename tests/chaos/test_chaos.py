"""Processes are killed while people work. Nothing that was acknowledged is lost, and nothing happens twice."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from itertools import chain
from pathlib import Path

import pytest

from tests.chaos.blows import BACKEND, FREEZE, Blow, Killer, Target, longest
from tests.chaos.checks import check_history, check_readers, check_stream, check_tasks
from tests.chaos.creators import Creators, Load
from tests.chaos.reader import Reader
from tests.chaos.scene import Scene
from tests.chaos.windows import windows
from tests.web.chromium import chromium
from tests.whole.product import Product, product

pytestmark = pytest.mark.whole

READERS = 3


async def nothing_else() -> None: ...


async def kill_under_load(
    running: Product, creators: Creators, targets: Sequence[Target], meanwhile: Callable[[], Awaitable[None]]
) -> list[Blow]:
    """Each target is hit at a moment of its own, while requests are under way; `meanwhile` is called as it happens."""
    killer = Killer(running, creators)
    blows: list[Blow] = []
    async with creators.working():
        for target in targets:
            await asyncio.wait_for(creators.more(random.randint(50, 250)), 60)
            blow, _ = await asyncio.gather(killer.hit(target), meanwhile())
            blows.append(blow)
        await asyncio.wait_for(creators.more(50), 60)
    return blows


async def survive(
    scene: Scene, targets: Sequence[Target], load: Load, meanwhile: Callable[[], Awaitable[None]] = nothing_else
) -> list[str]:
    """Kill, compare all that can be compared while it runs, and say what was measured."""
    creators = scene.creators(load)
    async with scene.readers(READERS) as readers:
        first = readers[0].seq
        blows = await kill_under_load(scene.running, creators, targets, meanwhile)
        untold = await check_tasks(scene, creators)
        last = await check_history(scene)
        await check_readers(scene, readers, first, last)
    return [*report(creators, readers, last, untold), *report_blows(blows)]


def report(creators: Creators, readers: Sequence[Reader], last: int, untold: int) -> list[str]:
    sockets = sum(reader.sockets for reader in readers)
    asked, told = len(creators.asked), len(creators.acknowledged)
    return [
        f"chaos: {asked} tasks asked for, {told} acknowledged, {asked - told} in doubt, of which {untold} were done",
        f"chaos: {creators.retried} retries, {creators.refused} answers 503, {creators.cut_off} requests cut off",
        f"chaos: {last} events, each seen once by each of {len(readers)} readers over {sockets} sockets",
    ]


def report_blows(blows: Sequence[Blow]) -> list[str]:
    return [
        *(f"chaos: {blow}" for blow in blows),
        *(f"chaos: longest outage by {name}: {seconds:.2f} s" for name, seconds in longest(blows).items()),
    ]


def report_stream(found: Counter[str]) -> str:
    return f"chaos: the stream holds {len(found)} events in {found.total()} messages"


@pytest.mark.timeout(180)
async def test_one_kill_of_each_loses_nothing_and_doubles_nothing(tmp_path: Path, measured: list[str]) -> None:
    targets: list[Target] = [("actors",), ("nats",), (FREEZE, "actors"), ("postgres",), ("gateway",)]
    async with product(tmp_path / "data", "--demo") as running:
        scene = Scene(running)
        await scene.build()
        measured += await survive(scene, targets, Load(clients=6, at_once=8, pause=0.25))
        measured.append(report_stream(await check_stream(scene)))


@pytest.mark.browser
@pytest.mark.timeout(900)
async def test_many_kills_of_each_lose_nothing_and_double_nothing(
    in_full: None, tmp_path: Path, measured: list[str]
) -> None:
    """Two people look at a board of their own meanwhile, and add to it."""
    each: list[Target] = [("actors",), ("nats",), ("postgres",), (BACKEND,), ("gateway",), ("redis",)]
    rounds = [random.sample(each, len(each)) for _ in range(3)]
    targets = [
        *chain(*rounds),
        (FREEZE, "actors"),
        (FREEZE, "nats"),
        ("nats", "actors"),
        ("actors", "nats", "postgres", "gateway", "redis"),
    ]
    async with AsyncExitStack() as exits:
        browser = await exits.enter_async_context(chromium())
        running = await exits.enter_async_context(product(tmp_path / "data", "--demo"))
        scene, other = Scene(running), Scene(running)
        await scene.build()
        await other.build()
        two = await exits.enter_async_context(windows(browser, running, other.team, other.lists[0]))
        measured += await survive(scene, targets, Load(clients=6, at_once=8, pause=1.0), two.add)
        async with other.client() as session:
            await two.agree(session, other.team)
        await check_history(other)
        measured.append(report_stream(await check_stream(scene, other)))
