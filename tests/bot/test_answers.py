"""People and the real bot, which polls the simulator over HTTP."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Message, Update
from structlog.testing import capture_logs

from bot.client import create_bot
from bot.commands import COMMANDS
from bot.dispatcher import create_dispatcher
from bot.polling import poll
from bot.simulator.markup import parse_html
from bot.simulator.telegram import Telegram
from bot.texts import LANGUAGES, TEXTS, quote
from infra.bus import Bus
from infra.config import Settings
from schemas.base import Role
from tests.bot.simulated import TOKEN, People, cancelled, simulated


async def stumble(message: Message) -> None:
    raise RuntimeError(f"secret detail about {message.text}")


@pytest.fixture(scope="module")
async def people() -> AsyncGenerator[People]:
    """One Telegram for all of these: everybody in it is somebody new."""
    async with simulated(Telegram(TOKEN)) as people:
        yield people


@pytest.fixture(scope="module")
def dispatcher() -> Dispatcher:
    """The bot's own, with a bus that never connected, and with one handler that fails."""
    dispatcher = create_dispatcher(Bus(Settings(), Role.BOT))
    dispatcher.message.register(stumble, F.text == "stumble")
    return dispatcher


@pytest.fixture(autouse=True, scope="module")
async def running_bot(people: People, dispatcher: Dispatcher) -> AsyncGenerator[Bot]:
    bot = create_bot(Settings(bot_token=TOKEN, telegram_api_base=people.url))
    polling = asyncio.create_task(poll(bot, dispatcher))
    yield bot
    await cancelled(polling)
    await bot.session.close()


def plain(key: str, language: str, **values: str) -> str:
    return parse_html(TEXTS[language].say(key, **values))[0]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_start_greets_in_the_persons_language_and_says_that_the_service_is_down(
    people: People, language: str
) -> None:
    answer = await (await people.add("Аня Ann", language)).asks("/start")

    assert answer["text"].startswith(plain("greeting", language, name="Аня Ann"))
    assert plain("service-down", language) in answer["text"]


@pytest.mark.parametrize("command", ["/start", "/START", "/start payload", "/start@team_task_manager_bot"])
async def test_start_is_understood_however_it_is_typed(people: People, command: str) -> None:
    answer = await (await people.add()).asks(command)

    assert answer["text"].startswith("Hello")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_help_names_every_command(people: People, language: str) -> None:
    answer = await (await people.add("Ann", language)).asks("/help")

    assert answer["text"].startswith(plain("help-heading", language))
    for command in COMMANDS:
        assert f"/{command} — {plain(f'command-{command}', language)}" in answer["text"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["/launch", "/", "/🎉"])
async def test_an_unknown_command_gets_a_friendly_sentence(people: People, text: str, language: str) -> None:
    answer = await (await people.add("Ann", language)).asks(text)

    assert answer["text"] == plain("unknown-message", language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["good morning", "🎉", "<b>", "x" * 4096, "/tasks", "/link", "/done 42", "/lang ru"])
async def test_while_the_bus_is_away_that_is_what_people_are_told(people: People, text: str, language: str) -> None:
    answer = await (await people.add("Ann", language)).asks(text)

    assert answer["text"] == plain("refused-unavailable", language)


@pytest.mark.parametrize(
    "name", ["<b>", "</b>&amp;<i>", "Tom & Jerry", "👩‍👩‍👧‍👦🎉", "x" * 1000, "<" * 1000, "\u202eevil"]
)
async def test_a_hostile_name_is_greeted_like_any_other(people: People, name: str) -> None:
    answer = await (await people.add(name)).asks("/start")

    assert parse_html(quote(name))[0] in answer["text"]
    assert [entity["type"] for entity in answer["entities"]] == ["bold"]


async def test_a_failure_is_a_sentence_without_details_and_is_logged(people: People) -> None:
    with capture_logs() as lines:
        answer = await (await people.add()).asks("stumble")

    assert answer["text"] == plain("failure", "en")
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["handler failed"]


def update_from(chat: dict[str, Any]) -> Update:
    person = {"id": chat["id"], "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 1, "date": 0, "chat": chat, "from": person, "text": "hello"}
    return Update.model_validate({"update_id": 1, "message": message})


async def test_a_group_talks_in_peace(running_bot: Bot, dispatcher: Dispatcher) -> None:
    assert await dispatcher.feed_update(running_bot, update_from({"id": -5, "type": "group"})) is UNHANDLED


@pytest.mark.parametrize("known", [True, False])
async def test_a_person_who_cannot_be_answered_is_no_crash(
    people: People, running_bot: Bot, dispatcher: Dispatcher, *, known: bool
) -> None:
    """One does not let the bot write (403), the other is nobody (400)."""
    chat = {"id": (await people.add()).id if known else 5, "type": "private"}

    with capture_logs() as lines:
        assert await dispatcher.feed_update(running_bot, update_from(chat)) is None

    last = "this person does not let the bot write" if known else "could not even apologise"
    assert lines[-1]["event"] == last


async def test_an_old_button_is_answered(people: People) -> None:
    ann = await people.add()
    await ann.asks("hello")
    message = await people.bot_sends(
        ann, "From long ago", reply_markup={"inline_keyboard": [[{"text": "Done", "callback_data": "done"}]]}
    )

    async with ann.events() as events:
        await ann.presses(message["message_id"], "done")
        answer = await anext(events)

    assert answer["press"]["answer"] == plain("unknown-button", "en")


async def test_the_menu_is_there_in_each_language_and_for_everyone_else(people: People) -> None:
    await (await people.add()).asks("hello")

    for code, language in ((None, "en"), ("en", "en"), ("ru-RU", "ru"), ("de", "en")):
        menu = await (await people.add("Ann", code)).sees("commands")
        assert [item["command"] for item in menu] == list(COMMANDS)
        assert [item["description"] for item in menu] == [plain(f"command-{name}", language) for name in COMMANDS]


async def test_many_people_at_once_all_get_their_answers(people: People) -> None:
    crowd = [await people.add(f"Person {number}") for number in range(20)]

    answers = await asyncio.gather(*(person.asks("/start") for person in crowd))

    for number, answer in enumerate(answers):
        assert f"Person {number}\u2069" in answer["text"]
