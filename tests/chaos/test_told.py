"""People are told of what concerns them, whatever is killed or spoiled meanwhile."""

import random
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout

from infra.bus import Bus
from infra.db import connect_database
from schemas.base import Role
from tests.chaos.told.blows import Fate
from tests.chaos.told.boss import Boss
from tests.chaos.told.evidence import check, is_settled
from tests.chaos.told.people import Crowd, living
from tests.waiting import wait_for
from tests.whole.product import product

pytestmark = pytest.mark.whole

SETTLED_SECONDS = 240.0
"""Whatever a bot had in its hands when it was killed is held for it until its lease is over."""


async def everybody_is_told(
    data: Path, *, people: int, notices: int, per_second: float, blows: int, pause: float
) -> list[str]:
    """Seeds are printed, though the machine adds chance of its own."""
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    async with product(data, "--apart") as running:
        settings, url = running.settings, running.line["simulator_url"]
        engine = connect_database(settings, pool_size=2)
        async with (
            ClientSession(url, timeout=ClientTimeout(total=10)) as simulator,
            Bus(settings, Role.GATEWAY) as bus,
            Bus(settings, Role.CONSOLE) as console,
        ):
            crowd = Crowd(bus, console, simulator)
            await crowd.build(people, dice)
            fate, boss = Fate(running, simulator, dice), Boss(bus, crowd, dice)
            async with living(crowd.people, running.url):
                await fate.spoil()
                await boss.give(notices, per_second, lambda: fate.strike(blows, pause))
                await fate.mend()
                await wait_for(lambda: is_settled(engine), timeout=SETTLED_SECONDS)
            told = await check(engine, crowd, boss)
        await engine.dispose()
    return [f"told: seed {seed}, {notices} notices to {people} people, killed: {dict(fate.blows)}", *told]


@pytest.mark.timeout(420)
async def test_everybody_is_told_though_some_are_killed(tmp_path: Path, measured: list[str]) -> None:
    measured += await everybody_is_told(tmp_path / "data", people=20, notices=120, per_second=10, blows=4, pause=2.5)


@pytest.mark.timeout(1500)
async def test_everybody_is_told_though_all_are_killed_again_and_again(
    in_full: None, tmp_path: Path, measured: list[str]
) -> None:
    measured += await everybody_is_told(tmp_path / "data", people=200, notices=2000, per_second=20, blows=24, pause=3.0)
