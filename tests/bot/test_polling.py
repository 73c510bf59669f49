"""The bot and a Telegram that comes and goes."""

import asyncio

import pytest
from aiogram.types import Message
from yarl import URL

from bot.client import create_bot
from bot.dispatcher import create_dispatcher
from bot.polling import poll
from bot.simulator.telegram import Telegram
from infra.bus import Bus
from infra.config import ConfigError, Settings
from schemas.base import Role
from tests.bot.simulated import TOKEN, People, cancelled, simulated


async def polls(url: str) -> None:
    """The bot without a bus, until it is cancelled."""
    bot = create_bot(Settings(bot_token=TOKEN, telegram_api_base=url))
    try:
        await poll(bot, create_dispatcher(Bus(Settings(), Role.BOT)))
    finally:
        await bot.session.close()


async def test_the_bot_waits_for_telegram_and_comes_back_to_it(caplog: pytest.LogCaptureFixture) -> None:
    async with simulated(Telegram()) as people:
        url = people.url

    polling = asyncio.create_task(polls(url))
    for _ in range(2):
        async with simulated(Telegram(TOKEN), URL(url).port or 0) as people:
            assert (await (await people.add()).asks("/start"))["text"].startswith("Hello")
    await cancelled(polling)

    assert "Failed to fetch updates" in caplog.text
    assert TOKEN not in caplog.text


async def test_two_bots_with_one_token_answer_everybody_and_say_what_is_wrong(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    bots = [asyncio.create_task(polls(people.url)) for _ in range(2)]
    ann = await people.add()
    while "is there another bot with this token?" not in caplog.text:
        assert (await ann.asks("/start"))["text"].startswith("Hello")

    await cancelled(bots[0])

    assert (await ann.asks("/start"))["text"].startswith("Hello")
    await cancelled(bots[1])


async def test_an_unknown_token_is_a_configuration_error() -> None:
    async with simulated(Telegram("4242:another-token")) as people:
        with pytest.raises(ConfigError, match="BOT_TOKEN"):
            await polls(people.url)


async def test_a_stop_waits_for_the_answers_begun(people: People) -> None:
    begun, stopping = asyncio.Event(), asyncio.Event()

    async def ponder(message: Message) -> None:
        begun.set()
        await stopping.wait()
        await message.answer("I have thought about it")

    dispatcher = create_dispatcher(Bus(Settings(), Role.BOT))
    dispatcher.message.register(ponder)
    # First among what a stop does, so that the answer is given while the stop is under way.
    dispatcher.shutdown.register(stopping.set)
    dispatcher.shutdown.handlers.insert(0, dispatcher.shutdown.handlers.pop())
    bot = create_bot(Settings(bot_token=TOKEN, telegram_api_base=people.url))
    polling = asyncio.create_task(poll(bot, dispatcher))
    ann = await people.add()
    await ann.writes("hello")
    await begun.wait()

    await cancelled(polling)
    await bot.session.close()

    assert [message["text"] for message in await ann.sees("messages")] == ["hello", "I have thought about it"]


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        (Settings(), "BOT_TOKEN"),
        (Settings(bot_token="nonsense"), "BOT_TOKEN"),
        (Settings(bot_token=TOKEN, telegram_api_base="api.example.org"), "TELEGRAM_API_BASE"),
    ],
)
async def test_a_wrong_setting_is_named(settings: Settings, variable: str) -> None:
    with pytest.raises(ConfigError, match=variable) as refusal:
        create_bot(settings)

    assert "nonsense" not in str(refusal.value)
