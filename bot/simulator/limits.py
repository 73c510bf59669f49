"""How much Telegram lets a bot say.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

import math
import time
from typing import Annotated

import msgspec

from bot.simulator.errors import too_many
from schemas.base import Record

Rate = Annotated[float, msgspec.Meta(gt=0)]
Burst = Annotated[int, msgspec.Meta(ge=1)]


class Rates(Record, forbid_unknown_fields=True):
    """Messages, new and edited. Telegram promises no exact numbers; these are those that it names."""

    overall: Rate = 30.0
    """A second, to all chats together."""
    private: Rate = 1.0
    """A second, to one person; `private_burst` come through at once after a pause."""
    private_burst: Burst = 5
    group: Rate = 20.0
    """A minute, to one group."""


class Limiter:
    """Refuses what is too much; without rates, nothing is."""

    def __init__(self, rates: Rates | None = None) -> None:
        self.rates = rates
        self._free_at: dict[int | None, float] = {}
        # Each bucket by chat (None is all chats): when it will be empty again (the generic cell rate algorithm).

    def set(self, rates: Rates | None) -> None:
        """From now on; what was said before is forgotten."""
        self.rates = rates
        self._free_at.clear()

    def count(self, chat: int) -> None:
        """Raises BotApiError 429, and then this one does not count."""
        if not self.rates:
            return
        now = time.monotonic()
        buckets = ((None, 1 / self.rates.overall, int(self.rates.overall) or 1), (chat, *self._of(self.rates, chat)))
        waits = [self._wait(key, interval, burst, now) for key, interval, burst in buckets]
        if max(waits) > 0:
            raise too_many(math.ceil(max(waits)))
        for key, interval, _ in buckets:
            self._free_at[key] = max(self._free_at.get(key, now), now) + interval

    def _of(self, rates: Rates, chat: int) -> tuple[float, int]:
        """Seconds for each message, and how many come through at once."""
        return (1 / rates.private, rates.private_burst) if chat > 0 else (60 / rates.group, int(rates.group) or 1)

    def _wait(self, key: int | None, interval: float, burst: int, now: float) -> float:
        return max(self._free_at.get(key, now), now) + interval - now - interval * burst
