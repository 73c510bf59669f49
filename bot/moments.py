"""Moments as people say them."""

from datetime import UTC, datetime, timedelta

from bot.texts import Texts
from infra.language.notices import moment
from infra.language.zones import know_zones, zone
from schemas.accounts import Language

MORNING = 9


async def known_zone(name: str) -> str:
    """The same name, once the zone behind it has been read from its file; UTC where there is no such zone.

    After this `ZoneInfo(name)` finds it in memory, here and in the libraries.
    """
    await know_zones([name])
    return zone(name).key


def said(at: datetime, texts: Texts, time_zone: str) -> str:
    """`Fri 28 Nov, 18:00`, with the year where it is another one."""
    text = moment(at, Language(texts.language), time_zone)
    where = zone(time_zone)
    year = at.astimezone(where).year
    return text if year == datetime.now(where).year else f"{text} ({year})"


def tomorrow_morning(time_zone: str, now: datetime) -> datetime:
    """Nine o'clock of the next day there, in UTC."""
    day = now.astimezone(zone(time_zone)) + timedelta(days=1)
    return day.replace(hour=MORNING, minute=0, second=0, microsecond=0).astimezone(UTC)


def minutes_until(at: datetime) -> int:
    """Whole minutes, one at least; whoever is not linked yet has no zone in which a time could be said."""
    return max(1, int((at - datetime.now(UTC)) / timedelta(minutes=1) + 0.5))
