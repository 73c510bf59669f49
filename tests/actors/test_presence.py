"""Who is here, on a NATS and a Redis of these tests' own: with several actors, and with servers that go away."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from actors.presence import USUAL, Lengths, PresenceActor
from infra.bus import Bus, RawMessage
from infra.config import Settings
from infra.mailbox import Envelope
from infra.process import supervised
from infra.redis import Redis, connect_redis
from schemas.base import Role
from schemas.errors import BusError, ErrorCode
from schemas.ids import TeamId, UserId
from schemas.presence import (
    Beat,
    Moved,
    Presence,
    TakeBeats,
    Viewer,
    WentOffline,
    WentOnline,
    WhoIsHere,
    WhoIsOnBoard,
)
from tests.infra.own_servers import OwnServer, own_server
from tests.waiting import wait_for

QUICK = Lengths(online=0.6, grace=0.3)
EVENTS: Mapping[str, type[Any]] = {kind.tag(): kind for kind in (WentOnline, WentOffline, Moved)}

_numbers = itertools.count(2**53 - 100_000)
"""As large as ids get."""


@pytest.fixture(scope="module")
async def nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Settings]:
    async with own_server("nats", tmp_path_factory.mktemp("nats")) as server:
        yield server.settings


@pytest.fixture(scope="module")
async def redis_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[OwnServer]:
    async with own_server("redis", tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
async def redis(redis_server: OwnServer) -> AsyncGenerator[Redis]:
    async with connect_redis(redis_server.settings) as redis:
        yield redis


@pytest.fixture(scope="module")
async def bus(nats: Settings) -> AsyncGenerator[Bus]:
    """The bus as the gateway sees it."""
    async with Bus(nats, Role.GATEWAY) as bus:
        yield bus


class Stage:
    """Where presence actors play, and all that they announce."""

    def __init__(self, bus: Bus, nats: Settings, redis: Redis, exits: AsyncExitStack) -> None:
        self.bus = bus
        self.redis = redis
        self.heard: list[Any] = []
        self._nats = nats
        self._exits = exits

    async def enter(self, lengths: Lengths = USUAL) -> PresenceActor:
        """One more actor."""
        bus = await self._exits.enter_async_context(Bus(self._nats, Role.PRESENCE))
        actor = PresenceActor(bus, self.redis, lengths)
        await self._exits.enter_async_context(supervised(actor))
        return actor

    async def hear(self, raw: RawMessage) -> None:
        self.heard.append(msgspec.json.decode(raw.data, type=EVENTS[msgspec.json.decode(raw.data)["type"]]))

    def said_of(self, user: UserId) -> list[Any]:
        return [event for event in self.heard if event.user == user]

    def kinds_of(self, user: UserId) -> list[type[Any]]:
        return [type(event) for event in self.said_of(user)]

    async def beat(self, *beats: Beat) -> None:
        await self.bus.request(TakeBeats(beats=beats))

    async def go(self, *connections: str) -> None:
        await self.bus.request(TakeBeats(gone=connections))

    async def of(self, user: UserId) -> Presence:
        (found,) = await self.bus.request(WhoIsHere(users=(user,)))
        return found

    async def is_online(self, user: UserId) -> bool:
        return (await self.of(user)).is_online

    async def on(self, team: TeamId) -> list[Viewer]:
        return await self.bus.request(WhoIsOnBoard(team=team))


@pytest.fixture
async def empty(bus: Bus, nats: Settings, redis: Redis) -> AsyncGenerator[Stage]:
    """Nobody plays yet, and nothing is known."""
    await redis.flushdb()
    async with AsyncExitStack() as exits:
        stage = Stage(bus, nats, redis, exits)
        listening = await bus.listen("usr.presence.>", stage.hear)
        yield stage
        await listening.unsubscribe()


@pytest.fixture
async def stage(empty: Stage) -> Stage:
    """One actor, with the lengths of production."""
    await empty.enter()
    return empty


@pytest.fixture
def ann() -> UserId:
    return UserId(next(_numbers))


@pytest.fixture
def ben() -> UserId:
    return UserId(next(_numbers))


@pytest.fixture
def team() -> TeamId:
    return TeamId(next(_numbers))


def tab(user: UserId, name: str = "", *, is_active: bool = True, board: TeamId | None = None) -> Beat:
    return Beat(user=user, connection=f"{user}-{name or 'tab'}", is_active=is_active, board=board)


async def test_a_heartbeat_brings_somebody_online_and_makes_them_active(stage: Stage, ann: UserId) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    await stage.beat(tab(ann))

    found = await stage.of(ann)
    assert (found.user, found.is_online, found.is_active) == (ann, True, True)
    assert found.seen_at is not None
    assert before <= found.seen_at <= datetime.now(UTC)
    await wait_for(lambda: stage.kinds_of(ann) == [WentOnline, Moved])
    assert stage.said_of(ann)[1] == Moved(user=ann, boards=(), is_active=True)


async def test_nobody_knows_of_whom_nobody_ever_heard_and_the_answer_keeps_the_order(
    stage: Stage, ann: UserId, ben: UserId
) -> None:
    await stage.beat(tab(ben))

    found = await stage.bus.request(WhoIsHere(users=(ann, ben, ann)))

    nobody = Presence(user=ann, is_online=False, is_active=False, seen_at=None)
    assert [found[0], found[2]] == [nobody, nobody]
    assert (found[1].user, found[1].is_online) == (ben, True)
    assert await stage.bus.request(WhoIsHere(users=())) == []


async def test_heartbeats_that_say_nothing_new_are_not_news(stage: Stage, ann: UserId) -> None:
    for _ in range(5):
        await stage.beat(tab(ann), tab(ann, "phone"))
    await stage.beat(tab(ann, is_active=False), tab(ann, "phone", is_active=False))

    await wait_for(lambda: stage.kinds_of(ann) == [WentOnline, Moved, Moved])
    assert stage.said_of(ann)[2] == Moved(user=ann, boards=(), is_active=False)


async def test_somebody_is_active_while_one_of_their_tabs_is(stage: Stage, ann: UserId) -> None:
    await stage.beat(tab(ann, "desk", is_active=False), tab(ann, "phone"))
    assert (await stage.of(ann)).is_active

    await stage.go(f"{ann}-phone")

    found = await stage.of(ann)
    assert (found.is_online, found.is_active) == (True, False)


async def test_an_open_board_says_that_somebody_is_here_and_not_that_they_would_see_a_toast(
    stage: Stage, ann: UserId, team: TeamId
) -> None:
    await stage.beat(tab(ann, "board", board=team))

    found = await stage.of(ann)
    assert (found.is_online, found.is_active) == (True, False)
    assert await stage.on(team) == [Viewer(user=ann, is_active=False)]


async def test_who_has_a_board_open_is_known_with_all_their_boards(
    stage: Stage, ann: UserId, ben: UserId, team: TeamId
) -> None:
    other = TeamId(team + 1)
    await stage.beat(tab(ann), tab(ann, "one", board=team), tab(ann, "two", board=team), tab(ann, "x", board=other))
    await stage.beat(tab(ben, is_active=False), tab(ben, "board", board=team))
    assert await stage.on(team) == [Viewer(user=ann, is_active=True), Viewer(user=ben, is_active=False)]
    await wait_for(lambda: stage.said_of(ann)[1:] == [Moved(user=ann, boards=(team, other), is_active=True)])

    await stage.go(f"{ann}-one")
    assert len(await stage.on(team)) == 2
    await stage.go(f"{ann}-two")

    assert await stage.on(team) == [Viewer(user=ben, is_active=False)]
    assert await stage.on(other) == [Viewer(user=ann, is_active=True)]
    await wait_for(lambda: stage.said_of(ann)[2:] == [Moved(user=ann, boards=(other,), is_active=True)])


async def test_a_connection_counts_for_so_long_after_its_last_heartbeat(
    empty: Stage, ann: UserId, ben: UserId, team: TeamId
) -> None:
    await empty.enter(QUICK)
    beating = asyncio.ensure_future(keep_beating(empty, tab(ben), tab(ben, "board", board=team)))
    await empty.beat(tab(ann), tab(ann, "board", board=team))
    seen = (await empty.of(ann)).seen_at
    await wait_for(lambda: len(empty.said_of(ann)) == 2)

    await wait_for(lambda: WentOffline in empty.kinds_of(ann))

    nobody = Presence(user=ann, is_online=False, is_active=False, seen_at=seen)
    assert await empty.of(ann) == nobody
    assert await empty.on(team) == [Viewer(user=ben, is_active=True)]
    assert empty.said_of(ann)[-2:] == [Moved(user=ann, boards=(), is_active=False), WentOffline(user=ann, seen_at=seen)]
    assert WentOffline not in empty.kinds_of(ben)
    beating.cancel()


async def keep_beating(stage: Stage, *beats: Beat) -> None:
    while True:
        await stage.beat(*beats)
        await asyncio.sleep(0.05)


async def test_whoever_says_good_bye_is_gone_at_once_and_is_said_to_be_some_time_later(
    empty: Stage, ann: UserId
) -> None:
    await empty.enter(Lengths(grace=0.5))
    await empty.beat(tab(ann), tab(ann, "phone"))
    await empty.go(f"{ann}-tab")
    assert await empty.is_online(ann)

    await empty.go(f"{ann}-phone")

    assert not await empty.is_online(ann)
    assert WentOffline not in empty.kinds_of(ann)
    await wait_for(lambda: WentOffline in empty.kinds_of(ann))
    assert empty.kinds_of(ann) == [WentOnline, Moved, Moved, WentOffline]


async def test_a_page_that_is_loaded_again_is_no_absence(stage: Stage, ann: UserId) -> None:
    for name in ("first", "second", "third"):
        await stage.beat(tab(ann, name))
        await stage.go(f"{ann}-{name}")
    await stage.beat(tab(ann, "last"))

    assert await stage.is_online(ann)
    assert await stage.redis.zcard("presence:left") == 0
    await wait_for(lambda: len(stage.said_of(ann)) == 8)
    assert set(stage.kinds_of(ann)[1:]) == {Moved}


async def test_whoever_was_active_on_a_page_that_went_may_be_back_soon(empty: Stage, ann: UserId, ben: UserId) -> None:
    await empty.enter(Lengths(grace=0.5))
    await empty.beat(tab(ann), tab(ann, "phone", is_active=False), tab(ben, is_active=False))

    await empty.go(f"{ann}-tab", f"{ben}-tab")

    found = await empty.of(ann)
    assert (found.is_online, found.is_active, found.is_leaving) == (True, False, True)
    assert not (await empty.of(ben)).is_leaving
    await wait_for(lambda: WentOffline in empty.kinds_of(ben))
    assert not (await empty.of(ann)).is_leaving

    async def is_forgotten() -> bool:
        return not await empty.redis.exists("presence:leaving")

    await wait_for(is_forgotten)


async def test_what_is_said_last_of_a_connection_counts(stage: Stage, ann: UserId) -> None:
    await asyncio.gather(stage.beat(tab(ann)), stage.go(f"{ann}-tab"), stage.beat(tab(ann)))
    assert await stage.is_online(ann)

    await asyncio.gather(stage.beat(tab(ann)), stage.go(f"{ann}-tab"))
    assert not await stage.is_online(ann)


async def test_a_connection_that_turns_out_to_be_somebody_elses_is_theirs(
    stage: Stage, ann: UserId, ben: UserId
) -> None:
    await stage.beat(Beat(user=ann, connection=f"{ann}-x"))
    await stage.beat(Beat(user=ben, connection=f"{ann}-x"))

    assert (await stage.is_online(ann), await stage.is_online(ben)) == (False, True)


async def test_an_unknown_connection_may_go(stage: Stage, ann: UserId) -> None:
    await stage.go("never-heard-of")
    await stage.beat(tab(ann))
    assert await stage.is_online(ann)


async def test_a_bundle_may_hold_a_thousand_and_nothing_is_kept_of_who_went(empty: Stage) -> None:
    await empty.enter(Lengths(grace=0))
    users = [UserId(next(_numbers)) for _ in range(500)]
    beats = [tab(user) for user in users] + [tab(user, "board", board=TeamId(7)) for user in users]
    await empty.beat(*beats)
    assert len(await empty.on(TeamId(7))) == 500
    assert {one.is_active for one in await empty.bus.request(WhoIsHere(users=(*users,)))} == {True}

    await empty.go(*(beat.connection for beat in beats))

    await wait_for(lambda: sum(isinstance(event, WentOffline) for event in empty.heard) == 500)
    assert {*await empty.redis.keys("presence:*")} == {b"presence:clock", b"presence:seen"}


async def test_when_somebody_was_seen_is_remembered_for_so_long_and_then_forgotten(empty: Stage, ann: UserId) -> None:
    await empty.enter(Lengths(grace=0, seen=0.5))
    await empty.beat(tab(ann))
    await empty.go(f"{ann}-tab")
    assert (await empty.of(ann)).seen_at is not None

    async def is_forgotten() -> bool:
        return (await empty.of(ann)).seen_at is None

    await wait_for(is_forgotten)


async def test_another_actor_knows_what_the_first_one_knew(empty: Stage, ann: UserId, team: TeamId) -> None:
    first = await empty.enter()
    await empty.beat(tab(ann), tab(ann, "board", board=team))
    await first.stop()

    await empty.enter()
    await empty.beat(tab(ann), tab(ann, "board", board=team))

    assert await empty.is_online(ann)
    assert await empty.on(team) == [Viewer(user=ann, is_active=True)]
    await wait_for(lambda: len(empty.said_of(ann)) >= 2)
    assert empty.kinds_of(ann) == [WentOnline, Moved]


async def test_of_several_actors_one_announces(empty: Stage) -> None:
    for _ in range(3):
        await empty.enter(QUICK)
    users = [UserId(next(_numbers)) for _ in range(30)]

    async def come(user: UserId) -> None:
        await asyncio.gather(*(empty.beat(tab(user, str(number))) for number in range(4)))

    await asyncio.gather(*map(come, users))

    for user in users:
        await wait_for(lambda user=user: empty.kinds_of(user).count(WentOffline) == 1)
        assert empty.kinds_of(user) == [WentOnline, Moved, Moved, WentOffline]


async def test_time_in_which_nobody_looked_does_not_count(empty: Stage, ann: UserId) -> None:
    """As after a long pause of all actors, or of Redis, or when its clock was put forward."""
    first = await empty.enter()
    await empty.beat(tab(ann))
    await first.stop()
    await put_clock(empty.redis, timedelta(hours=1))

    await empty.enter()

    assert await empty.is_online(ann)
    await empty.go(f"{ann}-tab")
    assert not await empty.is_online(ann)
    assert WentOffline not in empty.kinds_of(ann)


async def test_a_clock_that_is_put_back_keeps_nobody_here(empty: Stage, ann: UserId) -> None:
    first = await empty.enter(QUICK)
    await empty.beat(tab(ann))
    await first.stop()
    await put_clock(empty.redis, timedelta(hours=-1))

    await empty.enter(QUICK)

    found = await empty.of(ann)
    assert found.seen_at is not None
    assert found.seen_at <= datetime.now(UTC)
    await wait_for(lambda: WentOffline in empty.kinds_of(ann))


async def put_clock(redis: Redis, forward: timedelta) -> None:
    """What Redis keeps is now as if its clock had been set forward since, or back."""
    milliseconds = int(forward.total_seconds() * 1000)
    await redis.decrby("presence:clock", milliseconds)
    for key in ("presence:alive", "presence:left"):
        for member in await redis.zrange(key, 0, -1):
            await redis.zincrby(key, -milliseconds, member)


async def test_after_redis_has_lost_all_the_next_heartbeats_rebuild_it(stage: Stage, ann: UserId, team: TeamId) -> None:
    await stage.beat(tab(ann), tab(ann, "board", board=team))
    await stage.redis.flushall()
    assert not await stage.is_online(ann)

    await stage.beat(tab(ann), tab(ann, "board", board=team))

    assert await stage.is_online(ann)
    assert await stage.on(team) == [Viewer(user=ann, is_active=True)]


@pytest.mark.timeout(30)
async def test_while_redis_is_away_one_is_told_to_try_again_and_then_all_goes_on(
    nats: Settings, bus: Bus, empty: Stage, ann: UserId, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with (
        own_server("redis", tmp_path_factory.mktemp("away")) as server,
        connect_redis(server.settings) as redis,
        Bus(nats, Role.PRESENCE) as own,
        supervised(PresenceActor(own, redis)),
    ):
        await empty.beat(tab(ann))
        assert await empty.is_online(ann)
        nowhere = connect_redis(Settings(redis_url="unix:///nowhere/redis.sock"))
        blind = PresenceActor(own, nowhere)
        bundle = Envelope(TakeBeats(beats=(tab(ann),)), "")
        for ask in (
            blind.who(WhoIsHere(users=(ann,))),
            blind.board(WhoIsOnBoard(team=TeamId(1))),
            blind.take([bundle]),
        ):
            with pytest.raises(BusError) as refused:
                await ask
            assert refused.value.code is ErrorCode.OVERLOADED
        await blind.sweep()
        await nowhere.aclose()

        await server.stop()

        await wait_for(answers(lambda: empty.beat(tab(ann))), timeout=20)
        assert await empty.is_online(ann)


def answers(ask: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[bool]]:
    async def answered() -> bool:
        try:
            await ask()
        except BusError as error:
            if error.code not in (ErrorCode.OVERLOADED, ErrorCode.UNAVAILABLE):
                raise
            return False
        return True

    return answered
