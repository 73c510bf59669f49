"""Notices on their way while Telegram refuses, breaks off, and comes back."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from bot.client import create_bot
from bot.links import Links
from bot.outbound import Outbound
from infra.bus import Bus
from infra.config import Settings
from schemas.base import OUTBOUND_STREAM, Role
from schemas.deliveries import DeliveryQueued, DeliveryRow, ListDeliveries
from schemas.notices import ListNotices, State
from schemas.telegram import GetTelegramLink
from tests.bot.simulated import TOKEN
from tests.bot.town import Board, Resident, Town
from tests.conftest import NewUser
from tests.waiting import wait_for

SEND = "sendMessage"


async def pair(town: Town) -> tuple[Resident, Resident, Board]:
    ann, bob = await town.resident("Ann"), await town.resident("Bob")
    board = await town.board(ann)
    await town.join(ann, board.team.id, bob)
    await town.said(bob.chat, board.team.name)
    return ann, bob, board


async def told(bob: Resident) -> list[str]:
    """The titles that Bob was told of, in order."""
    messages = [one["text"] for one in await bob.chat.sees("messages") if "assigned" in (one.get("text") or "")]
    return [text.split("“\u2068")[1].split("\u2069")[0] for text in messages]


async def attempts(town: Town, bob: Resident, title: str) -> list[dict[str, Any]]:
    page = await town.people.calls()
    return [one for one in page["calls"] if one.get("chat") == bob.chat.id and title in (one.get("text") or "")]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "refuse", "code": 429, "retry_after": 1},
        {"kind": "refuse", "code": 500},
        {"kind": "refuse", "code": 502},
        {"kind": "lose_call"},
    ],
    ids=lambda fault: f"{fault['kind']}-{fault.get('code', '')}",
)
async def test_what_passes_delays_a_notice_and_keeps_its_order(town: Town, fault: dict[str, Any]) -> None:
    ann, bob, board = await pair(town)
    await town.people.fault(**fault, method=SEND, chat=bob.chat.id, times=1)

    await town.task(ann, board, "First", assignee=bob.id)
    await town.called(bob.chat, "First")
    await town.task(ann, board, "Second", assignee=bob.id)
    await town.said(bob.chat, "Second")

    assert await told(bob) == ["First", "Second"]
    first, second = await attempts(town, bob, "First")
    assert (first["ok"], second["ok"]) == (False, True)
    assert second["at"] - first["at"] >= fault.get("retry_after", 0)


async def test_an_answer_that_is_lost_is_the_one_way_to_hear_a_thing_twice(town: Town) -> None:
    ann, bob, board = await pair(town)
    await town.people.fault("lose_answer", method=SEND, chat=bob.chat.id, times=1)

    await town.task(ann, board, "Perhaps", assignee=bob.id)
    await town.shown(bob.chat, "Perhaps", times=2)
    await town.task(ann, board, "Surely", assignee=bob.id)
    await town.said(bob.chat, "Surely")

    assert await told(bob) == ["Perhaps", "Perhaps", "Surely"]


async def test_whoever_blocks_the_bot_is_left_alone_until_they_write_again(town: Town) -> None:
    ann, bob, board = await pair(town)
    await town.people.fault("refuse", method=SEND, chat=bob.chat.id, code=403, times=1)

    await town.task(ann, board, "Unheard", assignee=bob.id)
    await town.until(lambda: is_reachable(town, bob), is_so=False)
    await town.task(ann, board, "Unsent", assignee=bob.id)
    await town.until(lambda: in_inbox(town, bob, "Unsent"), is_so=True)
    await bob.chat.asks("/help")
    await town.until(lambda: is_reachable(town, bob), is_so=True)
    await town.task(ann, board, "Heard", assignee=bob.id)
    await town.said(bob.chat, "Heard")

    assert await told(bob) == ["Heard"]


async def is_reachable(town: Town, who: Resident) -> bool:
    link = await town.bus.request(GetTelegramLink(by=who.id))
    return link is not None and link.is_reachable


async def in_inbox(town: Town, who: Resident, title: str) -> bool:
    page = await town.bus.request(ListNotices(by=who.id))
    return any(notice.title == title for notice in page.notices)


async def test_a_chat_that_is_not_there_is_unreachable(town: Town) -> None:
    ann, bob, board = await pair(town)
    await town.people.fault("refuse", method=SEND, chat=bob.chat.id, code=400, times=1)

    await town.task(ann, board, "Unheard", assignee=bob.id)

    await town.until(lambda: is_reachable(town, bob), is_so=False)


async def test_what_telegram_never_takes_is_a_dead_letter_and_holds_up_nobody(town: Town, new_user: NewUser) -> None:
    admin = await new_user("Root", is_admin=True)
    ann, bob, board = await pair(town)
    description = "Bad Request: can't parse entities"
    await town.people.fault("refuse", method=SEND, chat=bob.chat.id, code=400, description=description, times=1)

    await town.task(ann, board, "Odd", assignee=bob.id)
    await town.called(bob.chat, "Odd")
    await town.task(ann, board, "Even", assignee=bob.id)
    await town.said(bob.chat, "Even")

    assert await told(bob) == ["Even"]
    page = await town.bus.request(ListDeliveries(by=admin.id, state=State.FAILED))
    (dead,) = [row for row in page.deliveries if row.chat == bob.chat.id]
    assert isinstance(dead, DeliveryRow)
    assert description in (dead.error or "")


async def test_a_chat_that_has_to_wait_keeps_nobody_else_waiting(town: Town) -> None:
    """Bob's messages are slow; Carol's comes while the first of them is still under way."""
    ann, bob, board = await pair(town)
    carol = await town.resident("Carol")
    await town.join(ann, board.team.id, carol)
    await town.said(carol.chat, board.team.name)
    await town.people.fault("slow", method=SEND, chat=bob.chat.id, seconds=2, times=1)

    await town.task(ann, board, "Slow", assignee=bob.id)
    await town.task(ann, board, "Quick", assignee=carol.id)
    await town.said(carol.chat, "Quick")
    assert await told(bob) == []

    await town.said(bob.chat, "Slow")


async def test_two_bots_send_everything_once_and_in_order(town: Town, settings: Settings) -> None:
    ann, board, bobs = await crowd(town, 4)
    settings = replace(settings, bot_token=TOKEN, telegram_api_base=town.people.url)
    bot = create_bot(settings)
    async with Bus(settings, Role.BOT) as bus, Outbound(bot, bus, Links()):
        for number in range(3):
            await asyncio.gather(*(town.task(ann, board, f"Task {number}", assignee=bob.id) for bob in bobs))
            await asyncio.gather(*(town.said(bob.chat, f"Task {number}") for bob in bobs))
    await bot.session.close()

    assert [await told(bob) for bob in bobs] == [["Task 0", "Task 1", "Task 2"]] * len(bobs)


async def crowd(town: Town, size: int) -> tuple[Resident, Board, list[Resident]]:
    ann = await town.resident("Ann")
    board = await town.board(ann)
    bobs = [await town.resident(f"Bob {number}") for number in range(size)]
    await town.join(ann, board.team.id, *bobs)
    await asyncio.gather(*(town.said(bob.chat, board.team.name) for bob in bobs))
    return ann, board, bobs


async def test_a_chat_that_waits_for_its_time_keeps_no_hint_of_the_stream(town: Town, settings: Settings) -> None:
    ann, bob, board = await pair(town)
    await town.people.fault("refuse", method=SEND, chat=bob.chat.id, code=500, times=2)

    async with Bus(settings, Role.NOTIFIER) as bus:

        async def nothing_held() -> bool:
            hint = DeliveryQueued.subject_of(bob.chat.id)
            return not (await bus.client.jetstream().stream_info(OUTBOUND_STREAM, subjects_filter=hint)).state.subjects

        await town.task(ann, board, "Late", assignee=bob.id)
        await wait_for(lambda: failed(town, bob, 2))
        await wait_for(nothing_held)
        assert await failed(town, bob, 2)


async def failed(town: Town, who: Resident, times: int) -> bool:
    return [one["ok"] for one in await attempts(town, who, "Late")] == [False] * times
