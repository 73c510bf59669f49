"""Every reason that the notifier gives for telling somebody where it does."""

import asyncio
import inspect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

from msgspec.structs import replace

from actors.notifier import plans
from actors.notifier.choices import Person, choose, complete
from infra.language.zones import know_zones
from schemas.ids import TelegramId, UserId
from schemas.notices import Kind, KindPreference, Preferences, QuietHours, TelegramMode
from schemas.presence import Presence
from schemas.telegram import Contact

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ANN = UserId(1)

_PRESENCES = (
    None,
    Presence(user=ANN, is_online=True, is_active=True, seen_at=NOW),
    Presence(user=ANN, is_online=True, is_active=False, seen_at=NOW),
    Presence(user=ANN, is_online=False, is_active=False, is_leaving=True, seen_at=NOW),
    Presence(user=ANN, is_online=False, is_active=False, seen_at=None),
    *(
        Presence(user=ANN, is_online=False, is_active=False, seen_at=NOW - timedelta(seconds=seconds))
        for seconds in (47, 300, 10_000, 1_000_000)
    ),
)
_LINKED = Contact(
    user=ANN,
    username="ann",
    name="Ann",
    language=None,
    time_zone="UTC",
    is_active=True,
    telegram=TelegramId(7),
    is_reachable=True,
)
_CONTACTS = (
    None,
    _LINKED,
    replace(_LINKED, telegram=None, is_reachable=False),
    replace(_LINKED, is_reachable=False),
)
_USUAL = Preferences(kinds={})
_WISHES = (
    _USUAL,
    replace(_USUAL, muted_until=NOW + timedelta(days=1)),
    replace(_USUAL, quiet_hours=QuietHours(start="11:00", until="13:00")),
    *(replace(_USUAL, kinds={Kind.ASSIGNED: KindPreference(web=False, telegram=mode)}) for mode in TelegramMode),
)
_OF_TOASTS = ("the browser did not say that it was shown", "no acknowledgement")


def whys() -> Iterator[str]:
    """Each part of a reason once, as it is said; to be asked before any loop runs."""
    asyncio.run(know_zones(("UTC",)))
    said = {part for reason in _reasons() for part in reason.split("; ")}
    source = inspect.getsource(plans)
    said |= {why for why in _OF_TOASTS if f'"{why}"' in source}
    yield from sorted(said)


def _reasons() -> Iterator[str]:
    for presence, contact, wishes, digest in product(_PRESENCES, _CONTACTS, _WISHES, (False, True)):
        person = Person(contact=contact, presence=presence, wishes=complete(wishes))
        yield choose(Kind.ASSIGNED, person, NOW, is_for_digest=digest).reason
