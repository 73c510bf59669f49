"""What the gateway tells presence of its sockets, and what team sockets are told of who is there."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import msgspec
import pytest

from gateway.access.door import Proof
from gateway.live.beats import Beats
from gateway.live.line import Line
from gateway.live.viewers import MOST, ViewerList
from infra.bus import Bus, RawMessage
from infra.config import Settings
from infra.redis import Redis
from schemas.base import Role
from schemas.ids import TeamId, UserId
from schemas.presence import AT_ONCE, Beat, Presence, TakeBeats, Viewer, WhoIsHere, WhoIsOnBoard
from tests.gateway.browser import Browser, Ear
from tests.gateway.conftest import Crew, Gateway, NewBrowser, running
from tests.gateway.test_feed import ANN, content
from tests.waiting import wait_for

HEARTBEAT = '{"type":"heartbeat"}'


@pytest.fixture
async def bundles(settings: Settings, actors: object) -> AsyncGenerator[list[TakeBeats]]:
    """Every bundle that any gateway sends, as an operator sees it."""
    heard: list[TakeBeats] = []

    async def hear(raw: RawMessage) -> None:
        heard.append(msgspec.json.decode(raw.data, type=TakeBeats))

    async with Bus(settings, Role.OPERATOR) as bus:
        await bus.listen(TakeBeats.subject(), hear)
        yield heard


def beats_of(bundles: list[TakeBeats], user: UserId) -> list[Beat]:
    return [beat for bundle in bundles for beat in bundle.beats if beat.user == user]


def here(bus: Bus, browser: Browser) -> Callable[[], Awaitable[Presence]]:
    async def ask() -> Presence:
        return (await bus.request(WhoIsHere(users=(browser.user.id,))))[0]

    return ask


def is_so(bus: Bus, browser: Browser, **fields: bool) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        found = await here(bus, browser)()
        return all(getattr(found, name) is value for name, value in fields.items())

    return ask


async def test_somebody_is_here_from_the_first_heartbeat_until_their_last_socket_closes(
    bus: Bus, ann: Browser, bundles: list[TakeBeats]
) -> None:
    ear, phone = await ann.listen_for_oneself(), await ann.listen_for_oneself()
    await ear.socket.send_str(HEARTBEAT)
    await phone.socket.send_str(HEARTBEAT)
    await wait_for(is_so(bus, ann, is_online=True, is_active=True))

    await ear.close()
    await wait_for(lambda: any(bundle.gone for bundle in bundles))
    assert (await here(bus, ann)()).is_online
    await phone.close()

    await wait_for(is_so(bus, ann, is_online=False, is_active=False))
    beats = beats_of(bundles, ann.user.id)
    assert len({beat.connection for beat in beats}) == 2
    assert all(beat.board is None for beat in beats)


async def test_a_silent_socket_is_nobody(bus: Bus, ann: Browser, bundles: list[TakeBeats], gateway: Gateway) -> None:
    silent, other = await ann.listen_for_oneself(), await ann.listen_for_oneself()
    await wait_for(lambda: len([*gateway.fanout.pages(ann.user.id)]) == 2)
    connections = {line.connection for line in gateway.fanout.pages(ann.user.id)}
    await silent.close()
    await other.socket.send_str(HEARTBEAT)

    await wait_for(lambda: beats_of(bundles, ann.user.id))
    (beat,) = beats_of(bundles, ann.user.id)
    (never_heard,) = connections - {beat.connection}
    await other.close()
    await wait_for(lambda: any(beat.connection in bundle.gone for bundle in bundles))
    assert not any(never_heard in bundle.gone for bundle in bundles)


ACTIVE = {
    '{"type":"heartbeat"}': True,
    '{"type":"heartbeat","visible":true}': True,
    '{"type":"heartbeat","visible":true,"idle":299}': True,
    '{"type":"heartbeat","visible":true,"idle":300}': False,
    '{"type":"heartbeat","idle":300}': False,
    '{"type":"heartbeat","visible":false}': False,
    '{"type":"heartbeat","visible":false,"idle":0}': False,
}


@pytest.mark.parametrize(("heartbeat", "is_active"), ACTIVE.items())
async def test_an_open_page_that_nobody_sees_or_touches_is_no_active_person(
    bus: Bus, ann: Browser, heartbeat: str, *, is_active: bool
) -> None:
    ear = await ann.listen_for_oneself()
    await ear.socket.send_str(heartbeat)

    await wait_for(is_so(bus, ann, is_online=True, is_active=is_active))
    await ear.close()


async def seen(ear: Ear) -> tuple[dict[UserId, bool], int]:
    """The next that a team socket is told of its viewers, and how many more there are."""
    while (frame := await ear.any_frame())["type"] != "viewers":
        pass
    return {viewer["user"]: viewer["is_active"] for viewer in frame["viewers"]}, frame["more"]


async def seen_as(ear: Ear, wanted: dict[UserId, bool]) -> None:
    async with asyncio.timeout(8):
        while await seen(ear) != (wanted, 0):
            pass


async def test_whoever_looks_at_a_board_sees_who_else_does(crew: Crew) -> None:
    ann, ben = crew.ann.user.id, crew.ben.user.id
    hers = await crew.ann.listen(crew.team)
    await seen_as(hers, {ann: False})

    his = await crew.ben.listen(crew.team)
    await his.until("ready")
    page = await crew.ben.listen_for_oneself()
    await page.socket.send_str(HEARTBEAT)
    await seen_as(hers, {ann: False, ben: True})
    await seen_as(his, {ann: False, ben: True})

    await page.socket.send_str('{"type":"heartbeat","visible":false}')
    await seen_as(hers, {ann: False, ben: False})
    await his.close()
    await seen_as(hers, {ann: False})
    for ear in (hers, page):
        await ear.close()


async def test_a_socket_on_a_board_that_is_known_is_told_when_it_is_ready(crew: Crew) -> None:
    hers = await crew.ann.listen(crew.team)
    await seen_as(hers, {crew.ann.user.id: False})

    his = await crew.ben.listen(crew.team)
    kinds = [(await his.any_frame())["type"] for _ in range(2)]

    assert kinds == ["ready", "viewers"]
    for ear in (hers, his):
        await ear.close()


async def test_nobody_is_told_who_looks_at_the_boards_of_others(crew: Crew, new_browser: NewBrowser) -> None:
    eve = await new_browser("Eve")
    other = (await eve.post("/api/teams/", {"name": "Other"})).body["id"]
    hers, eves = await crew.ann.listen(crew.team), await eve.listen(other)

    await seen_as(hers, {crew.ann.user.id: False})
    await seen_as(eves, {eve.user.id: False})
    for ear in (hers, eves):
        await ear.close()


async def test_who_was_not_heard_of_is_asked_about_after_a_reconnect(crew: Crew, bus: Bus, gateway: Gateway) -> None:
    ear = await crew.ann.listen(crew.team)
    await seen_as(ear, {crew.ann.user.id: False})
    watching = gateway.fanout.watching
    assert watching._subscription is not None
    await watching._subscription.unsubscribe()

    quiet = Beat(user=UserId(77), connection="of-another-gateway", board=TeamId(crew.team))
    await bus.request(TakeBeats(beats=(quiet,)))
    assert bus.client._transport is not None
    bus.client._transport.close()

    await seen_as(ear, {crew.ann.user.id: False, UserId(77): False})
    await watching.on_start()
    await bus.request(TakeBeats(gone=(quiet.connection,)))
    await seen_as(ear, {crew.ann.user.id: False})
    await ear.close()


async def test_a_storm_of_viewers_is_told_once_a_second(crew: Crew, bus: Bus) -> None:
    ear = await crew.ann.listen(crew.team)
    await seen_as(ear, {crew.ann.user.id: False})
    team, crowd = TeamId(crew.team), [UserId(number) for number in range(10_001, 10_301)]
    started, frames = asyncio.get_running_loop().time(), 0

    for user in crowd:
        await bus.request(TakeBeats(beats=(Beat(user=user, connection=f"crowd-{user}", board=team),)))
    viewers, more = {}, 0
    while len(viewers) + more < len(crowd) + 1:
        viewers, more = await seen(ear)
        frames += 1

    assert (len(viewers), more) == (MOST, len(crowd) + 1 - MOST)
    assert frames <= asyncio.get_running_loop().time() - started + 2
    await bus.request(TakeBeats(gone=tuple(f"crowd-{user}" for user in crowd)))
    await ear.close()


async def test_a_gateway_that_stops_says_of_all_its_sockets_that_they_are_gone(
    settings: Settings, bus: Bus, redis: Redis, crew: Crew, bundles: list[TakeBeats]
) -> None:
    async with running(bus, redis, settings) as gateway:
        browser = Browser(gateway.address, crew.ann.user)
        await browser.sign_in()
        ears = [await browser.listen(crew.team), await browser.listen_for_oneself()]
        await ears[1].socket.send_str(HEARTBEAT)
        await wait_for(lambda: len(beats_of(bundles, crew.ann.user.id)) == 2)
        closing = [asyncio.ensure_future(ear.closed()) for ear in ears]

    connections = {beat.connection for beat in beats_of(bundles, crew.ann.user.id)}
    await wait_for(lambda: connections <= {one for bundle in bundles for one in bundle.gone})
    assert not (await here(bus, crew.ann)()).is_online
    assert await bus.request(WhoIsOnBoard(team=TeamId(crew.team))) == []
    assert await asyncio.gather(*closing) == [1001, 1001]
    await browser.close()


@pytest.fixture
async def late(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    """A bus that is not there yet."""
    bus = Bus(settings, Role.GATEWAY)
    yield bus
    await bus.close()


async def test_what_presence_did_not_take_is_said_again_and_only_the_newest_of_it(
    late: Bus, bus: Bus, bundles: list[TakeBeats]
) -> None:
    first, second, third = lines = [Line(ANN, Proof("secret", is_token=False)) for _ in range(3)]
    beats = Beats(late, lines)
    for line in lines:
        beats.heard(line, is_active=False)
    await beats._send_all()

    beats.heard(first, is_active=True)
    beats.ended(second)
    await late.connect()
    await beats._send_all()
    await beats._send_all()

    await wait_for(lambda: [bundle for bundle in bundles if second.connection in bundle.gone])
    (bundle,) = [bundle for bundle in bundles if second.connection in bundle.gone]
    assert {beat.connection: beat.is_active for beat in bundle.beats} == {
        first.connection: True,
        third.connection: False,
    }
    await bus.request(TakeBeats(gone=(first.connection, third.connection)))


async def test_more_than_a_thousand_heartbeats_go_in_several_bundles(late: Bus, bundles: list[TakeBeats]) -> None:
    lines = [Line(ANN, Proof("secret", is_token=False)) for _ in range(AT_ONCE + 5)]
    await late.connect()
    async with Beats(late, lines) as beats:
        for line in lines:
            beats.heard(line, is_active=True)
        await wait_for(lambda: len(beats_of(bundles, ANN.id)) >= len(lines))

    own = {line.connection for line in lines}
    assert [len(bundle.beats) for bundle in bundles if beats_of([bundle], ANN.id)] == [AT_ONCE, 5]
    await wait_for(lambda: own <= {one for bundle in bundles for one in bundle.gone})
    assert max(len(bundle.gone) for bundle in bundles) == AT_ONCE


def shown(frame: bytes) -> tuple[list[UserId], int]:
    told = content(frame)
    return [viewer["user"] for viewer in told["viewers"]], told["more"]


def test_a_list_of_viewers_names_the_active_ones_first_and_counts_those_beyond_fifty() -> None:
    viewers = ViewerList()
    assert viewers.news() == b""
    viewers.begin([Viewer(user=UserId(user), is_active=user % 2 == 0) for user in range(1, 61)])

    users, more = shown(viewers.news())

    assert users == [*range(2, 61, 2), *range(1, 40, 2)]
    assert more == 10


def test_a_list_of_viewers_is_news_only_when_it_is_another_one() -> None:
    viewers = ViewerList()
    viewers.begin([Viewer(user=UserId(1), is_active=True)])
    told = viewers.news()
    assert viewers.frame == told != b""

    viewers.put(UserId(1), is_active=None)
    viewers.put(UserId(1), is_active=True)
    viewers.put(UserId(9), is_active=None)
    assert viewers.news() == b""

    viewers.put(UserId(1), is_active=False)
    assert viewers.news() not in (b"", told)


def test_what_is_heard_while_presence_is_asked_is_newer_than_its_answer() -> None:
    viewers = ViewerList()
    viewers.put(UserId(5), is_active=True)
    viewers.ask(1.0)
    viewers.put(UserId(2), is_active=True)
    viewers.put(UserId(1), is_active=None)

    viewers.begin([Viewer(user=UserId(1), is_active=True), Viewer(user=UserId(3), is_active=True)])

    assert shown(viewers.news()) == ([2, 3], 0)
