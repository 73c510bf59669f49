"""The relay: carries events from the store to the bus, at once and, when anything failed, again."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from mode import Service
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql import outbox
from actors.sql.outbox import Place, Waiting
from actors.task_store.receipts import Receipts
from infra.actor import every
from infra.bus import Bus
from infra.cancelled import told_to_stop
from infra.log import get_logger
from infra.stream import EVENTS, Outgoing, StreamPublisher, ensure_stream
from schemas.base import event_id, event_subject
from schemas.ids import Seq, TeamId

log = get_logger(__name__)

HORIZON = 10.0
"""Seconds after which an acknowledged event is on disk for sure: JetStream syncs every 2 s (infra/nats.conf)."""

_ORPHANED = 3
"""An event that has waited for this many horizons belongs to a store that is gone."""

_CHUNK = 100
"""Batches read from the outbox at once."""
_TOGETHER = 500
"""Events that the stream answers for at once."""
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
        self._publisher = StreamPublisher(bus, self._on_stored)
        self._fresh: list[Waiting] = []
        self._wake = asyncio.Event()
        self._sweep_due = False
        self._receipts = Receipts(time.monotonic)
        bus.on_reconnect(self.sweep)

    def offer(self, events: Iterable[Waiting]) -> None:
        """Publish what was just committed."""
        self._fresh.extend(events)
        self._wake.set()

    def sweep(self) -> None:
        """Publish again all that the outbox holds."""
        self._receipts.doubt_everything()
        self._sweep_due = True
        self._wake.set()

    def _on_stored(self, number: int) -> None:
        self._receipts.arrive(number)

    async def on_start(self) -> None:
        await self._publisher.open()
        self.sweep()

    async def on_stop(self) -> None:
        """What is committed by now goes out before the bus is closed; the outbox covers the rest."""
        if self._bus.connected:
            await self._publish(self._fresh)
        await self._publisher.close()

    @Service.task
    async def _run(self) -> None:
        while not self.should_stop:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._work()
            except (Exception, asyncio.CancelledError):
                if told_to_stop():
                    raise
                log.exception("the relay stumbled; it publishes again from the outbox")
                await self.sleep(1.0)
                self.sweep()

    async def _work(self) -> None:
        # What is new first: people wait for it, and whatever fails below, the outbox holds it too.
        while self._fresh:
            events, self._fresh = self._fresh, []
            await self._publish(events)
        if self._sweep_due:
            self._sweep_due = False
            await ensure_stream(self._bus, EVENTS)
            await self._publish_waiting(datetime.now(UTC))

    async def _publish_waiting(self, before: datetime) -> None:
        after = _START
        while True:
            async with self._engine.connect() as connection:
                events = await outbox.waiting(connection, after, before, limit=_CHUNK)
            if not events:
                return
            after = (events[-1].team, events[-1].first)
            await self._publish([event for event in events if not self._receipts.knows(event.place)])
            await self._bus.flush()

    async def _publish(self, events: list[Waiting]) -> None:
        for together in grouped(events):
            # Known before it is sent: the answer may be quicker than we are.
            number = self._receipts.send(dict.fromkeys(event.place for event in together))
            messages = [message for event in together if (message := self._message(event))]
            if messages:
                await self._publisher.publish(number, messages)
            else:
                self._receipts.arrive(number)

    def _message(self, event: Waiting) -> Outgoing | None:
        subject, payload = event_subject(event.type, event.team), event.payload.encode()
        if self._bus.carries(payload):
            return Outgoing(subject, payload, event_id(event.team, event.seq), event.trace)
        # Readers find the hole and ask for it. It must not stand in the way of all others for ever.
        log.error("an event is larger than the bus carries", subject=subject, bytes=len(payload))
        return None

    async def forget_safe(self) -> None:
        """Delete what was acknowledged long enough ago, by the server that we still speak with."""
        if not await self._bus.flush():
            return
        safe = self._receipts.arrived_before(time.monotonic() - self._horizon)
        if safe:
            async with self._engine.begin() as connection:
                await outbox.delete(connection, safe)
            self._receipts.forget(safe)

    _forgets = every(1.0)(forget_safe)

    async def retry_lost(self) -> None:
        """Publish again what nobody acknowledged: ours whose answer was lost, and those of a store that is gone."""
        if not self._bus.connected:
            return
        lost = self._receipts.give_up(time.monotonic() - self._horizon)
        patience = self._horizon * (1 if lost else _ORPHANED)
        await self._publish_waiting(datetime.now(UTC) - timedelta(seconds=patience))

    _retries = every(HORIZON)(retry_lost)


def grouped(events: Iterable[Waiting]) -> Iterator[list[Waiting]]:
    """What goes out together, some hundreds each: what one batch did to a team stays in order and in one piece."""
    together: list[Waiting] = []
    # A batch goes to and fro between teams.
    for event in sorted(events, key=lambda event: event.place):
        if len(together) >= _TOGETHER and event.place != together[-1].place:
            yield together
            together = []
        together.append(event)
    if together:
        yield together
