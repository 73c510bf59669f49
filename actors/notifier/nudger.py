"""The nudger: says in the stream OUTBOUND that something waits for a chat, and says it again until somebody asks."""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime

from mode import Service
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql import deliveries
from infra.actor import every
from infra.bus import Bus
from infra.cancelled import told_to_stop
from infra.db import statements
from infra.log import get_logger
from infra.stream import OUTBOUND, ensure_stream
from schemas.deliveries import DeliveryQueued
from schemas.errors import BusError
from schemas.ids import ChatId

log = get_logger(__name__)

NUDGE_SECONDS = 12.0
"""So often a chat is named again while something waits for it."""

_SWEEP_SECONDS = 0.25
_AT_ONCE = 500
_CARE_SECONDS = 15.0
_PAUSE = 1.0


class Nudger(Service):
    """Keeps the stream OUTBOUND. It holds nothing that the database does not, so it may be lost whole."""

    abstract = False

    def __init__(self, bus: Bus, engine: AsyncEngine, *, again: float = NUDGE_SECONDS) -> None:
        super().__init__()
        self._bus = bus
        self._engine = engine
        self.again = again
        self._wake = asyncio.Event()
        bus.on_reconnect(self._wake.set)

    @Service.task
    async def _run(self) -> None:
        """After a start and a reconnect: the stream is there, and all that waits is named again."""
        self._wake.set()
        while not self.should_stop:
            await self._wake.wait()
            self._wake.clear()
            try:
                await ensure_stream(self._bus, OUTBOUND)
                async with statements(self._engine) as connection:
                    await deliveries.nudge_all(connection, datetime.now(UTC))
            except (Exception, asyncio.CancelledError) as error:
                if told_to_stop():
                    raise
                log.warning("cannot keep the stream of deliveries yet", error=str(error) or repr(error))
                await self.sleep(_PAUSE)
                self._wake.set()

    async def care(self) -> None:
        """Bring the stream back if somebody took it away."""
        if self._bus.connected:
            await ensure_stream(self._bus, OUTBOUND)

    _cares = every(_CARE_SECONDS)(care)

    async def nudge(self, chats: Collection[ChatId]) -> None:
        """Something waits for these; when that is lost, it is said again."""
        for chat in chats:
            if self._bus.connected:
                await self._bus.publish(DeliveryQueued(address=chat), DeliveryQueued.subject_of(chat))

    async def sweep(self) -> None:
        """Name the chats whose next delivery nobody has asked for, and those whose pause or lease is over."""
        if not self._bus.connected:
            return
        try:
            async with statements(self._engine) as connection:
                chats = await deliveries.forgotten(connection, datetime.now(UTC), self.again, limit=_AT_ONCE)
        except BusError:
            return  # it has been logged, and the next time comes
        await self.nudge(chats)

    _sweeps = every(_SWEEP_SECONDS)(sweep)
