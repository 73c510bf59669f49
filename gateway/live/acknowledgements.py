"""Tells the notifier which notices have been shown, several at once."""

import asyncio
from itertools import islice

from mode import Service

from infra.bus import Bus
from infra.log import get_logger
from schemas.errors import BusError, ErrorCode
from schemas.ids import NoticeId, UserId
from schemas.notices import AT_ONCE, AcknowledgeToasts

log = get_logger(__name__)

_PAUSE = 0.1
_RETRY_SECONDS = 1.0
_AT_A_TIME = 32
_MOST_PEOPLE = 10_000
_AGAIN = (ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED)

Shown = dict[NoticeId, None]
"""Ids in order, each once."""


class Acknowledgements(Service):
    """Collects them by person. While the notifier is away they wait; what it refuses is logged and forgotten."""

    def __init__(self, bus: Bus) -> None:
        super().__init__()
        self._bus = bus
        self._waiting: dict[UserId, Shown] = {}
        self._filled = asyncio.Event()

    def add(self, user: UserId, notices: tuple[NoticeId, ...]) -> None:
        """A page of theirs has shown these. Beyond what anybody can read at once they are dropped."""
        if user not in self._waiting and len(self._waiting) >= _MOST_PEOPLE:
            return
        shown = self._waiting.setdefault(user, {})
        shown |= dict.fromkeys(notices[: AT_ONCE - len(shown)])
        self._filled.set()

    @Service.task
    async def _send_always(self) -> None:
        while not self.should_stop:
            await self._filled.wait()
            self._filled.clear()
            await self.sleep(_PAUSE if await self.send() else _RETRY_SECONDS)

    async def on_stop(self) -> None:
        await self.send()

    async def send(self) -> bool:
        """Pass on all that waits; False when some of it has to wait on."""
        waiting, self._waiting = self._waiting, {}
        people, done = iter(waiting.items()), True
        while done and (some := [*islice(people, _AT_A_TIME)]):
            done = all(await asyncio.gather(*(self._acknowledge(user, shown) for user, shown in some)))
        for user, shown in people:
            self.add(user, (*shown,))
        return done

    async def _acknowledge(self, user: UserId, shown: Shown) -> bool:
        try:
            await self._bus.request(AcknowledgeToasts(by=user, notices=(*shown,)), timeout=2.0)
        except BusError as error:
            log.warning("notices that were shown are not acknowledged", count=len(shown), error=error.detail)
            if error.code in _AGAIN:
                self.add(user, (*shown,))
                return False
        return True
