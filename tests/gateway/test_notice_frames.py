"""What `/ws/user/` is told of notices and of Telegram, and what it says back."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from gateway.access.door import Proof
from gateway.live.acknowledgements import Acknowledgements
from gateway.live.person_line import PersonLine
from infra.bus import Bus, RawMessage
from infra.config import Settings
from schemas.accounts import Language
from schemas.base import Record, Role
from schemas.ids import NoticeId, Seq, TeamId, TelegramId, UserId
from schemas.notices import AT_ONCE, AcknowledgeToasts, Kind, Notice, Settled, Toasted
from schemas.sockets import Heartbeat
from schemas.telegram import ConfirmTelegram, CreateTelegramCode, UnlinkTelegram
from tests.gateway.browser import Browser, Ear
from tests.gateway.conftest import Gateway, NewBrowser, NewGateway
from tests.gateway.test_feed import ANN
from tests.waiting import wait_for

OLD, VISIBLE = '{"type":"heartbeat"}', '{"type":"heartbeat","visible":true,"idle":0}'


@pytest.fixture
async def notifier(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    """The bus as the notifier sees it, to raise what it raises."""
    async with Bus(settings, Role.NOTIFIER) as bus:
        yield bus


@pytest.fixture
async def acknowledged(settings: Settings, actors: object) -> AsyncGenerator[list[AcknowledgeToasts]]:
    """What gateways acknowledge, as an operator sees it."""
    heard: list[AcknowledgeToasts] = []

    async def hear(raw: RawMessage) -> None:
        heard.append(msgspec.json.decode(raw.data, type=AcknowledgeToasts))

    async with Bus(settings, Role.OPERATOR) as bus:
        await bus.listen(AcknowledgeToasts.subject(), hear)
        yield heard


def notice(user: UserId, number: int = 1, title: str = "Buy paper") -> Notice:
    return Notice(
        id=NoticeId(user * 1000 + number),
        user=user,
        kind=Kind.ASSIGNED,
        team=TeamId(1),
        team_name="Crew",
        seq=Seq(number),
        at=datetime(2026, 1, 1, tzinfo=UTC),
        by_name="Ben",
        title=title,
    )


def as_json(record: Record) -> Any:
    return msgspec.json.decode(msgspec.json.encode(record))


async def tell(bus: Bus, *events: Toasted | Settled) -> None:
    for event in events:
        await bus.publish(event, event.subject_of(event.user))
    await bus.flush()


async def page_of(person: Browser, gateway: Gateway, *heartbeats: str, **options: Any) -> Ear:
    """An open page which the gateway has heard of."""
    before = len([*gateway.fanout.pages(person.user.id)])
    ear = await person.listen_for_oneself(**options)
    await wait_for(lambda: len([*gateway.fanout.pages(person.user.id)]) == before + 1)
    for heartbeat in heartbeats:
        await ear.socket.send_str(heartbeat)
    await wait_for(lambda: not heartbeats or all(line.is_counted for line in gateway.fanout.pages(person.user.id)))
    return ear


def ids(acknowledged: list[AcknowledgeToasts], user: UserId) -> set[NoticeId]:
    return {one for command in acknowledged if command.by == user for one in command.notices}


async def test_a_notice_is_shown_on_all_pages_of_the_person_at_any_gateway_and_to_nobody_else(
    gateway: Gateway, ann: Browser, new_browser: NewBrowser, new_gateway: NewGateway, notifier: Bus
) -> None:
    other = await new_gateway()
    phone, ben = await new_browser(user=ann.user, at=other), await new_browser("Ben")
    ears = [await page_of(ann, gateway), await page_of(ann, gateway), await page_of(phone, other)]
    bens = await page_of(ben, gateway)
    told = notice(ann.user.id)

    await tell(notifier, Toasted(user=ann.user.id, notices=(told,), unread=3))
    await tell(notifier, Settled(user=ben.user.id, unread=0))

    frame = {
        "type": "notify",
        "text": "Ben assigned “Buy paper” to you",
        "notices": [as_json(told)],
        "more": 0,
        "unread": 3,
    }
    assert [await ear.frame() for ear in ears] == [frame] * 3
    assert await bens.frame() == {"type": "inbox", "unread": 0}
    for ear in (*ears, bens):
        await ear.close()


async def test_several_notices_are_told_with_a_heading_and_how_many_more_there_are(
    gateway: Gateway, ann: Browser, notifier: Bus
) -> None:
    ear = await page_of(ann, gateway)
    notices = tuple(notice(ann.user.id, number, f"Task {number}") for number in (1, 2))

    await tell(notifier, Toasted(user=ann.user.id, notices=notices, more=5, unread=7))

    frame = await ear.frame()
    assert frame["text"].split("\n") == [
        "7 notices",
        "Ben assigned “Task 1” to you",
        "Ben assigned “Task 2” to you",
        "and 5 more",
    ]
    assert (len(frame["notices"]), frame["more"]) == (2, 5)
    await ear.close()


async def test_what_only_lies_in_the_inbox_has_no_text(gateway: Gateway, ann: Browser, notifier: Bus) -> None:
    ear = await page_of(ann, gateway)

    await tell(notifier, Toasted(user=ann.user.id, notices=(notice(ann.user.id),), toast=False, unread=1))

    frame = await ear.frame()
    assert (frame["type"], frame["text"], frame["unread"]) == ("notify", "", 1)
    await ear.close()


async def test_notices_speak_the_language_of_the_account_else_that_of_the_browser(
    gateway: Gateway, ann: Browser, notifier: Bus
) -> None:
    russian = {"headers": {"Accept-Language": "ru"}}
    ears = [await page_of(ann, gateway), await page_of(ann, gateway, **russian)]
    toast = Toasted(user=ann.user.id, notices=(notice(ann.user.id),))

    async def texts() -> list[str]:
        await tell(notifier, toast)
        return [(await ear.until("notify"))["text"].split(" ")[-1] for ear in ears]

    first = await texts()
    assert first[0] == "you"
    assert first[1] != "you"
    await ann.patch("/api/auth/me/", {"language": "en"})
    for ear in ears:
        await ear.until("account")
    assert await texts() == ["you", "you"]
    await ann.patch("/api/auth/me/", {"language": "ru"})
    for ear in ears:
        await ear.until("account")
    # Whoever comes now is known from their session.
    await wait_for(lambda: comes_speaking(ann, gateway, Language.RU))
    assert await texts() == [first[1], first[1]]
    for ear in ears:
        await ear.close()


async def comes_speaking(person: Browser, gateway: Gateway, language: Language) -> bool:
    before = {*gateway.fanout.pages(person.user.id)}
    ear = await page_of(person, gateway)
    (line,) = {*gateway.fanout.pages(person.user.id)} - before
    await ear.close()
    await wait_for(lambda: line not in gateway.fanout.lines)
    return line.language is language


async def test_what_a_page_has_shown_is_acknowledged_in_the_name_of_its_person(
    gateway: Gateway, ann: Browser, acknowledged: list[AcknowledgeToasts]
) -> None:
    ear = await page_of(ann, gateway, VISIBLE)

    await ear.socket.send_str('{"type":"ack","notices":[1,2]}')
    await ear.socket.send_str('{"type":"ack","notices":[2,3]}')

    await wait_for(lambda: ids(acknowledged, ann.user.id) == {1, 2, 3})
    assert not ear.socket.closed
    await ear.close()


@pytest.mark.parametrize(
    "text", ['{"type":"ack"}', '{"type":"ack","notices":[]}', '{"type":"ack","notices":[0]}', '{"type":"nack"}']
)
async def test_an_acknowledgement_that_makes_no_sense_ends_the_socket(ann: Browser, text: str) -> None:
    ear = await ann.listen_for_oneself()
    await ear.socket.send_str(text)
    assert await ear.closed() == 1008


async def test_for_a_page_of_the_predecessor_the_gateway_acknowledges_what_it_has_sent(
    gateway: Gateway, ann: Browser, notifier: Bus, acknowledged: list[AcknowledgeToasts]
) -> None:
    ear = await page_of(ann, gateway, OLD)
    shown, kept = notice(ann.user.id, 1), notice(ann.user.id, 2)

    await tell(notifier, Toasted(user=ann.user.id, notices=(kept,), toast=False))
    await tell(notifier, Toasted(user=ann.user.id, notices=(shown,)))
    await ear.until("notify")

    await wait_for(lambda: ids(acknowledged, ann.user.id) == {shown.id})
    await ear.close()


@pytest.mark.parametrize("heartbeats", [(), (VISIBLE,), (OLD, VISIBLE), ('{"type":"heartbeat","visible":false}', OLD)])
async def test_nothing_is_acknowledged_for_a_page_that_does_so_itself_or_never_showed_life(
    gateway: Gateway,
    ann: Browser,
    new_browser: NewBrowser,
    notifier: Bus,
    acknowledged: list[AcknowledgeToasts],
    heartbeats: tuple[str, ...],
) -> None:
    ben = await new_browser("Ben")
    ear, other = await page_of(ann, gateway, *heartbeats), await page_of(ben, gateway, OLD)
    if heartbeats:
        (line,) = gateway.fanout.pages(ann.user.id)
        await wait_for(lambda: line._acknowledges)

    await tell(notifier, Toasted(user=ann.user.id, notices=(notice(ann.user.id),)))
    await ear.until("notify")
    await tell(notifier, Toasted(user=ben.user.id, notices=(notice(ben.user.id),)))

    await wait_for(lambda: ids(acknowledged, ben.user.id))
    assert ids(acknowledged, ann.user.id) == set()
    for one in (ear, other):
        await one.close()


async def test_a_page_is_told_when_the_link_to_telegram_changes(gateway: Gateway, ann: Browser, bus: Bus) -> None:
    ear = await page_of(ann, gateway)
    code = (await bus.request(CreateTelegramCode(telegram=TelegramId(600_000_000 + ann.user.id)))).code

    link = await bus.request(ConfirmTelegram(by=ann.user.id, code=code))
    await bus.request(UnlinkTelegram(by=ann.user.id))

    assert await ear.frame() == {"type": "telegram", "link": as_json(link)}
    assert await ear.frame() == {"type": "telegram", "link": None}
    await ear.close()


async def test_an_event_that_cannot_be_read_is_passed_over(gateway: Gateway, ann: Browser, notifier: Bus) -> None:
    ear = await page_of(ann, gateway)
    await notifier.client.publish(Settled.subject_of(ann.user.id), b'{"type":"notice.settled"}')

    await tell(notifier, Settled(user=ann.user.id, unread=2))

    assert await ear.frame() == {"type": "inbox", "unread": 2}
    await ear.close()


def line_of(shown: list[NoticeId]) -> PersonLine:
    return PersonLine(ANN, Proof("secret", is_token=False), Language.EN, shown.extend)


class Wire:
    """As a browser that reads slowly: the frames wait until `open` is set."""

    def __init__(self) -> None:
        self.full = True
        self.open = asyncio.Event()
        self.written: list[bytes] = []

    def write(self, frame: bytes) -> None:
        self.written.append(frame)

    async def drain(self) -> None:
        await self.open.wait()


async def test_what_waits_for_a_slow_browser_counts_as_shown_when_it_has_gone_out() -> None:
    shown: list[NoticeId] = []
    line, wire = line_of(shown), Wire()
    line.beat(Heartbeat())
    carrying = asyncio.ensure_future(line.carry(wire))  # pyright: ignore[reportArgumentType]
    await wait_for(lambda: line._is_free)

    line.notify(b"one", (NoticeId(1),))
    line.notify(b"two", (NoticeId(2),))
    await wait_for(lambda: wire.written)
    assert shown == []

    wire.open.set()
    await wait_for(lambda: shown == [1, 2])
    line.close(1006)
    line.notify(b"three", (NoticeId(3),))
    assert shown == [1, 2]
    carrying.cancel()


async def test_acknowledgements_wait_for_a_bus_that_is_away_and_are_bounded(
    settings: Settings, acknowledged: list[AcknowledgeToasts]
) -> None:
    bus = Bus(settings, Role.GATEWAY)
    waiting = Acknowledgements(bus)
    user, other = UserId(4_000_001), UserId(4_000_002)
    waiting.add(user, tuple(NoticeId(number) for number in range(1, AT_ONCE + 100)))
    waiting.add(other, (NoticeId(1),))

    assert not await waiting.send()
    assert len(waiting._waiting[user]) == AT_ONCE
    await bus.connect()
    sending = asyncio.ensure_future(waiting.send())

    await wait_for(lambda: len(ids(acknowledged, user)) == AT_ONCE and ids(acknowledged, other) == {1})
    await sending
    await bus.close()


async def test_a_deadline_is_told_in_the_time_of_whoever_reads_it(
    gateway: Gateway, ann: Browser, notifier: Bus
) -> None:
    ear = await page_of(ann, gateway)
    await ann.patch("/api/auth/me/", {"time_zone": "Asia/Tokyo"})
    await ear.until("account")
    late = msgspec.structs.replace(notice(ann.user.id), kind=Kind.OVERDUE, due_at=datetime(2026, 1, 1, 12, tzinfo=UTC))

    await tell(notifier, Toasted(user=ann.user.id, notices=(late,), unread=1))

    assert (await ear.frame())["text"] == "“Buy paper” is overdue: it was due Thu 1 Jan, 21:00"
    await ear.close()
