"""Deadlines in people's own words: `завтра 18:00`, `fri 5pm`, `in 3 days`.

dateparser knows the words; here it is told what it may look at, since it reads a date into nearly anything: `may` and
`5` are dates to it. It is slow, blocks, and is made for one thread at a time: it has one to itself.
"""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import dateparser

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="dateparser")
_LANGUAGES = ["ru", "en"]
END_OF_DAY = time(23, 59)
"""When a day is over that was named without a time."""
LONGEST = 6
"""Words of a deadline at the end of a title."""
_LONGEST_PHRASE = 60
_WEEK = timedelta(days=7)
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

_WEEKDAYS = {
    "monday": r"понедельник[ауе]?|пн|monday|mon",
    "tuesday": r"вторник[ауе]?|вт|tuesday|tues?",
    "wednesday": r"сред[аеуы]|ср|wednesday|wed",
    "thursday": r"четверг[ауе]?|чт|thursday|thurs?|thu",
    "friday": r"пятниц[аеуы]|пт|friday|fri",
    "saturday": r"суббот[аеуы]|сб|saturday|sat",
    "sunday": r"воскресень[еяю]|вс|sunday|sun",
}
_DAYS = {
    "today": r"сегодня|today",
    "tomorrow": r"завтра|tomorrow|tmrw?",
    "in 2 days": r"послезавтра|day\s+after\s+tomorrow",
}
_TIMES = {
    "09:00": r"(?:с\s+)?утр[ао]м?|in\s+the\s+morning|morning",
    "12:00": r"(?:в\s+)?полдень|(?:at\s+)?noon",
    "13:00": r"дн[её]м|afternoon",
    "19:00": r"вечером|in\s+the\s+evening|evening",
    "today 20:00": r"tonight",
}
_UNITS = (
    r"(?:минут[ауы]?|мин|м|час(?:а|ов)?|ч|дн(?:я|ей)|день|недел[юьи]|месяц(?:а|ев)?|"
    r"minutes?|min|m|hours?|hrs?|h|days?|d|weeks?|w|months?)"
)
_MONTHS = (
    r"(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)[а-яё]*|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
)
_NEXT = r"(?:next|this|следующ\w+)"
_MARK = r"(?:(?:,|;|—|–|\|)\s*|(?:до|к|by|due|until|till|срок:?|due:)\s+)"
_CLOCK = r"(?:(?:[01]?\d|2[0-3]):[0-5]\d|\d{1,2}(?::[0-5]\d)?\s?[ap]m)"
_SPAN = rf"\d{{1,3}}\s*{_UNITS}"
_IN = rf"(?:через|in)\s+(?:{_SPAN}|(?:an?\s+)?{_UNITS})|через\s+полчаса|in\s+half\s+an\s+hour"
_DATE = (
    r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})(?:\s+\d{{4}})?"
    rf"|(?:{_MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
)
_SHORT_DATE = r"(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|1[0-2])"
"""May as well be a version or a price: within a title it needs a time, or a mark before it."""


def _any(table: dict[str, str]) -> str:
    return "|".join(table.values())


_DAY = rf"(?:(?:в|во|на|on)\s+)?(?:{_NEXT}\s+)?(?:{_any(_WEEKDAYS)})|(?:на\s+)?(?:{_any(_DAYS)})|next\s+week|{_DATE}"
_AT = rf"(?:(?:в|к|на|at|@|,)\s*)?(?:{_CLOCK}|{_any(_TIMES)})"
_IN_TITLE = re.compile(
    rf"{_MARK}?(?:(?:{_DAY}|{_IN})(?:[\s,T]\s*{_AT})?|{_AT}(?:\s+(?:{_DAY}))?|{_SHORT_DATE}\s+{_AT})"
    rf"|{_MARK}{_SHORT_DATE}",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"{_IN_TITLE.pattern}|{_SHORT_DATE}|{_SPAN}", re.IGNORECASE)
_ARTICLES = frozenset({"a", "an", "the"})

