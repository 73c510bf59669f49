"""Where one notice goes, and why: decided from what is known of the person, in words that they can read."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from actors.notifier.moments import next_time, quiet_until
from actors.notifier.stages import DIGEST, QUIET, SETTLED
from infra.language.zones import zone
from schemas.notices import Channel, Kind, KindPreference, Preferences, TelegramMode
from schemas.presence import Presence
from schemas.telegram import Contact

_USUAL = KindPreference()


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Told on a channel now; or later, from `stage` on; or nowhere but in the inbox."""

    channel: Channel = Channel.TELEGRAM
    is_now: bool = False
    stage: str = SETTLED
    at: datetime | None = None
    reason: str


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of somebody when they are to be told something."""

    contact: Contact | None
    presence: Presence | None
    """None where it is not known."""
    wishes: Preferences

    def wish(self, kind: Kind) -> KindPreference:
        """Where they want to be told of it."""
        return self.wishes.kinds.get(kind, _USUAL)


def complete(wishes: Preferences) -> Preferences:
    """With all kinds named."""
    kinds: Mapping[Kind, KindPreference] = {kind: wishes.kinds.get(kind, _USUAL) for kind in Kind}
    return msgspec.structs.replace(wishes, kinds=kinds)


def choose(
    kind: Kind, person: Person, now: datetime, *, is_for_digest: bool = False, missed: str | None = None
) -> Choice:
    """`is_for_digest`: it was kept for the digest, and that is due; `missed`: why a toast did not reach them."""
    if is_for_digest:
        return _on_telegram(kind, person, now, "the digest is due", is_digest=True)
    if missed is not None:
        return _on_telegram(kind, person, now, missed)
    absence = why_absent(person.presence, now)
    if absence is None and person.wish(kind).web:
        return Choice(channel=Channel.TOAST, is_now=True, reason=_why_here(person.presence))
    return _on_telegram(kind, person, now, absence or "web is off for this kind")


def why_absent(presence: Presence | None, now: datetime) -> str | None:
    """None of those who would see a toast."""
    if presence is None:
        return "it is not known who is in the web"
    if presence.is_active or presence.is_leaving:
        return None  # whoever leaves for good acknowledges no toast
    if presence.is_online:
        return "in the web, but not active there"
    if presence.seen_at is None:
        return "not in the web"
    return f"last heartbeat {_ago(now - presence.seen_at)} ago"


def _why_here(presence: Presence | None) -> str:
    return "active in the web" if presence and presence.is_active else "active in the web a moment ago"


def _ago(age: timedelta) -> str:
    seconds = max(0, round(age.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _on_telegram(kind: Kind, person: Person, now: datetime, reason: str, *, is_digest: bool = False) -> Choice:
    if (refusal := _why_not(kind, person, now)) is not None:
        return Choice(reason=f"{reason}; {refusal}")
    return _when(kind, person, now, reason, is_digest=is_digest)


def _why_not(kind: Kind, person: Person, now: datetime) -> str | None:
    contact, wishes = person.contact, person.wishes
    if contact is None or not contact.is_active:
        return "the account is not active"
    if person.wish(kind).telegram is TelegramMode.OFF:
        return "Telegram is off for this kind"
    if contact.telegram is None:
        return "Telegram is not linked"
    if not contact.is_reachable:
        return "the bot may not write to them on Telegram"
    if wishes.muted_until is not None and wishes.muted_until > now:
        return f"muted until {_shown(wishes.muted_until, contact, '%Y-%m-%d %H:%M')}"
    return None


def _when(kind: Kind, person: Person, now: datetime, reason: str, *, is_digest: bool) -> Choice:
    wishes, contact = person.wishes, person.contact
    where = zone(contact.time_zone if contact else "UTC")
    if person.wish(kind).telegram is TelegramMode.DIGEST and not is_digest:
        why = f"{reason}; kept for the digest at {wishes.digest_at}"
        return Choice(stage=DIGEST, at=next_time(wishes.digest_at, where, now), reason=why)
    if (end := quiet_until(wishes.quiet_hours, where, now)) is not None and wishes.quiet_hours is not None:
        why = f"{reason}; quiet hours until {wishes.quiet_hours.until}"
        return Choice(stage=DIGEST if is_digest else QUIET, at=end, reason=why)
    return Choice(is_now=True, reason=reason)


def _shown(moment: datetime, contact: Contact, form: str) -> str:
    return moment.astimezone(zone(contact.time_zone)).strftime(form)
