"""What the notifier hears, and when it works that off."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
from sqlalchemy import text

from actors.notifier import hearing
from actors.notifier.hearing import Hearing
from infra.bus import RawMessage
from schemas.base import event_subject
from schemas.ids import Seq
from schemas.replay import ReplayEvents
from schemas.tasks import TaskCreated
from tests.actors.notices.world import Crew, World
from tests.waiting import wait_for

_POSITION = text("SELECT seq FROM notices.positions WHERE team = :team")


async def position(world: World, crew: Crew) -> int:
    async with world.engine.connect() as connection:
        return (await connection.execute(_POSITION, {"team": crew.team})).scalar_one()


async def end(world: World, crew: Crew) -> int:
    return (await world.gateway.request(ReplayEvents(by=crew.ann, team=crew.team, after=Seq(0)))).seq


async def test_what_concerns_nobody_is_worked_off_without_anything_that_does(world: World, crew: Crew) -> None:
    async with world.notifier():
        # When he is told, positions were compared, and will not be again for a minute.
        await crew.assign("For Bob")
        await world.sent(crew.bob)
        await crew.task("For nobody")
        last = await end(world, crew)

        async def is_there() -> bool:
            return await position(world, crew) == last

        await wait_for(is_there)


async def test_whoever_stops_works_off_what_was_heard(
    world: World, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So long that nothing but the stop can be what works it off.
    monkeypatch.setattr(hearing, "GATHER_SECONDS", 3600.0)
    published = asyncio.Event()

    async def hear(_: RawMessage) -> None:
        published.set()

    listening = await world.gateway.listen(event_subject(TaskCreated.tag(), crew.team), hear)
    async with world.notifier():
        await crew.task("For nobody")
        await published.wait()
    await world.gateway.leave(listening)

    assert await position(world, crew) == await end(world, crew)


async def test_of_more_than_is_kept_the_store_is_asked(
    world: World, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ten thousand events take a minute to make; and so long that all four are worked off at once.
    monkeypatch.setattr(hearing, "_KEPT", 1)
    monkeypatch.setattr(hearing, "GATHER_SECONDS", 3600.0)
    async with world.notifier():
        for _ in range(3):
            await crew.task("For nobody")
        await crew.assign("For Bob")

        assert [notice.title for notice in (await world.sent(crew.bob)).notices] == ["For Bob"]
    assert await position(world, crew) == await end(world, crew)


@pytest.mark.parametrize(
    ("came", "times"), [((500, 300, 100, 900), 3), ((0, 900), 1), ((200,) * 50, hearing.STORM_GATHERS)]
)
async def test_a_storm_is_waited_for_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, came: Sequence[int], times: int
) -> None:
    ears = Hearing(cast("Any", None), cast("Any", None), cast("Any", None))
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        ears.telling += came[len(slept)]
        slept.append(seconds)

    monkeypatch.setattr(ears, "sleep", sleep)
    await ears.let_pass()

    assert slept == [hearing.GATHER_SECONDS] * times
