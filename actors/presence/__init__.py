"""Presence: who is here, active, and which boards they have open."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import ClassVar

from actors.presence.memory import USUAL, Lengths, Memory, News
from infra.actor import Actor, every, handle, handle_batch
from infra.bus import Bus
from infra.log import get_logger
from infra.mailbox import Envelope
from infra.redis import Redis
from schemas.base import Role
from schemas.errors import BusError
from schemas.presence import AT_ONCE, Beat, ConnectionId, Presence, TakeBeats, Viewer, WhoIsHere, WhoIsOnBoard

log = get_logger(__name__)

__all__ = ["USUAL", "Lengths", "PresenceActor"]

_BUNDLES = 8
_WAITING = 64
"""Bundles, each of up to a thousand heartbeats; the next ones say the same soon."""


class PresenceActor(Actor):
    """Owns who is here: which connections have had a heartbeat lately, and what that says of people and boards.

    It keeps nothing itself, so any number of it may run, stop and start; whichever makes something true announces it.
    An announcement may be lost with the process, so whoever follows them asks from time to time.
    """

    role: ClassVar[Role] = Role.PRESENCE

    def __init__(self, bus: Bus, redis: Redis, lengths: Lengths = USUAL) -> None:
        super().__init__(bus)
        self._memory = Memory(redis, lengths)

    @handle_batch(limit=_BUNDLES, capacity=_WAITING)
    async def take(self, bundles: list[Envelope[TakeBeats]]) -> Sequence[None]:
        changes = iter(_newest(bundles).items())
        while some := dict(islice(changes, AT_ONCE)):
            await self._announce(await self._memory.take(some))
        return [None] * len(bundles)

    @handle
    async def who(self, query: WhoIsHere) -> list[Presence]:
        found, news = await self._memory.who(query.users)
        await self._announce(news)
        return found

    @handle
    async def board(self, query: WhoIsOnBoard) -> list[Viewer]:
        found, news = await self._memory.board(query.team)
        await self._announce(news)
        return found

    async def sweep(self) -> None:
        """Notice who has gone without a word."""
        more = True
        while more:
            try:
                more, news = await self._memory.sweep()
            except BusError:
                return  # it has been logged, and the next time comes
            await self._announce(news)

    _sweeps = every(1.0)(sweep)

    async def _announce(self, news: Iterable[News]) -> None:
        """It is true already: whatever fails from here on must not say otherwise."""
        try:
            for event in news:
                if self.bus.connected:
                    await self.bus.publish(event, event.subject_of(event.user))
        except Exception:
            log.exception("what is new could not be told")


def _newest(bundles: Sequence[Envelope[TakeBeats]]) -> dict[ConnectionId, Beat | None]:
    """What was said last of each connection; None is that it has gone."""
    changes: dict[ConnectionId, Beat | None] = {}
    for envelope in bundles:
        changes |= {beat.connection: beat for beat in envelope.message.beats}
        changes |= dict.fromkeys(envelope.message.gone)
    return changes
