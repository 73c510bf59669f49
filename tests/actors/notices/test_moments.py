from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from actors.notifier.moments import next_time, quiet_until
from infra.language.zones import know_zones, zone
from schemas.notices import QuietHours

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(start="22:00", until="08:00")
LUNCH = QuietHours(start="12:00", until="13:30")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "end"),
    [
        (NIGHT, "2026-11-02T21:30", "2026-11-03T07:00"),
        (NIGHT, "2026-11-03T01:00", "2026-11-03T07:00"),
        (NIGHT, "2026-11-03T06:59", "2026-11-03T07:00"),
        (NIGHT, "2026-11-03T07:00", None),
        (NIGHT, "2026-11-02T20:59", None),
        (NIGHT, "2026-11-02T21:00", "2026-11-03T07:00"),
        (LUNCH, "2026-11-02T11:30", "2026-11-02T12:30"),
        (LUNCH, "2026-11-02T12:30", None),
        (None, "2026-11-02T23:00", None),
    ],
)
def test_quiet_hours_are_those_of_the_clock_on_the_wall(hours: QuietHours | None, now: str, end: str | None) -> None:
    assert quiet_until(hours, BERLIN, utc(now)) == (end and utc(end))


@pytest.mark.parametrize(
    ("now", "end", "length"),
    [
        # 29 March 2026, 2:00 becomes 3:00: that night is an hour shorter.
        ("2026-03-28T21:00", "2026-03-29T06:00", 9),
        # 25 October 2026, 3:00 becomes 2:00: that one is an hour longer.
        ("2026-10-24T20:00", "2026-10-25T07:00", 11),
    ],
)
def test_a_night_in_which_the_clock_jumps_ends_when_the_clock_says_so(now: str, end: str, length: int) -> None:
    until = quiet_until(NIGHT, BERLIN, utc(now))

    assert until == utc(end)
    assert (until - utc(now)).total_seconds() == length * 3600


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_end_both_times() -> None:
    hours = QuietHours(start="22:00", until="02:30")

    # 0:15 UTC is 2:15 in summer, 1:15 UTC is 2:15 in winter.
    assert quiet_until(hours, BERLIN, utc("2026-10-25T00:15")) == utc("2026-10-25T00:30")
    assert quiet_until(hours, BERLIN, utc("2026-10-25T01:15")) == utc("2026-10-25T01:30")


def test_a_moment_that_the_clock_leaves_out_comes_after_the_jump() -> None:
    moment = next_time("02:30", BERLIN, utc("2026-03-28T22:00"))

    assert moment == utc("2026-03-29T01:30")
    assert moment.astimezone(BERLIN).hour == 3


@pytest.mark.parametrize(
    ("where", "now", "moment"),
    [
        ("Europe/Berlin", "2026-11-02T07:59", "2026-11-02T08:00"),
        ("Europe/Berlin", "2026-11-02T08:00", "2026-11-03T08:00"),
        ("Pacific/Auckland", "2026-11-02T19:00", "2026-11-02T20:00"),
        ("America/New_York", "2026-11-01T03:00", "2026-11-01T14:00"),
        ("Asia/Kathmandu", "2026-11-02T00:00", "2026-11-02T03:15"),
    ],
)
def test_the_next_digest_is_at_nine_where_the_person_is(where: str, now: str, moment: str) -> None:
    assert next_time("09:00", ZoneInfo(where), utc(now)) == utc(moment)


async def test_a_zone_that_does_not_exist_is_that_of_greenwich() -> None:
    await know_zones(["Mars/Olympus", "Europe/Paris"])

    assert zone("Mars/Olympus").key == "UTC"
    assert zone("Europe/Paris").key == "Europe/Paris"
