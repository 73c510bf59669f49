"""How somebody wants to be told, and when they are reminded."""

from datetime import datetime
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict, replace
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.notifier.choices import complete
from actors.sql import wishes as sql
from infra.db import transaction
from schemas.errors import invalid
from schemas.notices import (
    ChangePreferences,
    ChangeReminder,
    GetPreferences,
    GetReminder,
    Preferences,
    QuietHours,
    Reminder,
)
from schemas.search import in_utc

_PLAIN = ("quiet_hours", "digest_at", "remind", "muted_until")


class Wishes:
    """What people ask about their own preferences."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self, query: GetPreferences) -> Preferences:
        async with transaction(self._engine) as connection:
            return complete(await sql.get(connection, query.by))

    async def change(self, command: ChangePreferences) -> Preferences:
        if isinstance(command.muted_until, datetime):
            command = replace(command, muted_until=in_utc(command.muted_until, "muted_until"))
        hours = command.quiet_hours
        if isinstance(hours, QuietHours) and hours.start == hours.until:
            raise invalid("quiet hours end at another time than they begin", field="quiet_hours")
        changes: dict[str, Any] = {name: value for name in _PLAIN if (value := asdict(command)[name]) is not UNSET}
        async with transaction(self._engine) as connection:
            before = await sql.lock(connection, command.by)
            if command.kinds is not UNSET:
                changes["kinds"] = before.kinds | command.kinds
            now = replace(before, **changes)
            await sql.save(connection, command.by, now)
        return complete(now)

    async def reminder(self, query: GetReminder) -> Reminder:
        async with transaction(self._engine) as connection:
            return await sql.reminder(connection, query.by, query.task)

    async def remind(self, command: ChangeReminder) -> Reminder:
        async with transaction(self._engine) as connection:
            if command.remind is UNSET:
                await sql.remind_as_usual(connection, command.by, command.task)
            else:
                await sql.remind(connection, command.by, command.task, command.remind)
            return await sql.reminder(connection, command.by, command.task)
