"""Which language somebody is answered in, and what becomes of a sentence there."""

from time import perf_counter

import pytest

from infra.language import choose, translated
from infra.language.phrases import Phrases
from schemas.accounts import Language

WANTED = {
    "": Language.EN,
    "en": Language.EN,
    "ru": Language.RU,
    "RU-ru": Language.RU,
    "ru-RU,ru;q=0.9,en;q=0.8": Language.RU,
    "en-GB,en;q=0.9,ru;q=0.5": Language.EN,
    "en;q=0.2, ru ; q=0.3": Language.RU,
    "de,ru;q=0.4": Language.RU,
    "uk-UA,uk;q=0.9,ru;q=0.8,en-US;q=0.7": Language.RU,
    "de,fr": Language.EN,
    "ru;q=0": Language.EN,
    "*": Language.EN,
    "ru;q=0.5,*;q=0.9": Language.EN,
    "ru,*;q=0.5": Language.RU,
    "en;q=0,*": Language.RU,
    "rum": Language.EN,
    "ru;q=2": Language.EN,
    "ru;q=nan,;;;,\x00, q=1": Language.EN,
}


@pytest.mark.parametrize(("header", "language"), WANTED.items())
def test_the_language_is_the_one_of_ours_that_is_wanted_most(header: str, language: Language) -> None:
    assert choose(header) is language


def test_a_header_of_many_languages_takes_no_time() -> None:
    started = perf_counter()

    assert choose(",".join(["xx-" + "a" * 50 + ";q=0." + "9" * 50] * 150)) is Language.EN
    assert perf_counter() - started < 0.1


SENTENCES = {
    "no such task": "Такой задачи нет.",
    "your role here is viewer; this takes member or more": (
        "Ваша роль здесь — «наблюдатель». Для этого нужна роль «участник» или выше."
    ),
    "title must have at most 200 characters": "Название: символов должно быть не больше 200.",
    "list must be at least 1": "Список: должно быть не меньше 1.",
    "list must be a whole number or null, not text": "Список: ожидается целое число или null, а не текст.",
    "titel is not known here": "titel: такого поля здесь нет.",
}


@pytest.mark.parametrize(("english", "russian"), SENTENCES.items())
def test_a_sentence_is_said_in_russian_with_its_values(english: str, russian: str) -> None:
    assert translated(english, Language.RU) == russian
    assert translated(english, Language.EN) == english


@pytest.mark.parametrize("sentence", ["", "nobody wrote this down", "no such task!", "NO SUCH TASK"])
def test_a_sentence_that_nobody_translated_stays_english(sentence: str) -> None:
    assert translated(sentence, Language.RU) == sentence


@pytest.mark.parametrize("name", ["{field}", "{0}", "{", "}", "%s", "a\nb", "no such"])
def test_braces_and_the_like_in_a_value_are_said_as_they_are(name: str) -> None:
    assert translated(f"{name} is missing", Language.RU) == f"{name}: нужно указать."


def test_a_sentence_as_long_as_its_sender_likes_is_left_alone() -> None:
    sentence = "x must be , not " * 100_000 + "is not known here"
    started = perf_counter()

    assert translated(sentence, Language.RU) == sentence
    assert perf_counter() - started < 0.1


def test_of_two_templates_that_fit_the_one_that_says_more_is_taken() -> None:
    phrases = Phrases({"{a} is {b}": "{a}: {b}", "{a} is not {b}": "{a}: не {b}"}, {"b": {"x": "икс"}})

    assert [phrases.translated(sentence) for sentence in ("c is x", "c is not x")] == ["c: икс", "c: не икс"]
