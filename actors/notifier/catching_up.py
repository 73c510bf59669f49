"""Catching up: the task store says where teams stand, so nothing is missed whatever the bus loses."""

import asyncio
import time
from collections.abc import AsyncGenerator

from mode import Service
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.notifier.intake import Intake, Wanted
from actors.sql import intake as sql
from infra.bus import Bus
from infra.cancelled import told_to_stop
from infra.db import statements, transaction
from infra.log import get_logger
from schemas.replay import ListPositions, Position

log = get_logger(__name__)

COMPARE_SECONDS = 60.0
"""So often positions are compared."""

_DOUBT_SECONDS = 10.0
"""So long after a reconnect positions are compared all the time: others may still be on their way back."""

_TEAMS_AT_ONCE = 1000
_PAUSE = 1.0


class CatchUp(Service):
    """Reads what was not heard: at the start, after each reconnect, when we were too slow, and every minute.

    The very first time it takes everything as known, so that a new notifier does not tell all of the past.
    """

    abstract = False

    def __init__(self, bus: Bus, engine: AsyncEngine, intake: Intake, *, pause: float = COMPARE_SECONDS) -> None:
        super().__init__()
        self._bus = bus
        self._engine = engine
        self._intake = intake
        self._pause = pause
        self.has_stood = asyncio.Event()
        """Since then it is known where to begin."""
        self._wake = asyncio.Event()
        self._doubtful_until = 0.0
        bus.on_reconnect(self._doubt)
        bus.on_drop(self._doubt)

    def _doubt(self) -> None:
        self._doubtful_until = time.monotonic() + _DOUBT_SECONDS
        self._wake.set()

    @Service.task
    async def _run(self) -> None:
        while not self.should_stop:
            pause = self._pause
            try:
                await self._compare()
                if time.monotonic() < self._doubtful_until:
                    pause = min(_PAUSE, pause)
            except (Exception, asyncio.CancelledError) as error:
                if told_to_stop():
                    raise
                log.warning("cannot compare positions yet", error=repr(error))
                pause = _PAUSE
            await self._rest(pause)

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
        self._wake.clear()

    async def _compare(self) -> None:
        if not self.has_stood.is_set():
            await self._stand()
            self.has_stood.set()
        async for positions in self._positions():
            async with statements(self._engine) as connection:
                behind = await sql.behind(connection, positions)
            if behind:
                await self._intake.work_off({one.team: Wanted(one.seq) for one in behind})

    async def _stand(self) -> None:
        async with statements(self._engine) as connection:
            if await sql.has_stood(connection):
                return
        everywhere = [position async for positions in self._positions() for position in positions]
        async with transaction(self._engine) as connection:
            await sql.begin(connection, everywhere)

    async def _positions(self) -> AsyncGenerator[list[Position]]:
        after = None
        while page := await self._bus.request(ListPositions(after=after, limit=_TEAMS_AT_ONCE)):
            yield page
            after = page[-1].team
