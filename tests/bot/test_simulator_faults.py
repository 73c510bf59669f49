"""Faults on demand, the limits, and the log in which both can be seen."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError

from bot.client import create_bot
from bot.simulator.limits import Rates
from bot.simulator.telegram import Telegram
from infra.config import Settings
from tests.bot.simulated import TOKEN, People, Someone


@pytest.fixture
async def ann(people: People) -> Someone:
    ann = await people.add()
    await ann.writes("hello")
    return ann


async def said(person: Someone) -> list[str]:
    """What the bot has said to them."""
    return [message["text"] for message in await person.sees("messages") if message["from"]["is_bot"]]


@pytest.mark.parametrize(
    ("fault", "code", "description", "parameters"),
    [
        ({"retry_after": 7}, 429, "Too Many Requests: retry after 7", {"retry_after": 7}),
        ({"code": 500}, 500, "Internal Server Error", None),
        ({"code": 502}, 502, "Bad Gateway", None),
        ({"code": 403}, 403, "Forbidden: bot was blocked by the user", None),
        ({"code": 400, "description": "Bad Request: nonsense"}, 400, "Bad Request: nonsense", None),
    ],
)
async def test_a_refusal_does_nothing_and_is_over_after_its_times(
    people: People, ann: Someone, fault: dict[str, Any], code: int, description: str, parameters: dict[str, int] | None
) -> None:
    await people.fault("refuse", method="sendMessage", times=2, **fault)

    answers = [await people.bot_calls("sendMessage", chat_id=ann.id, text=text) for text in "abc"]

    assert [answer.get("error_code") for answer in answers] == [code, code, None]
    assert (answers[0]["description"], answers[0].get("parameters")) == (description, parameters)
    assert await said(ann) == ["c"]
    assert await people.ask("GET", "faults") == []


async def test_a_fault_strikes_only_its_method_and_its_chat(people: People, ann: Someone) -> None:
    ben = await people.add("Ben")
    await ben.writes("hello")
    await people.fault("refuse", method="SENDMESSAGE", chat=ann.id, code=500)

    await people.bot_sends(ben, "for you")
    assert (await people.bot_calls("getChat", chat_id=ann.id))["ok"]
    assert (await people.bot_calls("sendMessage", chat_id=ann.id, text="for you"))["error_code"] == 500


async def test_a_fault_for_everything_leaves_the_updates_alone(people: People, ann: Someone) -> None:
    await people.fault("refuse", code=500)

    assert (await people.bot_calls("getUpdates"))["ok"]
    assert (await people.bot_calls("getMe"))["error_code"] == 500


async def test_a_lost_call_was_never_made_and_a_lost_answer_was(people: People, ann: Someone) -> None:
    await people.fault("lose_call", times=1)
    await people.fault("lose_answer", times=1)
    bot = create_bot(Settings(bot_token=TOKEN, telegram_api_base=people.url))
    for text in ("first", "second"):
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(ann.id, text)
    await bot.send_message(ann.id, "third")
    await bot.session.close()

    assert await said(ann) == ["second", "third"]
    calls = await people.calls_of("sendMessage")
    assert [(call["text"], call["ok"], call.get("fault")) for call in calls] == [
        ("first", False, "lose_call"),
        ("second", True, "lose_answer"),
        ("third", True, None),
    ]


async def test_the_real_client_understands_the_refusals(people: People, ann: Someone) -> None:
    bot = create_bot(Settings(bot_token=TOKEN, telegram_api_base=people.url))
    await people.fault("refuse", times=1, retry_after=3)
    await people.fault("refuse", times=1, code=502)

    with pytest.raises(TelegramRetryAfter) as refusal:
        await bot.send_message(ann.id, "hello")
    with pytest.raises(TelegramServerError, match="Bad Gateway"):
        await bot.send_message(ann.id, "hello")
    await bot.session.close()

    assert refusal.value.retry_after == 3


async def test_a_slow_call_is_made_after_its_seconds(people: People, ann: Someone) -> None:
    await people.fault("slow", seconds=0.2, times=1)
    began = time.monotonic()

    await people.bot_sends(ann, "at last")

    assert time.monotonic() - began >= 0.2
    (call,) = await people.calls_of("sendMessage")
    assert (call["fault"], call["ok"], call["seconds"] >= 0.2) == ("slow", True, True)


async def struck(people: People) -> list[bool]:
    await people.fault("refuse", method="getMe", probability=0.5, seed=7)
    answers = [not (await people.bot_calls("getMe"))["ok"] for _ in range(40)]
    await people.ask("DELETE", "faults")
    return answers


async def test_a_seed_strikes_the_same_calls_each_time(people: People) -> None:
    first = await struck(people)

    assert await struck(people) == first
    assert 5 < sum(first) < 35


async def test_one_fault_can_be_cleared_and_the_others_stay(people: People) -> None:
    first, second = await people.fault("lose_call", chat=1), await people.fault("slow", seconds=1)

    await people.ask("DELETE", f"faults/{first['id']}")

    assert [fault["id"] for fault in await people.ask("GET", "faults")] == [second["id"]]
    with pytest.raises(aiohttp.ClientResponseError) as missing:
        await people.ask("DELETE", f"faults/{first['id']}")
    assert missing.value.status == 404


@pytest.mark.parametrize(
    "fault", [{}, {"kind": "explode"}, {"kind": "refuse", "times": 0}, {"kind": "slow", "probability": 2}]
)
async def test_a_fault_that_makes_no_sense_is_refused(people: People, fault: dict[str, Any]) -> None:
    async with people.http.post("/simulator/faults", json=fault) as answer:
        assert answer.status == 400


async def test_the_limits_are_off_until_they_are_set(people: People, telegram: Telegram, ann: Someone) -> None:
    assert await people.ask("GET", "limits") == {"rates": None}
    for number in range(40):
        await people.bot_sends(ann, str(number))

    telegram.limiter.set(Rates(private_burst=3))
    answers = [await people.bot_calls("sendMessage", chat_id=ann.id, text="more") for _ in range(4)]

    assert [answer["ok"] for answer in answers] == [True, True, True, False]
    assert answers[-1]["parameters"] == {"retry_after": 1}


async def test_each_chat_has_a_limit_and_all_together_have_another(people: People, ann: Someone) -> None:
    group = await people.group(ann)
    rates = {"overall": 5, "private": 0.5, "private_burst": 1, "group": 2}
    assert (await people.ask("PUT", "limits", {"rates": rates}))["rates"] == rates

    to_ann = [(await people.bot_calls("sendMessage", chat_id=ann.id, text="x")).get("parameters") for _ in range(2)]
    to_all = [(await people.bot_calls("sendMessage", chat_id=group.id, text="x")).get("parameters") for _ in range(3)]

    # What is refused does not count.
    assert to_ann == [None, {"retry_after": 2}]
    assert to_all == [None, None, {"retry_after": 30}]


async def test_all_chats_together_have_a_limit(people: People) -> None:
    crowd = [await people.add(str(number)) for number in range(7)]
    for person in crowd:
        await person.writes("hello")
    await people.ask("PUT", "limits", {"rates": {"overall": 5}})

    answers = await asyncio.gather(*(people.bot_calls("sendMessage", chat_id=each.id, text="x") for each in crowd))

    assert [answer["ok"] for answer in answers].count(True) in (5, 6)


async def test_the_log_is_read_on_from_where_one_was(people: People, ann: Someone) -> None:
    start = (await people.calls())["after"]
    await people.bot_sends(ann, "<b>one</b>", parse_mode="HTML", disable_notification=True)
    await people.bot_calls("sendMessage", chat_id=5, text="two")
    page = await people.calls(start)

    one, two = page["calls"]
    assert (one["method"], one["chat"], one["text"], one["silent"]) == ("sendMessage", ann.id, "<b>one</b>", True)
    assert one["message_id"] == (await ann.sees("messages"))[-1]["message_id"]
    assert (two["ok"], two["error_code"], two["description"]) == (False, 400, "Bad Request: chat not found")
    assert await people.calls(page["after"]) == {"calls": [], "after": page["after"], "lost": 0}


async def test_a_reader_of_the_log_may_wait_for_the_next_call(people: People, ann: Someone) -> None:
    start = (await people.calls())["after"]
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(people.calls(start, wait=30))
        await people.bot_sends(ann, "now")

    assert [call["text"] for call in reading.result()["calls"]] == ["now"]


async def test_the_log_can_be_emptied_and_goes_on(people: People, ann: Someone) -> None:
    await people.bot_sends(ann, "one")
    after = (await people.calls())["after"]
    await people.ask("DELETE", "calls")
    await people.bot_sends(ann, "two")

    page = await people.calls()
    assert ([call["text"] for call in page["calls"]], page["after"], page["lost"]) == (["two"], after + 1, 0)
