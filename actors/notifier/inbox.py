"""Inboxes: what somebody was told, and what they make of it. Notices of others are not there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql import inbox as sql
from infra.bus import Bus
from infra.db import transaction
from infra.mailbox import Envelope
from schemas.errors import BusError, invalid, not_found
from schemas.ids import NoticeId, UserId
from schemas.notices import (
    AcknowledgeToasts,
    ListNotices,
    Notice,
    NoticePage,
    ReadNotices,
    Settled,
    SnoozeNotice,
    Unread,
)

_LONGEST_SNOOZE = timedelta(days=366)
_AGE = timedelta(days=90)
_KEPT = 1000
"""So many that somebody has read are kept."""
_STEP = 1000
_STEPS = 50


class Inbox:
    """What people ask about their own notices."""

    def __init__(self, bus: Bus, engine: AsyncEngine) -> None:
        self._bus = bus
        self._engine = engine

    async def page(self, query: ListNotices) -> NoticePage:
        async with transaction(self._engine) as connection:
            found = await sql.page(connection, query.by, query.before, query.limit + 1, unread=query.unread)
            unread = await sql.unread_of(connection, query.by)
        shown = found[: query.limit]
        return NoticePage(unread=unread, notices=shown, before=shown[-1].id if len(found) > len(shown) else None)

    async def read(self, command: ReadNotices) -> Unread:
        if not (command.notices or command.task or command.all):
            raise invalid("say which notices: some, those of a task, or all", field="notices")
        async with transaction(self._engine) as connection:
            if not await sql.are_theirs(connection, command.by, command.notices):
                raise not_found("notice")
            what = (command.notices, command.task, command.all)
            changed = await sql.read(connection, command.by, datetime.now(UTC), what)
            unread = await sql.unread_of(connection, command.by)
        if changed:
            await self._settled(command.by, unread)
        return Unread(unread=unread)

    async def acknowledge(self, commands: Sequence[Envelope[AcknowledgeToasts]]) -> Sequence[BusError | None]:
        """All that come at the same time; one that names a notice of somebody else does nothing."""
        outcomes: list[BusError | None] = []
        shown: list[tuple[UserId, NoticeId]] = []
        async with transaction(self._engine) as connection:
            theirs = await sql.theirs(connection, [(c.message.by, n) for c in commands for n in c.message.notices])
            for command in commands:
                pairs = [(command.message.by, notice) for notice in command.message.notices]
                are_theirs = theirs.issuperset(pairs)
                outcomes.append(None if are_theirs else not_found("notice"))
                shown += pairs if are_theirs else []
            if shown:
                await sql.acknowledge(connection, shown)
        return outcomes

    async def snooze(self, command: SnoozeNotice) -> Notice:
        now = datetime.now(UTC)
        if not now < command.until <= now + _LONGEST_SNOOZE:
            raise invalid("a moment within a year from now is needed here", field="until")
        async with transaction(self._engine) as connection:
            notice = await sql.snooze(connection, command.by, command.notice, command.until, now)
            if notice is None:
                raise not_found("notice")
            unread = await sql.unread_of(connection, command.by)
        await self._settled(command.by, unread)
        return notice

    async def forget(self) -> None:
        """What is old, and of what was read all but the newest, in bounded steps."""
        for _ in range(_STEPS):
            async with transaction(self._engine) as connection:
                if not await sql.forget(connection, datetime.now(UTC), _AGE, _KEPT, limit=_STEP):
                    return

    async def _settled(self, user: UserId, unread: int) -> None:
        """Other tabs and devices show as many; when that is lost, the next one says it."""
        if self._bus.connected:
            await self._bus.publish(Settled(user=user, unread=unread), Settled.subject_of(user))
