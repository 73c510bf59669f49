"""The ticker: says what time it is."""

import asyncio
from datetime import UTC, datetime
from typing import ClassVar

from mode import Service

from infra.actor import Actor
from infra.bus import Bus
from infra.cancelled import told_to_stop
from infra.log import get_logger
from schemas.base import Role
from schemas.clock import SweepTasks, Swept

log = get_logger(__name__)

_PAUSE = 1.0


class Overdue(Actor):
    """Owns nothing but the time: once a second the store hears how late it is, and says whose deadline that is.

    It names the present moment, so what was missed comes with the next; and any number of tickers do no harm.
    """

    role: ClassVar[Role] = Role.OVERDUE

    def __init__(self, bus: Bus, *, patience: float = 2.0) -> None:
        """`patience` is how many seconds a sweep may take: one that dies with its store delays deadlines by no more."""
        super().__init__(bus)
        self._patience = patience
        self._is_heard = True

    # No `@every`: an answer may take longer than a second, of which a timer would complain each time.
    @Service.task
    async def _run(self) -> None:
        while not self.should_stop:
            await self.tick()
            await self.sleep(_PAUSE)

    async def tick(self) -> None:
        """Again at once while there is more. An outage is logged when it begins and when it is over."""
        try:
            while (await self._sweep()).more and not self.should_stop:
                pass
        except (Exception, asyncio.CancelledError) as error:
            if told_to_stop():
                raise
            self._miss(error)

    async def _sweep(self) -> Swept:
        swept = await self.bus.request(SweepTasks(at=datetime.now(UTC)), timeout=self._patience)
        if not self._is_heard:
            log.info("deadlines are swept again")
        self._is_heard = True
        return swept

    def _miss(self, error: BaseException) -> None:
        if self._is_heard:
            log.warning("deadlines are not swept", error=str(error) or type(error).__name__)
        self._is_heard = False
