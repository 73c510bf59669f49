"""What the bot says, in all its languages."""

import re
from pathlib import Path

import pytest

import bot.texts
from bot.simulator.markup import parse_html
from bot.texts import LANGUAGES, QUOTE_LIMIT, TEXTS, quote, texts_for

HOSTILE = [
    "<b>",
    "</b>",
    "&",
    "&amp;",
    "<script>alert(1)</script>",
    "\"'>",
    "🎉👩‍👩‍👧‍👦",
    "x" * 1000,
    "<" * 1000,
    "{ $name }",
    "\u202egnp.exe",
]


def needs(language: str) -> dict[str, set[str]]:
    """The values that each text needs."""
    source = (Path(bot.texts.__file__).parent / f"{language}.ftl").read_text(encoding="utf-8")
    entries = re.findall(r"^([a-z-]+) =(.*(?:\n[ \t]+.*)*)", source, re.MULTILINE)
    return {key: set(re.findall(r"\$([a-z]\w*)", text)) for key, text in entries}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_values(language: str) -> None:
    assert TEXTS[language].keys == needs(language).keys()
    assert needs(language) == needs("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_said_and_is_html_that_telegram_takes(language: str) -> None:
    for key, values in needs(language).items():
        plain, _ = parse_html(TEXTS[language].say(key, **dict.fromkeys(values, "Ann")))
        assert plain.strip()


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("ru", "ru"),
        ("ru-RU", "ru"),
        ("RU", "ru"),
        ("en-GB", "en"),
        ("de", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_persons_language_decides_and_english_stands_in(code: str | None, language: str) -> None:
    assert texts_for(code).language == language


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(name: str) -> None:
    plain, entities = parse_html(TEXTS["en"].say("greeting", name=name))

    assert [entity.type for entity in entities] == ["bold"]
    assert parse_html(quote(name))[0] in plain
    assert len(parse_html(quote(name))[0]) <= QUOTE_LIMIT + 2
    assert "\u202e" not in plain


def test_a_missing_text_or_value_is_an_error_and_not_a_broken_sentence() -> None:
    with pytest.raises(KeyError):
        TEXTS["en"].say("no-such-text")
    with pytest.raises(ValueError, match="name"):
        TEXTS["en"].say("greeting")
