"""Claims and reports: the bot takes one delivery of a chat after another, and says what became of it.

See docs/decisions/0008-notices.md for why nothing is lost, and for the one way in which something may come twice.
"""

import random
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.notifier.asking import owner_of
from actors.sql import deliveries, groups
from actors.sql.deliveries import Row
from infra.bus import Bus
from infra.db import transaction
from infra.log import get_logger
from schemas.deliveries import LEASE_SECONDS, Claim, ClaimDelivery, Delivery, FindDelivery, Outcome, ReportDelivery
from schemas.ids import TelegramId
from schemas.notices import State

log = get_logger(__name__)

_NOT_THEIRS = "this chat is no longer theirs"
_MANY = 4
"""When so many more wait, because the bot was away, they become one message."""

_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 600.0
_LONGEST_ASKED = 86_400.0
# Those who failed at the same time should not all come back at the same time.
_random = random.Random()  # noqa: S311


class Claims:
    """Whatever happens to a chat's deliveries happens under a lock of that chat."""

    def __init__(self, bus: Bus, engine: AsyncEngine, *, lease: float = LEASE_SECONDS) -> None:
        self._bus = bus
        self._engine = engine
        self._lease = timedelta(seconds=lease)

    async def claim(self, command: ClaimDelivery) -> Claim:
        """What is next; an earlier one that waits holds back all later ones. Nobody reads what is for somebody else."""
        is_private = command.chat > 0
        owner = await owner_of(self._bus, TelegramId(command.chat)) if is_private else None
        now = datetime.now(UTC)
        async with transaction(self._engine) as connection:
            await deliveries.lock_chat(connection, command.chat)
            if is_private:
                await deliveries.turn_back(connection, command.chat, owner, _NOT_THEIRS, now)
            while (head := await deliveries.head(connection, command.chat)) is not None:
                if head.next_at is not None and head.next_at > now:
                    return Claim(delivery=None, retry_in=(head.next_at - now).total_seconds())
                if (taken := await self._take(connection, head, now)) is not None:
                    return Claim(delivery=taken)
        return Claim(delivery=None)

    async def _take(self, connection: AsyncConnection, head: Row, now: datetime) -> Delivery | None:
        """None when it is settled instead: there is nothing left of it, or nobody ever reports on it."""
        left = await deliveries.left(connection, head)
        if not left:
            await deliveries.save(connection, replace(head, state=State.CANCELLED, next_at=None))
            return None
        if head.tries_left <= 0:
            await _fail(connection, head, head.error or "nobody said what became of it")
            return None
        if head.tries == 0:
            left += await deliveries.absorb(connection, head, _MANY)
        head = replace(
            head,
            state=State.SENDING,
            notices=left,
            tries=head.tries + 1,
            tries_left=head.tries_left - 1,
            next_at=now + self._lease,
        )
        await deliveries.save(connection, head)
        return await deliveries.show(connection, head)

    async def report(self, report: ReportDelivery) -> None:
        """A report on an attempt that is over says nothing, unless it says that the message has arrived after all."""
        async with transaction(self._engine) as connection:
            row = await deliveries.get(connection, report.delivery)
            if row is None or row.state not in (State.WAITING, State.SENDING):
                return
            is_current = row.state is State.SENDING and row.tries == report.attempt
            if report.outcome is Outcome.SENT and report.attempt <= row.tries:
                delivered = replace(row, state=State.DELIVERED, next_at=None, error=None, message=report.message)
                await deliveries.save(connection, delivered)
                await deliveries.settle(connection, delivered)
            elif is_current:
                await self._failed(connection, row, report)

    async def _failed(self, connection: AsyncConnection, row: Row, report: ReportDelivery) -> None:
        error = report.error or report.outcome.value
        if report.outcome is Outcome.UNREACHABLE:
            await deliveries.give_up(connection, row.chat, error)
            await groups.mark(connection, row.chat, is_reachable=False)
        elif report.outcome is Outcome.TOPIC_GONE:
            await _fail(connection, row, error)
            await groups.mark(connection, row.chat, row.thread, is_reachable=False)
        elif report.outcome is Outcome.REFUSED or row.tries_left <= 0:
            await _fail(connection, row, error)
        else:
            pause = timedelta(seconds=_asked(report.retry_after) or _pause(row.tries))
            later = replace(row, state=State.WAITING, next_at=datetime.now(UTC) + pause, error=error)
            await deliveries.save(connection, later)

    async def find(self, query: FindDelivery) -> Delivery | None:
        async with transaction(self._engine) as connection:
            row = await deliveries.find(connection, query.chat, query.message)
            return None if row is None else await deliveries.show(connection, row)


def _asked(seconds: float | None) -> float | None:
    """What Telegram asks for, within reason."""
    return None if seconds is None else min(max(seconds, 0.1), _LONGEST_ASKED)


def _pause(tries: int) -> float:
    """Twice as long after each try, and not to the second."""
    return min(_FIRST_PAUSE * 2 ** (tries - 1), _LONGEST_PAUSE) * _random.uniform(0.8, 1.2)


async def _fail(connection: AsyncConnection, row: Row, error: str) -> None:
    log.warning("a delivery was given up", delivery=row.id, tries=row.tries, error=error)
    await deliveries.save(connection, replace(row, state=State.FAILED, next_at=None, error=error))
    await deliveries.settle(connection, row)
