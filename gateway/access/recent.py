"""What was found out a moment ago, so that a busy caller is not looked up for every call."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")

_SECONDS = 1.0
_SIZE = 10_000


class Recent(Generic[T]):
    """Remembers what `look` found for a key, for a second: docs/decisions/0002-session-cache.md.

    None, which is "there is no such thing", is never remembered: made-up keys push nobody out.
    """

    def __init__(self, look: Callable[[str], Awaitable[T | None]], clock: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._clock = clock
        self._found: dict[str, tuple[float, T]] = {}
        self._looking: dict[str, asyncio.Future[T | None]] = {}

    async def find(self, key: str) -> T | None:
        """What `key` stands for; raises what `look` raises."""
        found = self._found.get(key)
        if found is not None and found[0] > self._clock():
            return found[1]
        return await self._look_once(key)

    def forget(self, key: str) -> None:
        """The next call looks again; what is being looked up just now is not remembered."""
        self._found.pop(key, None)
        self._looking.pop(key, None)

    def forget_where(self, matches: Callable[[T], bool]) -> None:
        """As `forget`, for all that `matches`."""
        self._looking.clear()
        for key in [key for key, (_, value) in self._found.items() if matches(value)]:
            del self._found[key]

    async def _look_once(self, key: str) -> T | None:
        """Many calls with one key that come at once share one look."""
        looking = self._looking.get(key)
        if looking is None:
            looking = self._looking[key] = asyncio.ensure_future(self._look(key))
            looking.add_done_callback(partial(self._have_looked, key))
        # One caller who gives up must not take the others along.
        return await asyncio.shield(looking)

    def _have_looked(self, key: str, looking: asyncio.Future[T | None]) -> None:
        failed = looking.cancelled() or looking.exception() is not None
        value = None if failed else looking.result()
        if self._looking.get(key) is not looking:
            return  # told to forget it meanwhile
        del self._looking[key]
        if value is not None:
            self._remember(key, value)

    def _remember(self, key: str, value: T) -> None:
        self._found.pop(key, None)
        while len(self._found) >= _SIZE:
            del self._found[next(iter(self._found))]
        self._found[key] = (self._clock() + _SECONDS, value)
