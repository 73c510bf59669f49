"""The time zones that there are."""

from zoneinfo import available_timezones

from schemas.errors import invalid

# Read once: it looks at many files.
_NAMES = frozenset(available_timezones())


def check_time_zone(name: str) -> None:
    """Raises BusError INVALID for one that does not exist."""
    if name not in _NAMES:
        raise invalid("there is no such time zone; it is written as Europe/Berlin or UTC", field="time_zone")
