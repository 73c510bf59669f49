"""The queue of updates.

https://core.telegram.org/bots/api#getting-updates
"""

import asyncio
import time
from collections import deque
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

from bot.simulator.errors import conflict
from bot.simulator.journal import Journal
from bot.simulator.lines import ConfirmedLine, UpdateLine, WebhookLine
from bot.simulator.update import UNASKED, Update, Webhook


class Trouble(NamedTuple):
    """Why the webhook did not take an update, and when: seconds since 1970."""

    date: int
    message: str


KEPT = 10_000
"""How many unconfirmed updates are kept; beyond it the oldest are forgotten, as Telegram forgets after a day."""


class Updates:
    """What the bot has not confirmed yet, and where it goes: to a webhook, or to the one reader that asks."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pending: deque[Update] = deque(maxlen=KEPT)
        # A bot that knew the last run would confirm the updates of this one unread, if the numbers began anew.
        self._last_id = time.time_ns() // 1_000_000
        self._waiter: asyncio.Future[None] | None = None
        self.changed = asyncio.Event()
        """Set whenever there may be something for a webhook to do."""
        self.webhook: Webhook | None = None
        self.trouble: Trouble | None = None
        self.allowed: tuple[str, ...] = ()
        """The kinds that the bot wants; empty means all."""

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, **what: Any) -> None:
        """Queue one, if the bot wants its kind; `what` names its field."""
        (kind,) = what
        if kind in (self.allowed or UNASKED):
            update = Update(update_id=self._last_id + 1, **what)
            self.restore(update)
            self._journal.note(UpdateLine(update=update))
            self.release()

    def restore(self, update: Update) -> None:
        """Queue one that has its number."""
        self._last_id = max(self._last_id, update.update_id)
        self._pending.append(update)
        self.changed.set()

    def release(self) -> None:
        """Let the waiting reader go with what there is."""
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def oldest(self, limit: int = KEPT) -> list[Update]:
        return list(islice(self._pending, limit))

    async def read(self, *, limit: int, timeout: int) -> list[Update]:
        """The oldest unconfirmed updates, waiting up to `timeout` seconds for the first.

        A new reader ends the wait of the one before it, which raises BotApiError 409; so does a webhook.
        """
        if self.webhook:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self._dismiss("terminated by other getUpdates request; make sure that only one bot instance is running")
        if not self._pending and timeout:
            self._waiter = asyncio.get_running_loop().create_future()
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._waiter
        return self.oldest(limit)

    def confirm(self, offset: int) -> None:
        """Forget what is before `offset`; a negative one counts from the end."""
        if offset < 0:
            offset = self._last_id + 1 + offset
        before = len(self._pending)
        while self._pending and self._pending[0].update_id < offset:
            self._pending.popleft()
        if len(self._pending) < before:
            self._journal.note(ConfirmedLine(offset=offset))

    def clear(self) -> None:
        self.confirm(self._last_id + 1)

    def send_to(self, webhook: Webhook | None) -> None:
        """None: the bot asks."""
        self.webhook, self.trouble = webhook, None
        if webhook:
            self._dismiss("terminated by setWebhook request")
        self.changed.set()
        self._note()

    def allow(self, kinds: tuple[str, ...] | None) -> None:
        """None leaves it as it is. It counts from the next update on."""
        if kinds is not None and kinds != self.allowed:
            self.allowed = kinds
            self._note()

    def _note(self) -> None:
        self._journal.note(WebhookLine(webhook=self.webhook, allowed_updates=self.allowed))

    def _dismiss(self, reason: str) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(conflict(reason))
