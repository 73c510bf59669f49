"""The announcer: tells everybody who has changed, at once and, when anything failed, again."""

import time
from collections.abc import Iterable

import msgspec
from mode import Service
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql import announcements
from infra.actor import every
from infra.bus import Bus
from infra.db import transaction
from infra.log import get_logger
from infra.stream import Outgoing, StreamPublisher
from infra.telemetry import current_trace
from schemas.accounts import AccountUpdated, User, account_event_id
from schemas.ids import UserId

log = get_logger(__name__)

HORIZON = 5.0
"""Seconds after which an acknowledged event is on disk for sure: JetStream syncs every 2 s (infra/nats.conf)."""

_CHUNK = 500
_NOBODY = UserId(0)

_encode = msgspec.json.Encoder().encode


class Announcer(Service):
    """Publishes users as they are now. The database says who is still to be announced, so nobody is forgotten.

    The message id makes repeats harmless in the stream, and their version makes them so for live readers.
    """

    abstract = False

    def __init__(self, bus: Bus, engine: AsyncEngine, *, horizon: float = HORIZON) -> None:
        super().__init__()
        self._bus = bus
        self._engine = engine
        self._horizon = horizon
        self._publisher = StreamPublisher(bus, self._on_stored)
        self._last = self._last_swept = 0
        self._under_way: dict[int, list[str]] = {}
        self._acknowledged: dict[str, float] = {}
        bus.on_reconnect(self._doubt_everything)

    async def on_start(self) -> None:
        await self._publisher.open()
        self._doubt_everything()

    async def on_stop(self) -> None:
        await self._publisher.close()

    def _on_stored(self, number: int) -> None:
        for message_id in self._under_way.pop(number, ()):
            self._acknowledged.setdefault(message_id, time.monotonic())

    def _doubt_everything(self) -> None:
        """The server may have forgotten what it acknowledged last."""
        self._under_way.clear()
        self._acknowledged.clear()

    async def announce(self, changed: Iterable[User]) -> None:
        """Publish what was just committed; if that fails, the next sweep does it."""
        if not self._bus.connected:
            return
        messages = [
            Outgoing(
                AccountUpdated.subject_of(user.id),
                _encode(AccountUpdated(user=user)),
                account_event_id(user),
                current_trace(),
            )
            for user in changed
        ]
        if messages:
            self._last += 1
            self._under_way[self._last] = [message.message_id for message in messages]
            await self._publisher.publish(self._last, messages)

    async def sweep(self) -> None:
        """Publish all that nobody has acknowledged, and forget what has been safe for long enough."""
        if not await self._bus.flush():
            return
        # What had gone out by the last time and has not arrived since is lost.
        self._under_way = {n: ids for n, ids in self._under_way.items() if n > self._last_swept}
        self._last_swept = self._last
        safe_since, after = time.monotonic() - self._horizon, _NOBODY
        while waiting := await self._waiting(after):
            after = waiting[-1].id
            arrived = {user: self._acknowledged.get(account_event_id(user)) for user in waiting}
            await self.announce(user for user, at in arrived.items() if at is None)
            await self._let_go([user for user, at in arrived.items() if at is not None and at <= safe_since])

    _sweeps = every(2.0)(sweep)

    async def _waiting(self, after: UserId) -> list[User]:
        async with transaction(self._engine) as connection:
            return await announcements.unannounced(connection, after, limit=_CHUNK)

    async def _let_go(self, safe: list[User]) -> None:
        if not safe:
            return
        async with transaction(self._engine) as connection:
            await announcements.mark(connection, safe)
        for user in safe:
            self._acknowledged.pop(account_event_id(user), None)
