"""What the notifier asks others, however many it asks about."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from infra.bus import Bus
from infra.log import get_logger
from schemas.errors import BusError, ErrorCode
from schemas.ids import TeamId, TelegramId, UserId
from schemas.members import ListStandings, Standing
from schemas.presence import Presence, WhoIsHere
from schemas.telegram import Contact, FindTelegramUser, ListContacts

log = get_logger(__name__)

_PAIRS = 5000
_PEOPLE = 1000
_AWAY = (ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED)
_PRESENCE_SECONDS = 1.0
"""Rather send a message too many than let everybody wait for it."""

T = TypeVar("T")


def chunks(things: Collection[T], size: int) -> Iterator[Sequence[T]]:
    """All of them, so many at a time."""
    row = tuple(things)
    for start in range(0, len(row), size):
        yield row[start : start + size]


async def standings(bus: Bus, pairs: Collection[tuple[TeamId, UserId]]) -> Mapping[tuple[TeamId, UserId], Standing]:
    """What these are in those teams, of those who are anything. Raises BusError."""
    found: list[Standing] = []
    for some in chunks(pairs, _PAIRS):
        found += await bus.request(ListStandings(of=tuple(some)))
    return {(one.team, one.user): one for one in found}


async def contacts(bus: Bus, users: Collection[UserId]) -> Mapping[UserId, Contact]:
    """How these people are told something, of those who exist. Raises BusError."""
    found: list[Contact] = []
    for some in chunks(users, _PEOPLE):
        found += await bus.request(ListContacts(users=tuple(some)))
    return {one.user: one for one in found}


async def owner_of(bus: Bus, telegram: TelegramId) -> UserId | None:
    """Who is linked to a Telegram account now, if they are active. Raises BusError."""
    try:
        return (await bus.request(FindTelegramUser(telegram=telegram))).id
    except BusError as error:
        if error.code is ErrorCode.NOT_FOUND:
            return None
        raise


async def presences(bus: Bus, users: Collection[UserId]) -> Mapping[UserId, Presence]:
    """How these people are here; nobody is named when that cannot be known now."""
    found: list[Presence] = []
    try:
        for some in chunks(users, _PEOPLE):
            found += await bus.request(WhoIsHere(users=tuple(some)), timeout=_PRESENCE_SECONDS)
    except BusError as error:
        if error.code not in _AWAY:
            raise
        log.warning("presence is unknown now", error=error.detail)
        return {}
    return {one.user: one for one in found}
