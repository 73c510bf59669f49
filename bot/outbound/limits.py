"""Telegram's limits: so many messages a second in all and in each chat, and silence for as long as it asks.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from collections.abc import Callable
from time import monotonic

from schemas.base import Record
from schemas.ids import ChatId

Clock = Callable[[], float]


class Rates(Record):
    """Messages a second, and how many may come at once after a silence."""

    overall: float = 30.0
    private: float = 1.0
    group: float = 15 / 60
    group_at_once: int = 5
    """With the rate it makes twenty within any minute."""


RATES = Rates()


class Bucket:
    """Lets `rate` a second through, and `size` at once after a silence."""

    def __init__(self, rate: float, size: int, clock: Clock = monotonic) -> None:
        self._rate = rate
        self._size = size
        self._clock = clock
        self._tokens = float(size)
        self._filled_at = clock()

    def wait(self) -> float:
        """Seconds until the next may go; 0 is now."""
        self._fill()
        return max(0.0, (1 - self._tokens) / self._rate)

    def take(self) -> float:
        """Take the next place; seconds until its time comes."""
        wait = self.wait()
        self._tokens -= 1
        return wait

    def give_back(self) -> None:
        self._tokens = min(self._size, self._tokens + 1)

    def is_full(self) -> bool:
        """Nothing went for so long that a new bucket would do as well."""
        self._fill()
        return self._tokens >= self._size

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._size, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now


class Limits:
    """What may be sent when. Times are those of `clock`, in seconds."""

    def __init__(self, rates: Rates = RATES, clock: Clock = monotonic) -> None:
        self._rates = rates
        self._clock = clock
        self._overall = Bucket(rates.overall, 1, clock)
        self._chats: dict[ChatId, Bucket] = {}
        self._silent_until = clock()
        self._chat_silent_until: dict[ChatId, float] = {}

    def wait(self, chat: ChatId) -> float:
        """Seconds for which nothing may go to a chat; 0 is now."""
        now = self._clock()
        silence = max(self._silent_until, self._chat_silent_until.get(chat, now)) - now
        return max(silence, self._bucket(chat).wait(), 0.0)

    def take(self, chat: ChatId) -> float:
        """A message goes to a chat: after so many seconds, because of all that go elsewhere."""
        self._bucket(chat).take()
        return self._overall.take()

    def give_back(self, chat: ChatId) -> None:
        """It did not go after all."""
        self._overall.give_back()
        self._bucket(chat).give_back()

    def obey(self, chat: ChatId, retry_after: float) -> None:
        """Telegram wants silence: in a group that is the group's own limit, elsewhere that of the whole bot.

        A private chat gets one message a second from us, which never is too much for it alone.
        """
        until = self._clock() + retry_after
        if chat < 0:
            self._chat_silent_until[chat] = until
        else:
            self._silent_until = max(self._silent_until, until)

    def forget(self) -> None:
        """Chats that nothing went to lately need no memory."""
        now = self._clock()
        self._chats = {chat: bucket for chat, bucket in self._chats.items() if not bucket.is_full()}
        self._chat_silent_until = {chat: until for chat, until in self._chat_silent_until.items() if until > now}

    def _bucket(self, chat: ChatId) -> Bucket:
        bucket = self._chats.get(chat)
        if bucket is None:
            rates = self._rates
            bucket = (
                Bucket(rates.group, rates.group_at_once, self._clock)
                if chat < 0
                else Bucket(rates.private, 1, self._clock)
            )
            self._chats[chat] = bucket
        return bucket
