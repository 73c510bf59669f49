"""Updates that Telegram sends by itself, and what else may come to that door."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.client import create_bot
from bot.dispatcher import create_dispatcher
from bot.main import main
from bot.polling import poll
from bot.webhook import SECRET_HEADER, receive
from infra.bus import Bus
from infra.config import ConfigError, Settings
from infra.ports import any_free_port
from schemas.base import Role
from tests.bot.simulated import TOKEN, People, cancelled
from tests.waiting import wait_for

SECRET = "a-secret-of-24-characters"


@asynccontextmanager
async def received(people: People) -> AsyncGenerator[str]:
    """The bot behind a webhook, and the webhook's address."""
    port = any_free_port("127.0.0.1")
    url = f"http://127.0.0.1:{port}/telegram/"
    settings = Settings(
        bot_token=TOKEN,
        telegram_api_base=people.url,
        webhook_url=url,
        webhook_port=port,
        webhook_secret=SECRET,
    )
    bot = create_bot(settings)
    receiving = asyncio.create_task(receive(bot, create_dispatcher(Bus(settings, Role.BOT)), settings))
    try:
        yield url
    finally:
        await cancelled(receiving)
        await bot.session.close()


async def test_updates_that_are_sent_are_answered(people: People) -> None:
    async with received(people):
        ann = await people.add("Ann")
        for _ in range(2):
            assert (await ann.asks("/start"))["text"].startswith("Hello")

        # None comes again: each was confirmed once it had been answered.
        info = (await people.bot_calls("getWebhookInfo"))["result"]
        assert info["pending_update_count"] == 0


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "sécrèt-ünd-länger-als-16", "я" * 24])
async def test_nobody_but_telegram_sends_updates(people: People, secret: str | None) -> None:
    async with received(people) as url, aiohttp.ClientSession() as http:
        await people.add("Ann")
        await wait_for(lambda: is_set(people))
        headers = {} if secret is None else {SECRET_HEADER: secret}
        update = {"update_id": 1, "message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}}
        async with http.post(url, json=update, headers=headers) as answer:
            assert answer.status == 401


async def is_set(people: People) -> bool:
    return bool((await people.bot_calls("getWebhookInfo"))["result"]["url"])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"update_id": "x"}', b"\xff", b'{"message": {}}'])
async def test_what_is_no_update_is_refused(people: People, body: bytes) -> None:
    async with received(people) as url, aiohttp.ClientSession() as http:
        await wait_for(lambda: is_set(people))
        async with http.post(url, data=body, headers={SECRET_HEADER: SECRET}) as answer:
            assert answer.status == 400
        async with http.get(url, headers={SECRET_HEADER: SECRET}) as answer:
            assert answer.status == 405


async def test_a_bot_that_polls_ends_the_webhook_of_an_earlier_life(people: People) -> None:
    await people.bot_calls("setWebhook", url="http://127.0.0.1:9/nobody")
    bot = create_bot(Settings(bot_token=TOKEN, telegram_api_base=people.url))
    polling = asyncio.create_task(poll(bot, create_dispatcher(Bus(Settings(), Role.BOT))))

    assert (await (await people.add("Ann")).asks("/start"))["text"].startswith("Hello")
    await cancelled(polling)
    await bot.session.close()


async def test_a_webhook_that_is_set_meanwhile_is_ended_and_that_is_said(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    bot = create_bot(Settings(bot_token=TOKEN, telegram_api_base=people.url))
    polling = asyncio.create_task(poll(bot, create_dispatcher(Bus(Settings(), Role.BOT))))
    ann = await people.add("Ann")
    await ann.asks("/start")

    await people.bot_calls("setWebhook", url="http://127.0.0.1:9/nobody")
    assert (await ann.asks("/start"))["text"].startswith("Hello")
    await cancelled(polling)
    await bot.session.close()

    assert "updates go elsewhere; is there another bot with this token?" in caplog.text


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"webhook_secret": ""}, "WEBHOOK_SECRET"),
        ({"webhook_secret": "too-short"}, "WEBHOOK_SECRET"),
        ({"webhook_secret": "has a space in it"}, "WEBHOOK_SECRET"),
        ({"webhook_secret": "change-me-change-me"}, "WEBHOOK_SECRET"),
        ({"webhook_url": "tasks.example.org"}, "WEBHOOK_URL"),
    ],
)
def test_a_door_without_a_lock_is_not_opened(changes: dict[str, str], variable: str) -> None:
    given = {"webhook_url": "https://tasks.example.org/telegram/", "webhook_secret": SECRET} | changes
    settings = Settings(nats_url="nats://127.0.0.1:9", bot_token=TOKEN, **given)  # type: ignore[arg-type]

    with pytest.raises(ConfigError, match=variable):
        main(settings)
