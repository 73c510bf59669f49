"""Moments as people say them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.texts import Texts
from infra.language.notices import moment
from schemas.accounts import Language

MORNING = 9


def said(at: datetime, texts: Texts, time_zone: str) -> str:
    """`Fri 28 Nov, 18:00`, with the year where it is another one."""
    text = moment(at, Language(texts.language), time_zone)
    zone = ZoneInfo(time_zone)
    year = at.astimezone(zone).year
    return text if year == datetime.now(zone).year else f"{text} ({year})"


def tomorrow_morning(time_zone: str, now: datetime) -> datetime:
    """Nine o'clock of the next day there, in UTC."""
    day = now.astimezone(ZoneInfo(time_zone)) + timedelta(days=1)
    return day.replace(hour=MORNING, minute=0, second=0, microsecond=0).astimezone(UTC)


def clock(at: datetime, time_zone: str) -> str:
    """`18:00`, and where that is when it is nowhere in particular."""
    text = at.astimezone(ZoneInfo(time_zone)).strftime("%H:%M")
    return f"{text} UTC" if time_zone == "UTC" else text
