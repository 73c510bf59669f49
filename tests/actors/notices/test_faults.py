"""Somebody is away, or dies in the middle of it."""

from contextlib import AsyncExitStack

from sqlalchemy import text

from actors.accounts import Accounts
from actors.notifier.intake import Intake
from actors.presence import PresenceActor
from infra.bus import Bus
from infra.config import Settings
from infra.redis import connect_redis
from schemas.accounts import Language
from schemas.base import Role
from schemas.ids import Seq
from schemas.notices import State
from schemas.replay import ReplayEvents
from tests.actors.notices.test_intake import take_in
from tests.actors.notices.world import QUICK, Crew, World
from tests.waiting import wait_for

_MUTED_FOR_EVER = text("""
    INSERT INTO notices.preferences ("user", wishes)
    VALUES (:user, '{"kinds": {}, "muted_until": "9999-12-31T23:59:00Z"}')
""")
_LATER = "recipient = :of AND stage = 'new' AND next_at > now() + interval '5 s'"


async def commit_and_die(world: World, crew: Crew, title: str) -> None:
    """What a notifier leaves behind that is killed between its commit and its telling anybody."""
    await crew.assign(title)
    replay = await world.gateway.request(ReplayEvents(by=crew.ann, team=crew.team, after=Seq(0)))
    async with Bus(world.settings, Role.NOTIFIER) as bus:
        await take_in(Intake(bus, world.engine, lambda _: None), [bytes(replay.events[-1])])


async def test_what_a_killed_notifier_has_written_is_told_by_the_next_one(world: World, crew: Crew) -> None:
    await commit_and_die(world, crew, "Orphan")
    (before,) = await world.inbox(crew.bob)
    assert before.attempts == ()

    async with world.notifier():
        assert [notice.title for notice in (await world.sent(crew.bob)).notices] == ["Orphan"]


async def test_a_toast_of_a_killed_notifier_becomes_a_message_of_the_next_one(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    async with world.notifier(QUICK), world.hearing(crew.bob) as heard:
        await crew.assign("Buy paper")
        await wait_for(lambda: heard)
    async with world.notifier(QUICK):
        assert [notice.title for notice in (await world.sent(crew.bob)).notices] == ["Buy paper"]


async def test_a_claim_outlives_the_notifier_that_gave_it(world: World, crew: Crew) -> None:
    async with world.notifier():
        await crew.assign("Buy paper")
        delivery = await world.delivery(crew.bob)
    async with world.notifier():
        assert (await world.claim(crew.bob)).delivery is None
        await world.report(delivery)
        (notice,) = await world.inbox(crew.bob)

    assert notice.attempts[-1].state is State.DELIVERED


async def test_when_nobody_knows_who_is_here_it_is_a_message(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    async with world.without(PresenceActor), world.notifier():
        await crew.assign("Buy paper")
        await world.sent(crew.bob)
        (notice,) = await world.inbox(crew.bob)

    assert [attempt.reason for attempt in notice.attempts] == ["it is not known who is in the web"]


async def test_when_accounts_are_away_it_is_told_when_they_are_back(world: World, crew: Crew) -> None:
    async with AsyncExitStack() as exits:
        await exits.enter_async_context(world.notifier())
        async with world.without(Accounts):
            await crew.assign("Buy paper")
        assert [notice.title for notice in (await world.sent(crew.bob)).notices] == ["Buy paper"]


async def test_while_redis_is_away_it_is_a_message(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    nowhere = connect_redis(Settings(redis_url="unix:///nowhere/redis.sock"))
    async with (
        world.without(PresenceActor),
        Bus(world.settings, Role.PRESENCE) as bus,
        PresenceActor(bus, nowhere),
        world.notifier(),
    ):
        await crew.assign("Buy paper")
        await world.sent(crew.bob)
        (notice,) = await world.inbox(crew.bob)
    await nowhere.aclose()

    assert [attempt.reason for attempt in notice.attempts] == ["it is not known who is in the web"]


async def test_whoever_cannot_be_told_anything_is_not_tried_again_all_the_time(world: World, crew: Crew) -> None:
    await world.speaks(crew.bob, Language.EN, "Asia/Tokyo")
    # No clock in Tokyo ever shows this moment.
    async with world.engine.begin() as connection:
        await connection.execute(_MUTED_FOR_EVER, {"user": crew.bob})
    async with world.notifier():
        await crew.assign("Buy paper")

        assert await wait_for(lambda: world.count("notices.notices", _LATER, crew.bob)) == 1
