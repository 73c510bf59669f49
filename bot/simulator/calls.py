"""The log of the bot's calls."""

import asyncio
import time
from collections import deque
from contextlib import suppress
from itertools import islice
from typing import Any

from bot.simulator.shapes import Shape

KEPT = 50_000
"""So many calls are kept, and the oldest forgotten."""


class Call(Shape):
    """One call and what became of it; the numbers rise, also over restarts."""

    number: int
    at: float
    """When it came, in seconds since 1970."""
    seconds: float
    """How long it took."""
    method: str
    chat: int | None = None
    thread: int | None = None
    text: str | None = None
    """As the bot gave it, with its markup."""
    silent: bool | None = None
    """Whether it was not to make a sound."""
    ok: bool
    """Whether it was done."""
    message_id: int | None = None
    """Of the message that came of it."""
    error_code: int | None = None
    description: str | None = None
    fault: str | None = None
    """The kind of fault that struck it; with `lose_answer` the bot did not hear of what was done."""


class CallPage(Shape, omit_defaults=False):
    """Calls behind a number; `after` is the number to ask with next, `lost` how many between were forgotten."""

    calls: list[Call]
    after: int
    lost: int


class Calls:
    """The newest calls, in the order in which they ended."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        # Another run's numbers were lower, so that whoever reads on sees all of this one's.
        self._first = self._next = time.time_ns() // 1000
        self._more = asyncio.Event()
        self._is_closed = False

    def add(self, **fields: Any) -> None:
        """`fields` are those of Call, without its number."""
        self._calls.append(Call(number=self._next, **fields))
        self._next += 1
        self._more.set()

    def page(self, after: int, limit: int) -> CallPage:
        oldest = self._next - len(self._calls)
        skipped = max(after + 1 - oldest, 0)
        calls = list(islice(self._calls, skipped, skipped + limit))
        lost = max(oldest - max(after + 1, self._first), 0)
        return CallPage(calls=calls, after=calls[-1].number if calls else max(after, oldest - 1), lost=lost)

    async def wait(self, after: int, seconds: float) -> None:
        """Until there is a call behind `after`, but no longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._next <= after + 1 and not self._is_closed:
                    self._more.clear()
                    await self._more.wait()

    def clear(self) -> None:
        """Forget them; the numbers go on."""
        self._calls.clear()
        self._first = self._next

    def release(self) -> None:
        """Let those who wait go, now and later."""
        self._is_closed = True
        self._more.set()
