"""What the notifier hears, and when it works that off."""

import asyncio
from collections.abc import Sequence
from itertools import accumulate

import pytest
from sqlalchemy import text

from actors.notifier import hearing
from actors.notifier.hearing import Storm
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


async def test_whoever_stops_works_off_what_was_heard(world: World, crew: Crew) -> None:
    published = asyncio.Event()

    async def hear(_: RawMessage) -> None:
        published.set()

    listening = await world.gateway.listen(event_subject(TaskCreated.tag(), crew.team), hear)
    # So long that nothing but the stop can be what works it off.
    async with world.notifier(gather=3600.0):
        await crew.task("For nobody")
        await published.wait()
    await world.gateway.leave(listening)

    assert await position(world, crew) == await end(world, crew)


async def test_of_more_than_is_kept_the_store_is_asked(
    world: World, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody would set it to anything else, and ten thousand events take a minute to make.
    monkeypatch.setattr(hearing, "_KEPT", 1)
    # So long that all four are worked off at once.
    async with world.notifier(gather=3600.0):
        for _ in range(3):
            await crew.task("For nobody")
        await crew.assign("For Bob")

        assert [notice.title for notice in (await world.sent(crew.bob)).notices] == ["For Bob"]
    assert await position(world, crew) == await end(world, crew)


@pytest.mark.parametrize(
    ("came", "pauses"), [((500, 300, 100, 900), 3), ((0, 900), 1), ((200,) * 50, hearing.STORM_PAUSES)]
)
def test_a_storm_is_waited_for_but_not_for_ever(came: Sequence[int], pauses: int) -> None:
    storm = Storm(1000)

    over = [storm.is_over(1000 + so_far) for so_far in accumulate(came)]

    assert over.index(True) + 1 == pauses
