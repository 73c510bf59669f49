"""How many changes one person may make in a minute."""

import asyncio
import time
from collections.abc import Callable

from mode import Service

from gateway.access.limits import too_many
from gateway.redis import answered
from infra.log import get_logger
from infra.redis import Redis
from schemas.errors import BusError
from schemas.ids import UserId

log = get_logger(__name__)

_WINDOW = 60
_TELL_SECONDS = 0.1
_KEEP_SECONDS = 2 * _WINDOW


class Writes(Service):
    """Counts each person's changes, in fixed windows of a minute that all gateways share.

    No call waits for Redis: changes are counted here, and every 100 ms what is new goes there in one go, which brings
    back what the other gateways have counted. So somebody who writes through several gateways at once may get past
    the limit by what each of the others lets through in that time, once a minute, and never by more than the limit
    itself for each gateway. While Redis is away each gateway counts for itself.
    """

    def __init__(self, redis: Redis, limit: int, clock: Callable[[], float] = time.time) -> None:
        """`limit` is changes a minute and person; 0 is none. The clock must be that of the day: windows are shared."""
        super().__init__()
        self.limit = limit
        self._redis = redis
        self._clock = clock
        self._window = 0
        self._counts: dict[UserId, int] = {}
        """All that is known of this window."""
        self._untold: dict[UserId, int] = {}
        self._news = asyncio.Event()

    def take(self, user: UserId, changes: int = 1) -> None:
        """Count so many changes; raises HttpProblem, and counts none of them, when that is too many."""
        if not self.limit or not changes:
            return
        now = self._clock()
        if now // _WINDOW != self._window:
            self._begin(int(now // _WINDOW))
        count = self._counts.get(user, 0) + changes
        if count > self.limit:
            raise too_many(_WINDOW - now % _WINDOW)
        self._counts[user] = count
        self._untold[user] = self._untold.get(user, 0) + changes
        self._news.set()

    def _begin(self, window: int) -> None:
        self._window = window
        self._counts = {}
        self._untold = {}

    @Service.task
    async def _tell(self) -> None:
        while not self.should_stop:
            await self._news.wait()
            await self.sleep(_TELL_SECONDS)
            self._news.clear()
            try:
                await self.tell()
            except BusError as error:
                log.warning("changes are counted here only", error=error.detail)
                self._news.set()
                await self.sleep(1.0)

    async def tell(self) -> None:
        """Add what is new here to Redis, and learn what others have added. Raises BusError when Redis is away."""
        window, news = self._window, self._untold
        if not news:
            return
        self._untold = {}
        async with self._redis.pipeline(transaction=False) as pipeline:
            for user, count in news.items():
                pipeline.execute_command("INCRBY", f"writes:{window}:{user}", count)
                pipeline.execute_command("EXPIRE", f"writes:{window}:{user}", _KEEP_SECONDS)
            try:
                sums = (await answered(pipeline.execute()))[::2]
            except BusError:
                self._take_back(window, news)
                raise
        if window == self._window:
            for user, total in zip(news, sums, strict=True):
                self._counts[user] = total + self._untold.get(user, 0)

    def _take_back(self, window: int, news: dict[UserId, int]) -> None:
        """It was not told, as far as we know; told twice would only be stricter."""
        if window == self._window:
            for user, count in news.items():
                self._untold[user] = self._untold.get(user, 0) + count
