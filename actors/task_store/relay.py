"""The relay: carries events from the store to the bus, at once and, when anything failed, again."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from mode import Service
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql import outbox
from actors.sql.outbox import Place, Waiting
from infra.actor import every
from infra.bus import Bus
from infra.log import get_logger
from infra.stream import EVENTS, StreamPublisher, ensure_stream
from schemas.ids import Seq, TeamId

log = get_logger(__name__)

HORIZON = 10.0
"""Seconds after which an acknowledged event is on disk for sure: JetStream syncs every 2 s (infra/nats.conf)."""

_ORPHANED = 3
"""An event that has waited for this many horizons belongs to a store that is gone."""

_CHUNK = 500
_START: Place = (TeamId(0), Seq(0))


class Relay(Service):
    """Publishes in the order of the history; the message id and the readers' positions make repeats harmless.

    An event leaves the outbox once it was acknowledged HORIZON seconds ago. After a start or a reconnect everything
    that the outbox holds goes out again: the server may have forgotten what it acknowledged.
    """

    abstract = False

    def __init__(self, bus: Bus, engine: AsyncEngine, *, horizon: float = HORIZON) -> None:
        super().__init__()
        self._engine = engine
        self._bus = bus
        self._horizon = horizon
        self._publisher = StreamPublisher(bus, self._on_ack)
        self._fresh: list[Waiting] = []
        self._wake = asyncio.Event()
        self._sweep_due = False
        self._acknowledged: dict[Place, float] = {}
        self._under_way: dict[Place, float] = {}
        bus.on_reconnect(self.sweep)

    def offer(self, events: Iterable[Waiting]) -> None:
        """Publish what was just committed."""
        self._fresh.extend(events)
        self._wake.set()

    def sweep(self) -> None:
        """Publish again all that the outbox holds."""
        self._acknowledged.clear()
        self._under_way.clear()
        self._sweep_due = True
        self._wake.set()

    def _on_ack(self, message_id: str) -> None:
        team, seq = message_id.split(".")
        place = (TeamId(int(team)), Seq(int(seq)))
        self._under_way.pop(place, None)
        self._acknowledged[place] = asyncio.get_running_loop().time()

    async def on_start(self) -> None:
        await self._publisher.open()
        self.sweep()

    async def on_stop(self) -> None:
        """What is committed by now goes out before the bus is closed; the outbox covers the rest."""
        if self._bus.connected:
            await self._publish(self._fresh)

    @Service.task
    async def _run(self) -> None:
        while not self.should_stop:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._work()
            except Exception:
                log.exception("the relay stumbled; it publishes again from the outbox")
                await self.sleep(1.0)
                self.sweep()

    async def _work(self) -> None:
        if self._sweep_due:
            self._sweep_due = False
            await ensure_stream(self._bus, EVENTS)
            await self._publish_waiting(datetime.now(UTC))
        while self._fresh:
            events, self._fresh = self._fresh, []
            await self._publish(events)

    async def _publish_waiting(self, before: datetime) -> None:
        after = _START
        while True:
            async with self._engine.connect() as connection:
                events = await outbox.waiting(connection, after, before, limit=_CHUNK)
            if not events:
                return
            after = (events[-1].team, events[-1].seq)
            known = self._acknowledged.keys() | self._under_way.keys()
            await self._publish([event for event in events if (event.team, event.seq) not in known])
            await self._bus.flush()

    async def _publish(self, events: list[Waiting]) -> None:
        now = asyncio.get_running_loop().time()
        for event in events:
            self._under_way[event.team, event.seq] = now
            await self._publisher.publish(
                f"evt.{event.type}.{event.team}",
                event.payload.encode(),
                message_id=f"{event.team}.{event.seq}",
                trace=event.trace,
            )

    async def forget_safe(self) -> None:
        """Delete what was acknowledged long enough ago."""
        now = asyncio.get_running_loop().time()
        safe = [place for place, at in self._acknowledged.items() if at <= now - self._horizon]
        if safe:
            async with self._engine.begin() as connection:
                await outbox.delete(connection, safe)
            for place in safe:
                self._acknowledged.pop(place, None)

    _forgets = every(1.0)(forget_safe)

    async def retry_lost(self) -> None:
        """Publish again what nobody acknowledged: ours whose answer was lost, and those of a store that is gone."""
        if not self._bus.connected:
            return
        now = asyncio.get_running_loop().time()
        lost = [place for place, at in self._under_way.items() if at <= now - self._horizon]
        for place in lost:
            del self._under_way[place]
        patience = self._horizon * (1 if lost else _ORPHANED)
        await self._publish_waiting(datetime.now(UTC) - timedelta(seconds=patience))

    _retries = every(HORIZON)(retry_lost)
