import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from actors.notifier.choices import Person, choose, complete
from actors.notifier.stages import DIGEST, QUIET, SETTLED
from infra.language.zones import know_zones
from schemas.ids import TelegramId
from schemas.notices import Channel, Kind, KindPreference, Preferences, QuietHours, TelegramMode
from schemas.presence import Presence
from schemas.telegram import Contact
from tests.actors.notices.happened import BOB, NOON

CONTACT = Contact(
    user=BOB,
    username="bob",
    name="Bob",
    language=None,
    time_zone="Europe/Berlin",
    is_active=True,
    telegram=TelegramId(99),
    is_reachable=True,
)
AWAY = Presence(user=BOB, is_online=False, is_active=False, seen_at=NOON - timedelta(seconds=47))
HERE = Presence(user=BOB, is_online=True, is_active=True, seen_at=NOON)


@pytest.fixture(autouse=True, scope="module")
def _zones() -> None:
    asyncio.run(know_zones(["Europe/Berlin"]))


def person(presence: Presence | None = AWAY, contact: Contact | None = CONTACT, **wishes: Any) -> Person:
    return Person(contact=contact, presence=presence, wishes=Preferences(**{"kinds": {}} | wishes))


def wish(**more: Any) -> dict[Kind, KindPreference]:
    return {Kind.ASSIGNED: KindPreference(**more)}


@pytest.mark.parametrize(
    ("who", "channel", "is_now", "reason"),
    [
        (person(HERE), Channel.TOAST, True, "active in the web"),
        (person(replace(AWAY, is_leaving=True)), Channel.TOAST, True, "active in the web a moment ago"),
        (person(HERE, kinds=wish(web=False)), Channel.TELEGRAM, True, "web is off for this kind"),
        (person(), Channel.TELEGRAM, True, "last heartbeat 47 s ago"),
        (person(replace(AWAY, seen_at=NOON - timedelta(hours=5))), Channel.TELEGRAM, True, "last heartbeat 5 h ago"),
        (person(replace(AWAY, seen_at=None)), Channel.TELEGRAM, True, "not in the web"),
        (person(replace(HERE, is_active=False)), Channel.TELEGRAM, True, "in the web, but not active there"),
        (person(None), Channel.TELEGRAM, True, "it is not known who is in the web"),
        (
            person(contact=replace(CONTACT, telegram=None, is_reachable=False)),
            Channel.TELEGRAM,
            False,
            "last heartbeat 47 s ago; Telegram is not linked",
        ),
        (
            person(contact=replace(CONTACT, is_reachable=False)),
            Channel.TELEGRAM,
            False,
            "last heartbeat 47 s ago; the bot may not write to them on Telegram",
        ),
        (person(contact=None), Channel.TELEGRAM, False, "last heartbeat 47 s ago; the account is not active"),
        (
            person(kinds=wish(telegram=TelegramMode.OFF)),
            Channel.TELEGRAM,
            False,
            "last heartbeat 47 s ago; Telegram is off for this kind",
        ),
        (
            person(muted_until=NOON + timedelta(hours=2)),
            Channel.TELEGRAM,
            False,
            "last heartbeat 47 s ago; muted until 2026-11-02 15:00",
        ),
        (person(muted_until=NOON), Channel.TELEGRAM, True, "last heartbeat 47 s ago"),
    ],
)
def test_there_is_a_reason_for_each_way(who: Person, channel: Channel, is_now: bool, reason: str) -> None:  # noqa: FBT001
    choice = choose(Kind.ASSIGNED, who, NOON)

    assert (choice.channel, choice.is_now, choice.reason) == (channel, is_now, reason)
    assert choice.stage == SETTLED


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_what_comes_in_quiet_hours_waits_for_their_end() -> None:
    choice = choose(Kind.ASSIGNED, person(quiet_hours=QuietHours(start="12:00", until="14:00")), NOON)

    assert (choice.is_now, choice.stage, choice.at) == (False, QUIET, at("2026-11-02T13:00+00:00"))
    assert choice.reason == "last heartbeat 47 s ago; quiet hours until 14:00"


def test_quiet_hours_do_not_keep_a_toast_from_whoever_is_there() -> None:
    who = person(HERE, quiet_hours=QuietHours(start="12:00", until="14:00"))

    assert choose(Kind.ASSIGNED, who, NOON).channel is Channel.TOAST


def test_what_is_kept_for_the_digest_waits_for_it_and_is_then_sent() -> None:
    who = person(kinds=wish(telegram=TelegramMode.DIGEST), digest_at="09:00")

    kept = choose(Kind.ASSIGNED, who, NOON)
    assert (kept.is_now, kept.stage, kept.at) == (False, DIGEST, at("2026-11-03T08:00+00:00"))
    assert kept.reason == "last heartbeat 47 s ago; kept for the digest at 09:00"

    sent = choose(Kind.ASSIGNED, who, NOON, is_for_digest=True)
    assert (sent.channel, sent.is_now, sent.reason) == (Channel.TELEGRAM, True, "the digest is due")


def test_a_digest_does_not_break_quiet_hours() -> None:
    hours = QuietHours(start="12:00", until="14:00")
    who = person(kinds=wish(telegram=TelegramMode.DIGEST), quiet_hours=hours)

    choice = choose(Kind.ASSIGNED, who, NOON, is_for_digest=True)

    assert (choice.is_now, choice.stage, choice.at) == (False, DIGEST, at("2026-11-02T13:00+00:00"))


def test_a_toast_that_was_missed_goes_to_telegram_whoever_says_what_of_presence() -> None:
    choice = choose(Kind.ASSIGNED, person(HERE), NOON, missed="nobody saw it")

    assert (choice.channel, choice.is_now, choice.reason) == (Channel.TELEGRAM, True, "nobody saw it")


def test_all_kinds_are_named_to_whoever_asks() -> None:
    wishes = complete(Preferences(kinds=wish(web=False)))

    assert set(wishes.kinds) == set(Kind)
    assert not wishes.kinds[Kind.ASSIGNED].web
    assert wishes.kinds[Kind.OVERDUE] == KindPreference()
