"""Deadlines in people's own words, and words that are none."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.due import read_due, split_due

ZONE = "Europe/Moscow"
FRIDAY_NOON = datetime(2025, 11, 28, 9, 0, tzinfo=UTC)
"""Twelve o'clock in Moscow."""


def there(at: datetime | None) -> str | None:
    return at.astimezone(ZoneInfo(ZONE)).strftime("%d.%m.%Y %H:%M") if at else None


@pytest.mark.parametrize(
    ("phrase", "moment"),
    [
        ("завтра 18:00", "29.11.2025 18:00"),
        ("Завтра в 18", "29.11.2025 18:00"),
        ("завтра в 6 вечера", "29.11.2025 18:00"),
        ("завтра утром", "29.11.2025 09:00"),
        ("послезавтра", "30.11.2025 23:59"),
        ("fri 5pm", "28.11.2025 17:00"),
        ("fri 9am", "05.12.2025 09:00"),
        ("next friday 5pm", "05.12.2025 17:00"),
        ("в пятницу в 18:00", "28.11.2025 18:00"),
        ("к среде", "03.12.2025 23:59"),
        ("до пн 10:00", "01.12.2025 10:00"),
        ("через 2 часа", "28.11.2025 14:00"),
        ("через полчаса", "28.11.2025 12:30"),
        ("in half an hour", "28.11.2025 12:30"),
        ("in 3 days", "01.12.2025 23:59"),
        ("через неделю", "05.12.2025 23:59"),
        ("28 ноября 2026 в 10:00", "28.11.2026 10:00"),
        ("30 nov 9:30", "30.11.2025 09:30"),
        ("2025-12-01 14:30", "01.12.2025 14:30"),
        ("until 25.12.2026", "25.12.2026 23:59"),
        ("tonight", "28.11.2025 20:00"),
        ("tomorrow noon", "29.11.2025 12:00"),
    ],
)
async def test_a_deadline_ends_a_title_and_stands_alone(phrase: str, moment: str) -> None:
    assert there(await read_due(phrase, ZONE, FRIDAY_NOON)) == moment
    title, due = await split_due(f"Buy  paper {phrase}", ZONE, FRIDAY_NOON)
    assert (title, there(due)) == ("Buy paper", moment)


@pytest.mark.parametrize(("phrase", "moment"), [("2h", "28.11.2025 14:00"), ("25.12", "25.12.2025 23:59")])
async def test_what_a_title_may_hold_for_other_reasons_is_a_deadline_alone(phrase: str, moment: str) -> None:
    assert there(await read_due(phrase, ZONE, FRIDAY_NOON)) == moment
    assert await split_due(f"Release {phrase}", ZONE, FRIDAY_NOON) == (f"Release {phrase}", None)


async def test_a_mark_says_that_a_short_date_is_one() -> None:
    for text in ("Release, 25.12", "Release до 25.12", "Release — 25.12"):
        title, due = await split_due(text, ZONE, FRIDAY_NOON)
        assert (title, there(due)) == ("Release", "25.12.2025 23:59")


@pytest.mark.parametrize(
    "title",
    [
        "Ask may",
        "March in may",
        "Read chapter 5",
        "Buy 3",
        "Watch the sun",
        "Look at day",
        "31 февраля",
        "tomorrow",
        "сегодня купить хлеб",
        "на неделе",
        "10:00",
        "x" * 4000,
        "🎉",
        "Отчёт 31 февраля",
        "issue #5",
    ],
)
async def test_what_only_looks_like_a_date_is_none(title: str) -> None:
    assert await split_due(title, ZONE, FRIDAY_NOON) == (title, None)


@pytest.mark.parametrize("phrase", ["", " ", "5", "may", "soon", "off", "99:99", "32.13", "x" * 5000, "31 февраля"])
async def test_nonsense_is_no_deadline(phrase: str) -> None:
    assert await read_due(phrase, ZONE, FRIDAY_NOON) is None


async def test_the_day_is_the_persons_own() -> None:
    late = datetime(2025, 11, 28, 22, 30, tzinfo=UTC)

    assert there(await read_due("today", ZONE, late)) == "29.11.2025 23:59"
    assert (await read_due("today", "UTC", late)) == datetime(2025, 11, 28, 23, 59, tzinfo=UTC)
