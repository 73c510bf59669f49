"""The ticker: says what time it is."""

from datetime import UTC, datetime
from typing import ClassVar

from infra.actor import Actor, every
from infra.bus import Bus
from infra.log import get_logger
from schemas.base import Role
from schemas.clock import SweepTasks
from schemas.errors import BusError

log = get_logger(__name__)


class Overdue(Actor):
    """Owns nothing but the time: once a second the store hears how late it is, and says whose deadline that is.

    It names the present moment, so what was missed comes with the next; and any number of tickers do no harm.
    """

    role: ClassVar[Role] = Role.OVERDUE

    def __init__(self, bus: Bus, *, patience: float = 10.0) -> None:
        """`patience` is how many seconds a sweep may take; the next one then catches up."""
        super().__init__(bus)
        self._patience = patience
        self._is_heard = True

    async def tick(self) -> None:
        """Again at once while there is more: only when all is said, or nobody listens, the next second begins."""
        while not self.should_stop and await self._sweep():
            pass

    _ticks = every(1.0)(tick)

    async def _sweep(self) -> bool:
        """Whether there is more. An outage is logged when it begins and when it is over, not each second."""
        try:
            swept = await self.bus.request(SweepTasks(at=datetime.now(UTC)), timeout=self._patience)
        except BusError as error:
            if self._is_heard:
                log.warning("deadlines are not swept", code=error.code.name, error=error.detail)
            self._is_heard = False
            return False
        if not self._is_heard:
            log.info("deadlines are swept again")
        self._is_heard = True
        return swept.more
