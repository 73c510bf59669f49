"""Moments in somebody's own time: the end of their quiet hours, their next digest. Clocks there jump twice a year."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schemas.notices import ClockTime, QuietHours

_ONE_DAY = timedelta(days=1)


def quiet_until(hours: QuietHours | None, where: ZoneInfo, now: datetime) -> datetime | None:
    """The end of the quiet hours that it is in at `now`; None outside of them."""
    if hours is None:
        return None
    local, start, end = now.astimezone(where).time(), time.fromisoformat(hours.start), time.fromisoformat(hours.until)
    is_quiet = start <= local < end if start <= end else (local >= start or local < end)
    return next_time(hours.until, where, now) if is_quiet else None


def next_time(at: ClockTime, where: ZoneInfo, now: datetime) -> datetime:
    """The first moment after `now` at which a clock there shows `at`, in UTC.

    Where it shows that twice, either counts; where it never does because it is set forward, the moment after.
    """
    return next(moment for moment in _moments(at, where, now.astimezone(where).date()) if moment > now)


def _moments(at: ClockTime, where: ZoneInfo, day: date) -> Iterator[datetime]:
    while True:
        for fold in (0, 1):
            local = datetime.combine(day, time.fromisoformat(at), where).replace(fold=fold)
            if fold == 0 or local.astimezone(UTC).astimezone(where).replace(fold=0) == local.replace(fold=0):
                yield local.astimezone(UTC)
        day += _ONE_DAY
