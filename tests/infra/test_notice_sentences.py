"""What notices say, in every language and for every kind."""

from datetime import UTC, datetime

import pytest

from infra.language.notices import PLAIN, heading, moment, plain, rest, sentence, sentence_for_group
from infra.language.zones import know_zones
from schemas.accounts import Language
from schemas.ids import NoticeId, Seq, TeamId, UserId
from schemas.notices import Kind, Notice

DUE = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)


def notice(kind: Kind, **more: object) -> Notice:
    base = {
        "id": NoticeId(1),
        "user": UserId(2),
        "user_name": "Bob",
        "kind": kind,
        "team": TeamId(3),
        "team_name": "Crew",
        "seq": Seq(4),
        "at": DUE,
        "by_name": "Ann",
        "title": "Buy paper",
        "text": "How much?",
        "due_at": DUE,
    }
    return Notice(**{**base, **more})


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_sentence_for_a_person_and_for_a_group(kind: Kind, language: Language) -> None:
    about = "Crew" if kind is Kind.ADDED else "Buy paper"

    assert about in sentence(notice(kind), language)
    assert about in sentence_for_group(notice(kind), language)


def test_every_language_has_the_same_sentences() -> None:
    assert PLAIN[Language.RU].keys == PLAIN[Language.EN].keys


async def test_a_deadline_is_told_in_the_time_zone_and_the_language_of_the_reader() -> None:
    await know_zones(["Europe/Moscow"])
    assert sentence(notice(Kind.OVERDUE), Language.EN, "Europe/Moscow").endswith("Fri 27 Nov, 20:00")
    assert moment(DUE, Language.RU) == "пт 27 нояб., 17:00"


def test_nobody_is_made_up_where_somebody_is_unknown() -> None:
    assert sentence(notice(Kind.ASSIGNED, by_name=None, due_at=None), Language.EN) == "— assigned “Buy paper” to you"


def test_whoever_is_given_a_task_is_told_until_when() -> None:
    given = notice(Kind.ASSIGNED)
    assert sentence(given, Language.EN) == "Ann assigned “Buy paper” to you, due Fri 27 Nov, 17:00"
    assert sentence_for_group(given, Language.EN) == "Ann assigned “Buy paper” to Bob, due Fri 27 Nov, 17:00"


def test_what_people_wrote_is_kept_short_and_on_one_line() -> None:
    said = sentence(notice(Kind.COMMENTED, text="a\nb\n" + "x" * 500), Language.EN)

    assert ": a b x" in said
    assert len(said) < 260
    assert plain("x" * 500).endswith("…")


@pytest.mark.parametrize(("count", "words"), [(1, "1 уведомление"), (3, "3 уведомления"), (11, "11 уведомлений")])
def test_counts_are_said_as_the_language_counts(count: int, words: str) -> None:
    assert heading(count, Language.RU) == words


def test_the_rest_is_counted() -> None:
    assert rest(4, Language.EN) == "and 4 more"
