"""What buttons carry fits into what Telegram takes, and every refusal has its words."""

from typing import Any

import pytest
from aiogram.filters.callback_data import MAX_CALLBACK_LENGTH, CallbackData
from annotated_types import Le
from pydantic.fields import FieldInfo

from bot import callbacks
from bot.handlers.arguments import task_number
from bot.refusals import TEXT_KEYS, refusal
from bot.rewriting import shortened
from bot.texts import LANGUAGES, TEXTS, plain
from infra.language import PHRASES
from schemas.accounts import Language
from schemas.errors import BusError, ErrorCode
from schemas.ids import TaskId
from schemas.notices import Kind

LARGEST = 2**53 - 1
LONGEST: dict[Any, Any] = {
    callbacks.Until: callbacks.Until.TOMORROW,
    callbacks.Act: callbacks.Act.CREATED,
    Kind: max(Kind, key=len),
    Language: Language.RU,
}


def fullest(kind: type[CallbackData]) -> CallbackData:
    """One with the longest value in each field."""

    def longest(name: str, field: FieldInfo) -> Any:
        largest = next((rule.le for rule in field.metadata if isinstance(rule, Le)), LARGEST)
        return 9999 if name == "page" else LONGEST.get(field.annotation, largest)

    return kind(**{name: longest(name, field) for name, field in kind.model_fields.items()})


@pytest.mark.parametrize("kind", CallbackData.__subclasses__(), ids=lambda kind: kind.__name__)
def test_a_button_carries_the_largest_ids(kind: type[CallbackData]) -> None:
    packed = fullest(kind).pack()

    assert len(packed.encode()) <= MAX_CALLBACK_LENGTH
    assert kind.unpack(packed) == fullest(kind)


def test_a_button_that_was_sent_before_it_knew_its_notice_still_works() -> None:
    undo = callbacks.Undo(act=callbacks.Act.GIVEN, task=TaskId(57), version=3, previous=12)

    assert callbacks.Undo.unpack("u:g:57:3:12") == undo


def test_no_two_kinds_of_buttons_are_taken_for_each_other() -> None:
    prefixes = [kind.__prefix__ for kind in CallbackData.__subclasses__()]

    assert len(set(prefixes)) == len(prefixes)


def test_every_code_has_its_text() -> None:
    assert TEXT_KEYS.keys() == set(ErrorCode)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ErrorCode, ids=lambda code: code.name)
def test_every_refusal_is_said_in_the_persons_language(code: ErrorCode, language: str) -> None:
    sentence = refusal(BusError(code, "no such task"), TEXTS[language])

    assert sentence
    if "detail" in TEXTS[language].say(TEXT_KEYS[code], detail="detail"):
        known = PHRASES[Language.RU].sentences["no such task"] if language == "ru" else "no such task"
        assert known in sentence


def test_what_is_shown_over_a_chat_has_no_markup_and_is_short() -> None:
    assert shortened(refusal(BusError(ErrorCode.CONFLICT, "<b>&"), TEXTS["en"])) == "That did not work: <b>&"
    assert len(shortened("x" * 500)) <= 200
    assert plain('<a href="https://example.org/?a=1&amp;b=2">#42</a> a &lt; b') == "#42 a < b"


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("42", 42),
        ("#42", 42),
        (str(LARGEST), LARGEST),
        (str(LARGEST + 1), None),
        ("0", None),
        ("##42", None),
        ("-42", None),
        ("4 2", None),
        ("", None),
        ("٤٢", None),
        ("42\n", None),
    ],
)
def test_a_task_has_a_number_with_or_without_a_sign(word: str, number: int | None) -> None:
    assert task_number(word) == number
