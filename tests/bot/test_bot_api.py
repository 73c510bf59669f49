"""The simulator answers a bot as Telegram's documentation says that Telegram does."""

import asyncio
from typing import Any

import pytest

from bot.simulator.journal import Journal
from bot.simulator.methods import METHODS
from bot.simulator.telegram import Telegram
from bot.simulator.updates import Updates
from tests.bot.simulated import TOKEN, People, simulated


def texts(answer: dict[str, Any]) -> list[str]:
    return [update["message"]["text"] for update in answer["result"]]


@pytest.mark.parametrize("token", ["4242:another-token", "1:simulated-bot-token", "nonsense", ""])
async def test_a_wrong_token_is_refused_with_401(people: People, token: str) -> None:
    assert await people.bot_calls("getMe", token) == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_with_no_token_configured_any_of_the_right_form_will_do() -> None:
    async with simulated(Telegram()) as people:
        assert (await people.bot_calls("getMe", "77:abcdef"))["result"]["id"] == 77
        assert (await people.bot_calls("getMe", "abcdef"))["error_code"] == 401


async def test_an_unknown_method_is_not_found_in_telegrams_words(people: People) -> None:
    expected = {"ok": False, "error_code": 404, "description": "Not Found"}
    assert await people.bot_calls("launchRocket") == expected


@pytest.mark.parametrize("method", ["getMe", "getme", "GETME"])
async def test_the_case_of_a_method_does_not_matter(people: People, method: str) -> None:
    assert (await people.bot_calls(method))["result"]["is_bot"] is True


@pytest.mark.parametrize("method", sorted(METHODS))
async def test_wrong_parameters_are_a_bad_request(people: People, method: str) -> None:
    wrong: dict[str, Any] = {
        "offset": "x",
        "commands": 1,
        "language_code": [],
        "drop_pending_updates": 3,
        "chat_id": "nobody",
    }
    answer = await people.bot_calls(method, **wrong)
    assert answer["ok"] or answer["description"].startswith("Bad Request: ")
    assert answer["ok"] == (method in {"getme", "getwebhookinfo"})


async def test_parameters_may_come_in_the_query_or_in_a_form(people: People) -> None:
    commands = '[{"command": "start", "description": "Begin"}]'
    async with people.http.post(f"/bot{TOKEN}/setMyCommands", data={"commands": commands}) as answer:
        assert (await answer.json())["result"] is True
    async with people.http.get(f"/bot{TOKEN}/getMyCommands", params={"language_code": ""}) as answer:
        assert (await answer.json())["result"] == [{"command": "start", "description": "Begin"}]


async def test_updates_come_again_until_an_offset_confirms_them(people: People) -> None:
    ann = await people.add()
    for text in ("one", "two", "three"):
        await ann.writes(text)

    first = await people.bot_calls("getUpdates")
    assert texts(first) == ["one", "two", "three"]
    assert await people.bot_calls("getUpdates") == first

    second = first["result"][1]["update_id"]
    assert texts(await people.bot_calls("getUpdates", offset=second)) == ["two", "three"]
    assert texts(await people.bot_calls("getUpdates", offset=0)) == ["two", "three"]
    assert texts(await people.bot_calls("getUpdates", offset=second + 2)) == []


async def test_a_limit_returns_the_oldest_and_a_negative_offset_keeps_the_newest(people: People) -> None:
    ann = await people.add()
    for text in ("one", "two", "three"):
        await ann.writes(text)

    assert texts(await people.bot_calls("getUpdates", limit=2)) == ["one", "two"]
    assert texts(await people.bot_calls("getUpdates", offset=-1)) == ["three"]
    assert texts(await people.bot_calls("getUpdates")) == ["three"]


async def test_a_long_poll_waits_for_the_first_update(people: People) -> None:
    ann = await people.add()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(people.bot_calls("getUpdates", timeout=30))
        await ann.writes("at last")

    assert texts(waiting.result()) == ["at last"]


async def test_a_long_poll_ends_empty_when_its_time_is_over(people: People) -> None:
    assert (await people.bot_calls("getUpdates", timeout=1))["result"] == []


async def test_a_second_reader_ends_the_wait_of_the_first_with_409(people: People) -> None:
    async with asyncio.TaskGroup() as group:
        polls = [group.create_task(people.bot_calls("getUpdates", timeout=1)) for _ in range(2)]

    assert sorted(poll.result().get("error_code", 200) for poll in polls) == [200, 409]


async def test_a_waiting_reader_can_be_let_go() -> None:
    updates = Updates(Journal())
    reading = asyncio.create_task(updates.read(limit=1, timeout=30))
    asyncio.get_running_loop().call_soon(updates.release)

    assert await reading == []


async def test_dropping_the_webhook_can_drop_what_waits(people: People) -> None:
    await (await people.add()).writes("too late")

    assert (await people.bot_calls("deleteWebhook", drop_pending_updates=True))["result"] is True
    assert texts(await people.bot_calls("getUpdates")) == []


async def test_a_bot_may_write_only_to_those_who_wrote_first(people: People) -> None:
    ann = await people.add()
    silent = await people.bot_calls("sendMessage", chat_id=ann.id, text="hello")
    unknown = await people.bot_calls("sendMessage", chat_id=5, text="hello")

    assert (silent["error_code"], unknown["error_code"]) == (403, 400)
    assert unknown["description"] == "Bad Request: chat not found"


async def test_a_button_pressed_is_a_callback_query_that_can_be_answered_once(people: People) -> None:
    ann = await people.add()
    await ann.writes("hello")
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
    message = await people.bot_sends(ann, "Well?", reply_markup=keyboard)
    await ann.presses(message["message_id"], "yes")

    query = (await people.bot_calls("getUpdates"))["result"][-1]["callback_query"]
    assert (query["data"], query["from"]["id"], query["message"]) == ("yes", ann.id, message)
    assert (await people.bot_calls("answerCallbackQuery", callback_query_id=query["id"], text="Noted"))["ok"]
    assert (await people.bot_calls("answerCallbackQuery", callback_query_id=query["id"]))["error_code"] == 400
    assert [press["answer"] for press in await ann.sees("presses")] == ["Noted"]


async def test_the_bot_edits_its_own_messages_only(people: People) -> None:
    ann = await people.add()
    hers = await ann.writes("hello")
    its = await people.bot_sends(
        ann, "Well?", reply_markup={"inline_keyboard": [[{"text": "Yes", "url": "https://x"}]]}
    )

    refused = await people.bot_calls("editMessageText", chat_id=ann.id, message_id=hers["message_id"], text="bye")
    where: dict[str, Any] = {"chat_id": ann.id, "message_id": its["message_id"]}
    cleared = await people.bot_calls("editMessageReplyMarkup", **where)
    edited = await people.bot_calls("editMessageText", **where, text="<b>Good</b>", parse_mode="HTML")
    unchanged = await people.bot_calls("editMessageText", **where, text="<b>Good</b>", parse_mode="HTML")

    assert refused["description"] == "Bad Request: message can't be edited"
    assert "reply_markup" not in cleared["result"]
    assert edited["result"]["text"] == "Good"
    assert unchanged["description"].startswith("Bad Request: message is not modified")
    assert await ann.sees("messages") == [hers, edited["result"]]