_OF_THE_DAY = re.compile(r"(?<!\d)(\d{1,2})(?::([0-5]\d))?\s+(?:час\w*\s+)?(вечера|дня|утра|ночи)\b", re.IGNORECASE)
_BARE_HOUR = re.compile(
    r"(?<=\s)(?:в|at)\s+([01]?\d|2[0-3])(?:\s+час(?:а|ов)?)?$"
    r"|(?<=завтра\s)([01]?\d|2[0-3])$|(?<=tomorrow\s)([01]?\d|2[0-3])$",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """A title and the deadline that stood at its end."""

    title: str
    due: datetime | None


async def read_due(phrase: str, time_zone: str, now: datetime) -> datetime | None:
    """The moment that a phrase names, in UTC; None when it names none."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, _read, phrase, time_zone, now)


async def split_due(text: str, time_zone: str, now: datetime) -> Found:
    """Take the deadline off the end of a title, if one stands there."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, _split, text, time_zone, now)


def _split(text: str, time_zone: str, now: datetime) -> Found:
    zone = ZoneInfo(time_zone)
    words = text.split()
    # At least one word stays: it is what is to be done.
    for start in range(max(0, len(words) - LONGEST), len(words)):
        phrase = _plainer(" ".join(words[start:]))
        before = words[start - 1].lower() if start else ""
        marked = "," + phrase if before.endswith((",", ";", "—", "–", "|")) else phrase
        if before in _ARTICLES or not _IN_TITLE.fullmatch(marked):
            continue
        if not start:
            break
        if due := _parse(phrase, zone, now):
            return Found(" ".join(words[:start]).rstrip(" ,;—–|"), due)
    return Found(" ".join(words), None)


def _read(phrase: str, time_zone: str, now: datetime) -> datetime | None:
    phrase = " ".join(phrase.split())
    if len(phrase) > _LONGEST_PHRASE:
        return None
    phrase = _plainer(phrase)
    return _parse(phrase, ZoneInfo(time_zone), now) if _ALONE.fullmatch(phrase) else None


def _plainer(phrase: str) -> str:
    """Hours as a clock shows them: `6 вечера` is 18:00, and so is `в 18` at the end."""
    phrase = _OF_THE_DAY.sub(_clock, phrase)
    return _BARE_HOUR.sub(lambda match: f"{match[1] or match[2] or match[3]}:00", phrase)


def _clock(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12
    later = match[3].lower() in ("вечера", "дня")
    return f"{hour + 12 * later:02}:{match[2] or '00'}"


def _parse(phrase: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    base = now.astimezone(zone)
    phrase = phrase.lower()
    spelled = _spelled(phrase)
    found = dateparser.parse(
        spelled,
        languages=_LANGUAGES,
        settings={
            "TIMEZONE": zone.key,
            "RETURN_AS_TIMEZONE_AWARE": True,
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": base.replace(tzinfo=None),
        },
    )
    if found is None:
        return None
    found = found.astimezone(zone).replace(second=0, microsecond=0)
    if not _names_time(spelled):
        found = found.replace(hour=END_OF_DAY.hour, minute=END_OF_DAY.minute)
    elif not re.search(_NEXT, phrase) and any(day in spelled for day in _WEEKDAYS) and base < found - _WEEK:
        # `fri 5pm`, said on a Friday morning, is today.
        found -= _WEEK
    return found.astimezone(UTC)


def _spelled(phrase: str) -> str:
    """The same with days, dates and times by the names that dateparser surely takes, and nothing else."""
    phrase = re.sub(rf"^{_MARK}", "", phrase)
    for table in (_DAYS, _TIMES, _WEEKDAYS):
        for name, pattern in table.items():
            phrase = re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", name, phrase)
    phrase = re.sub(r"(?<!\w)(?:in half an hour|через полчаса)(?!\w)", "in 30 minutes", phrase)
    phrase = re.sub(r"(?<![\d./])(\d{1,2})[./](0?[1-9]|1[0-2])(?![\d./])", _day_and_month, phrase)
    phrase = re.sub(r"(?<![\d./])(\d{1,2})[./](\d{1,2})[./](\d{4})(?!\d)", r"\3-\2-\1", phrase)
    phrase = re.sub(rf"(?<!\w)(?:в |во |на |on )?(?:{_NEXT} )?(?=[a-z]+day)", "", phrase)
    return re.sub(r"\s*(?:(?<!\w)(?:в|к|на|at)\s|,|@)\s*(?=\d{1,2}(?:[:\s]|[ap]m))", " ", phrase).strip()


def _day_and_month(match: re.Match[str]) -> str:
    return f"{match[1]} {_MONTH_NAMES[int(match[2]) - 1]}"


def _names_time(phrase: str) -> bool:
    small = r"\d\s*(?:м|мин\w*|ч|час\w*|m|min\w*|h|hrs?|hours?)\b|\bчас\b|\bминут\w*|\ban? (?:hour|minute)\b"
    return re.search(rf"{_CLOCK}|{small}", phrase) is not None
