"""Who writes: linking by code and by deep link, and what those hear who are not linked."""

import re
from typing import Any

import pytest

from bot.callbacks import Mute, Speak
from bot.texts import LANGUAGES
from schemas.accounts import Language, UpdateProfile
from schemas.errors import BusError, ErrorCode
from schemas.notices import GetPreferences, ListNotices
from schemas.telegram import ConfirmTelegram, FindTelegramUser, GetTelegramLink, StartTelegram
from tests.bot.town import Town, buttons, plain
from tests.conftest import NewUser


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_code_typed_into_the_profile_links(town: Town, new_user: NewUser, language: str) -> None:
    user, chat = await new_user("Ann"), await town.people.add("Ann", language)
    await town.bus.request(UpdateProfile(by=user.id, name="Ann <b>"))

    answer = await chat.asks("/link")
    code = re.search(r"\d{6}", answer["text"])
    assert code
    assert answer["text"].startswith(f"{plain('link-code', language)} {code[0]}\n")
    # Nothing invisible beside it, for those who copy it.
    (shown,) = [entity for entity in answer["entities"] if entity["type"] == "code"]
    assert shown["length"] == 6

    await town.bus.request(ConfirmTelegram(by=user.id, code=code[0]))
    assert plain("greeting", language, name="Ann <b>") in (await chat.asks("/start"))["text"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_deep_link_links_whoever_opens_it_and_only_once(town: Town, new_user: NewUser, language: str) -> None:
    user = await new_user("Ann")
    await town.bus.request(UpdateProfile(by=user.id, language=Language(language)))
    link = await town.bus.request(StartTelegram(by=user.id))
    assert link.url
    assert link.url.startswith(f"{town.people.url}/?start=")
    code = link.url.partition("start=")[2]
    # The account's language wins over Telegram's.
    ann, eve = await town.people.add("Ann", "de"), await town.people.add("Eve", language)

    linked = await ann.asks(f"/start {code}")
    again = await eve.asks(f"/start {code}")

    assert plain("linked", language, name="Ann", username=user.username) in linked["text"]
    assert again["text"] == plain("start-too-old", language)
    assert (await town.bus.request(FindTelegramUser(telegram=ann.id))).id == user.id


@pytest.mark.parametrize("code", ["x", "!!!", "x" * 500, "a b"])
async def test_a_deep_link_that_nobody_made_is_refused(town: Town, code: str) -> None:
    assert (await (await town.people.add()).asks(f"/start {code}"))["text"] == plain("start-too-old")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text", ["/tasks", "/done 42", "/new Buy paper", "/assign 42 me", "/due 42 off", "/mute", "/lang ru", "Buy paper"]
)
async def test_whoever_is_not_linked_is_told_how(town: Town, text: str, language: str) -> None:
    answer = await (await town.people.add("Ann", language)).asks(text)

    assert answer["text"] == plain("link-first", language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_link_ends_where_it_began(town: Town, language: str) -> None:
    ann = await town.resident("Ann", language)

    assert (await ann.chat.asks("/unlink"))["text"] == plain("unlinked", language)

    with pytest.raises(BusError) as refusal:
        await town.bus.request(FindTelegramUser(telegram=ann.chat.id))
    assert refusal.value.code is ErrorCode.NOT_FOUND
    assert (await ann.chat.asks("/unlink"))["text"] == plain("unlinked-already", language)
    assert (await ann.chat.asks("/tasks"))["text"] == plain("link-first", language)


async def test_whoever_is_linked_is_told_what_another_code_would_do(town: Town) -> None:
    ann = await town.resident("Ann")

    assert plain("link-instead", name="Ann", username=ann.user.username) in (await ann.chat.asks("/link"))["text"]


@pytest.mark.parametrize(
    ("typed", "language"),
    [("/lang en", "en"), ("/lang RU", "ru"), ("/lang русский", "ru"), ("/lang English", "en")],
)
async def test_the_language_is_changed_by_a_word(town: Town, typed: str, language: str) -> None:
    ann = await town.resident("Ann", "en" if language == "ru" else "ru")

    assert (await ann.chat.asks(typed))["text"] == plain("language-chosen", language)
    assert (await ann.chat.asks("/tasks"))["text"] == plain("tasks-none", language)


@pytest.mark.parametrize("typed", ["/lang", "/lang de", "/lang <b>"])
async def test_the_language_is_chosen_by_a_button(town: Town, typed: str) -> None:
    ann = await town.resident("Ann")
    question = await ann.chat.asks(typed)
    assert list(buttons(question)) == ["English", "Русский"]

    _, shown = await town.press(ann, question, Speak(language=Language.RU))

    assert shown["text"] == plain("language-chosen", "ru")
    assert (await ann.chat.asks("/tasks"))["text"] == plain("tasks-none", "ru")


async def muted_until(town: Town, user: Any) -> Any:
    return (await town.bus.request(GetPreferences(by=user))).muted_until


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", ["/mute 2h", "/mute 2 часа", "/mute завтра 9:00", "/mute in 3 days"])
async def test_notices_are_muted_and_let_in_again(town: Town, typed: str, language: str) -> None:
    ann = await town.resident("Ann", language)

    muted = await ann.chat.asks(typed)
    assert await muted_until(town, ann.id)
    assert muted["text"].startswith(plain("muted", language, at="")[:10])

    assert (await ann.chat.asks("/mute off"))["text"] == plain("unmuted", language)
    assert await muted_until(town, ann.id) is None


async def test_notices_are_muted_by_buttons(town: Town) -> None:
    ann = await town.resident("Ann")
    question = await ann.chat.asks("/mute")
    assert question["text"] == plain("not-muted")

    for hours in (1, 8, -1):
        _, question = await town.press(ann, question, Mute(hours=hours))
        assert "🔕" in question["text"]
    _, question = await town.press(ann, question, Mute(hours=0))

    assert question["text"] == plain("not-muted")
    assert await muted_until(town, ann.id) is None


@pytest.mark.parametrize("phrase", ["always", "5", "1.1.2020", "<b>"])
async def test_what_is_no_duration_mutes_nothing(town: Town, phrase: str) -> None:
    ann = await town.resident("Ann")

    assert plain("mute-unclear", phrase=phrase) == (await ann.chat.asks(f"/mute {phrase}"))["text"]
    assert await muted_until(town, ann.id) is None


async def test_whoever_is_muted_hears_nothing(town: Town) -> None:
    """What Carol hears later shows that Bob would have heard it by then."""
    ann, bob, carol = [await town.resident(name) for name in ("Ann", "Bob", "Carol")]
    board = await town.board(ann)
    await bob.chat.asks("/mute 2h")
    await town.join(ann, board.team.id, bob, carol)
    for who in (bob, carol):
        await town.task(ann, board, "Buy paper", assignee=who.id)
    await town.said(carol.chat, "Buy paper")

    assert len((await town.bus.request(ListNotices(by=bob.id))).notices) == 2
    assert not [one for one in await bob.chat.sees("messages") if "Buy paper" in one["text"]]


async def test_whoever_blocks_the_bot_is_unreachable_until_they_let_it_in(town: Town) -> None:
    ann = await town.resident("Ann")

    await ann.chat.blocks()
    await town.until(lambda: reachable(town, ann.id), is_so=False)
    await ann.chat.unblocks()
    await town.until(lambda: reachable(town, ann.id), is_so=True)


async def reachable(town: Town, user: Any) -> bool:
    link = await town.bus.request(GetTelegramLink(by=user))
    return link is not None and link.is_reachable
