"""Updates that are sent to the bot."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Dispatcher
from aiogram.methods import SendMessage
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from bot.client import create_bot
from bot.simulator.errors import BotApiError
from bot.simulator.journal import Journal
from bot.simulator.update import Webhook
from bot.simulator.updates import Updates
from infra.config import Settings
from tests.bot.simulated import TOKEN, People, Someone, said_by_bot
from tests.waiting import wait_for


class Hook:
    """A bot's web server that answers each call with the next of `statuses`, and then with 200."""

    def __init__(self, statuses: list[int], answer: Any = None) -> None:
        self.calls: list[tuple[str | None, dict[str, Any]]] = []
        self.url = ""
        self._statuses = statuses
        self._answer = answer

    async def take(self, request: web.Request) -> web.Response:
        self.calls.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        return web.json_response(self._answer, status=self._statuses.pop(0) if self._statuses else 200)

    def texts(self) -> list[str]:
        return [update["message"]["text"] for _, update in self.calls]


@asynccontextmanager
async def served(app: web.Application) -> AsyncGenerator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


@asynccontextmanager
async def hooked(people: People, *statuses: int, answer: Any = None, **parameters: Any) -> AsyncGenerator[Hook]:
    hook = Hook(list(statuses), answer)
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    async with served(app) as hook.url:
        assert (await people.bot_calls("setWebhook", url=hook.url, **parameters))["ok"]
        yield hook
        await people.bot_calls("deleteWebhook")


async def pending(people: People) -> int:
    return (await people.bot_calls("getWebhookInfo"))["result"]["pending_update_count"]


async def delivered(people: People) -> bool:
    return await pending(people) == 0


@pytest.fixture
async def ann(people: People) -> Someone:
    return await people.add()


async def test_updates_come_with_the_secret_and_in_order(people: People, ann: Someone) -> None:
    await ann.writes("before")
    async with hooked(people, secret_token="s3cret_-") as hook:
        for number in range(20):
            await ann.writes(str(number))
        await wait_for(lambda: delivered(people))

        assert hook.texts() == ["before", *map(str, range(20))]
        assert {secret for secret, _ in hook.calls} == {"s3cret_-"}


async def test_an_update_comes_again_until_it_is_taken(people: People, ann: Someone) -> None:
    async with hooked(people, 500, 404) as hook:
        await ann.writes("one")
        await ann.writes("two")
        await wait_for(lambda: delivered(people))

        assert hook.texts() == ["one", "one", "one", "two"]
        info = (await people.bot_calls("getWebhookInfo"))["result"]
        assert (info["url"], info["has_custom_certificate"]) == (hook.url, False)
        assert info["last_error_message"] == "Wrong response from the webhook: 404 Not Found"


async def test_a_webhook_that_is_away_gets_everything_when_it_moves(people: People, ann: Someone) -> None:
    await people.bot_calls("setWebhook", url="http://127.0.0.1:9/")
    await ann.writes("hello")
    async with hooked(people) as hook:
        await wait_for(lambda: delivered(people))

        assert hook.texts() == ["hello"]


async def test_a_webhook_ends_the_wait_of_whoever_asks_for_updates() -> None:
    updates = Updates(Journal())
    reading = asyncio.create_task(updates.read(limit=1, timeout=30))
    asyncio.get_running_loop().call_soon(updates.send_to, Webhook(url="http://127.0.0.1:9/"))

    with pytest.raises(BotApiError, match="terminated by setWebhook request"):
        await reading


async def test_nobody_may_ask_for_updates_while_there_is_a_webhook(people: People, ann: Someone) -> None:
    await people.bot_calls("setWebhook", url="http://127.0.0.1:9/")
    refused = await people.bot_calls("getUpdates")
    assert (refused["error_code"], "webhook is active" in refused["description"]) == (409, True)

    await ann.writes("hello")
    await people.bot_calls("setWebhook", url="")
    assert len((await people.bot_calls("getUpdates"))["result"]) == 1


async def test_only_the_kinds_that_are_asked_for_come(people: People, ann: Someone) -> None:
    await people.bot_calls("getUpdates", allowed_updates=["my_chat_member"])
    await ann.writes("hello")
    await ann.blocks()
    assert [list(update)[1] for update in await people.updates()] == ["my_chat_member"]

    await ann.unblocks()
    await people.updates()
    await people.bot_calls("getUpdates", allowed_updates=[])
    await ann.writes("hello")
    assert [list(update)[1] for update in await people.updates()] == ["message"]


async def test_the_bot_may_call_a_method_in_its_answer(people: People, ann: Someone) -> None:
    call = {"method": "sendMessage", "chat_id": ann.id, "text": "Hello yourself"}
    async with hooked(people, answer=call), ann.events() as events:
        await ann.writes("hello")

        assert (await said_by_bot(events))["text"] == "Hello yourself"


async def test_the_real_bot_can_be_called(people: People, ann: Someone) -> None:
    async def echo(message: Message) -> SendMessage:
        return message.answer(f"<b>{message.text}</b>, you say")

    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.message.register(echo)
    bot = create_bot(Settings(bot_token=TOKEN, telegram_api_base=people.url))
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token="s3cret").register(app, "/hook")
    async with served(app) as url:
        await bot.set_webhook(url, secret_token="s3cret")
        assert (await ann.asks("hello"))["text"] == "hello, you say"
        assert (await bot.get_webhook_info()).pending_update_count in (0, 1)


@pytest.mark.parametrize("wrong", [{"url": "ftp://x"}, {"url": "http://x", "secret_token": "ю"}, {"url": None}])
async def test_a_webhook_that_makes_no_sense_is_refused(people: People, wrong: dict[str, Any]) -> None:
    assert (await people.bot_calls("setWebhook", **wrong))["error_code"] == 400
