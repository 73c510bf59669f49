"""The queue of updates.

https://core.telegram.org/bots/api#getupdates
"""

import asyncio
import time
from collections import deque
from contextlib import suppress

from bot.simulator.shapes import BotApiError, CallbackQuery, Message, Update

KEPT = 10_000
"""How many unconfirmed updates are kept; beyond it the oldest are forgotten, as Telegram forgets after a day."""


class Updates:
    """What the bot has not confirmed yet, and the one reader that may wait for more."""

    def __init__(self) -> None:
        self._pending: deque[Update] = deque(maxlen=KEPT)
        # A bot that knew the last run would confirm the updates of this one unread, if the numbers began anew.
        self._last_id = time.time_ns() // 1_000_000
        self._waiter: asyncio.Future[None] | None = None

    def add(self, *, message: Message | None = None, callback_query: CallbackQuery | None = None) -> None:
        self._last_id += 1
        self._pending.append(Update(update_id=self._last_id, message=message, callback_query=callback_query))
        self.release()

    def release(self) -> None:
        """Let the waiting reader go with what there is."""
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def clear(self) -> None:
        self._pending.clear()

    async def read(self, *, offset: int, limit: int, timeout: int) -> list[Update]:
        """The oldest unconfirmed updates, waiting up to `timeout` seconds for the first.

        A new reader ends the wait of the one before it, which raises BotApiError 409.
        """
        self._confirm(offset)
        self._dismiss()
        if not self._pending and timeout:
            self._waiter = asyncio.get_running_loop().create_future()
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._waiter
        return list(self._pending)[:limit]

    def _confirm(self, offset: int) -> None:
        """Forget what is before `offset`; a negative one counts from the end."""
        if offset < 0:
            offset = self._last_id + 1 + offset
        while self._pending and self._pending[0].update_id < offset:
            self._pending.popleft()

    def _dismiss(self) -> None:
        if self._waiter and not self._waiter.done():
            reason = "terminated by other getUpdates request; make sure that only one bot instance is running"
            self._waiter.set_exception(BotApiError(409, f"Conflict: {reason}"))
