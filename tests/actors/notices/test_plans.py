import asyncio
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from actors.notifier.choices import Person
from actors.notifier.plans import Lengths, Plan, Planner
from actors.notifier.stages import DIGEST, HELD, NEW, QUEUED, TOASTED
from actors.sql.recipients import Recipient
from actors.sql.routing import Open, Pace, Tried
from infra.language.zones import know_zones
from schemas.ids import NoticeId
from schemas.notices import Channel, Kind, Preferences, State
from tests.actors.notices.happened import BOB, NOON
from tests.actors.notices.test_choices import AWAY, CONTACT, HERE

LENGTHS = Lengths(toast=5, gather=0.5, window=10, messages=5)
REST = Pace(BOB, 0, since=None, told=0, held_until=None)
GONE = Person(contact=CONTACT, presence=AWAY, wishes=Preferences(kinds={}))
UNKNOWN = Person(contact=CONTACT, presence=None, wishes=Preferences(kinds={}))
THERE = Person(contact=CONTACT, presence=HERE, wishes=Preferences(kinds={}))

_ids = count(1)


@pytest.fixture(autouse=True, scope="module")
def _zones() -> None:
    asyncio.run(know_zones(["Europe/Berlin"]))


def row(stage: str = NEW, kind: Kind = Kind.ASSIGNED, **more: Any) -> Open:
    values: dict[str, Any] = {"next_at": NOON, "attempts": (), "whole": None} | more
    return Open(id=NoticeId(next(_ids)), recipient=BOB, thread=0, kind=kind, stage=stage, **values)


def shown(seconds: float) -> Open:
    """A toast that was shown, and may be acknowledged for so long."""
    tried = Tried(channel=Channel.TOAST, state=State.SENDING, reason="active in the web", at=NOON, tries=1)
    return row(TOASTED, next_at=NOON + timedelta(seconds=seconds), attempts=(tried,))


def plan(*rows: Open, who: Person = GONE, pace: Pace = REST) -> Plan:
    return Planner(NOON, LENGTHS).for_person(Recipient(BOB), rows, who, pace)


def stages(made: Plan) -> list[str]:
    return [moved.stage for moved in made.moved]


def test_one_notice_goes_at_once() -> None:
    made = plan(row())

    assert stages(made) == [QUEUED]
    assert len(made.send) == 1
    assert (made.pace.since, made.pace.told) == (NOON, 1)


def test_several_at_once_wait_a_moment_for_the_others() -> None:
    made = plan(row(), row())

    assert stages(made) == [HELD, HELD]
    assert (made.send, made.toast) == ([], [])
    assert {moved.next_at for moved in made.moved} == {NOON + timedelta(seconds=0.5)}


def test_whoever_comes_while_others_wait_waits_with_them() -> None:
    until = NOON + timedelta(seconds=0.2)
    made = plan(row(), pace=Pace(BOB, 0, since=None, told=0, held_until=until))

    assert [moved.next_at for moved in made.moved] == [until]


def test_then_they_are_told_as_one_together_with_what_is_new() -> None:
    made = plan(row(HELD), row(HELD), row(), who=THERE, pace=Pace(BOB, 0, since=None, told=0, held_until=NOON))

    assert len(made.toast) == 3
    assert {moved.toast for moved in made.moved} == {made.toast[0].id}
    assert made.pace.held_until is None


def test_after_some_messages_in_ten_seconds_the_rest_is_held_until_those_are_over() -> None:
    since = NOON - timedelta(seconds=4)
    held = plan(row(), pace=Pace(BOB, 0, since=since, told=5, held_until=None))
    assert [moved.next_at for moved in held.moved] == [since + timedelta(seconds=10)]

    fourth = plan(row(), pace=Pace(BOB, 0, since=since, told=4, held_until=None))
    assert (stages(fourth), fourth.pace.told, fourth.pace.since) == ([QUEUED], 5, since)

    later = plan(row(), pace=Pace(BOB, 0, since=NOON - timedelta(seconds=10), told=5, held_until=None))
    assert (stages(later), later.pace.told, later.pace.since) == ([QUEUED], 1, NOON)


def test_a_toast_that_may_still_be_acknowledged_is_left_alone() -> None:
    assert stages(plan(shown(seconds=1), who=THERE)) == []


def test_a_toast_that_nobody_acknowledged_goes_to_telegram() -> None:
    made = plan(shown(seconds=0), who=THERE)

    assert stages(made) == [QUEUED]
    toast, telegram = made.moved[0].attempts
    assert (toast.channel, toast.state, toast.error) == (Channel.TOAST, State.FAILED, "no acknowledgement")
    assert telegram.reason == "the browser did not say that it was shown"


def test_a_toast_follows_whoever_leaves_and_nothing_overtakes_it() -> None:
    old, new = shown(seconds=3), row()
    made = plan(old, new)

    assert made.send == [old.id, new.id]
    assert made.moved[0].attempts[-1].reason == "last heartbeat 47 s ago"


def test_when_presence_is_not_known_a_toast_waits_for_its_time() -> None:
    assert stages(plan(shown(seconds=1), who=UNKNOWN)) == []


def test_when_presence_is_not_known_a_toast_is_not_overtaken_by_a_message() -> None:
    old, new = shown(seconds=1), row()

    assert plan(old, new, who=UNKNOWN).send == [old.id, new.id]


def test_a_digest_is_one_message_and_says_so() -> None:
    made = plan(*(row(DIGEST) for _ in range(30)))

    assert (len(made.send), made.is_digest) == (30, True)


def test_what_waited_has_waited_no_more_when_it_goes() -> None:
    waiting = Tried(channel=Channel.TELEGRAM, state=State.WAITING, reason="kept for the digest at 09:00", at=NOON)
    made = plan(row(DIGEST, attempts=(waiting,)))

    assert [attempt.reason for attempt in made.moved[0].attempts] == ["the digest is due"]
