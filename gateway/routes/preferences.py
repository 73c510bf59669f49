"""How somebody wants to be told of things, and when to be reminded of a task."""

import msgspec
from msgspec import UNSET, UnsetType

from gateway.api import Ask, route
from gateway.auth import Caller
from schemas.base import Record, UtcTime
from schemas.clock import Lead
from schemas.ids import TaskId
from schemas.notices import (
    ChangePreferences,
    ChangeReminder,
    ClockTime,
    GetPreferences,
    GetReminder,
    Kind,
    KindPreference,
    Preferences,
    QuietHours,
    Reminder,
)
from schemas.search import GetTask


class PreferenceChanges(Record, forbid_unknown_fields=True):
    """What is sent changes, the rest stays, and so do the kinds that are not named."""

    kinds: dict[Kind, KindPreference] | UnsetType = UNSET
    quiet_hours: QuietHours | UnsetType | None = UNSET
    digest_at: ClockTime | UnsetType = UNSET
    remind: Lead | UnsetType | None = UNSET
    """Minutes before a deadline; null is never."""
    muted_until: UtcTime | UnsetType | None = UNSET


class ReminderWish(Record, forbid_unknown_fields=True):
    """Minutes before the deadline; null is never, and without `remind` it is as for all your tasks."""

    remind: Lead | UnsetType | None = UNSET


@route("GET", "/api/notices/preferences/")
async def get_preferences(ask: Ask, caller: Caller) -> Preferences:
    """Where and when you are told of what; all kinds are named."""
    return await ask(GetPreferences(by=caller.id))


@route("PATCH", "/api/notices/preferences/", example=PreferenceChanges(digest_at="08:00", remind=Lead.ONE_DAY))
async def change_preferences(ask: Ask, caller: Caller, body: PreferenceChanges) -> Preferences:
    """Change where and when you are told of what."""
    return await ask(ChangePreferences(by=caller.id, **msgspec.structs.asdict(body)))


@route("GET", "/api/tasks/{task}/reminder/")
async def get_reminder(ask: Ask, caller: Caller, task: TaskId) -> Reminder:
    """When you are reminded of a task; `own` says that it is for this one alone."""
    await ask(GetTask(by=caller.id, task=task))  # the store says whether there is one for them
    return await ask(GetReminder(by=caller.id, task=task))


@route("PUT", "/api/tasks/{task}/reminder/", example=ReminderWish(remind=Lead.ONE_HOUR))
async def change_reminder(ask: Ask, caller: Caller, task: TaskId, body: ReminderWish) -> Reminder:
    """Be reminded of this task at another time than of others, or never, or as of others again."""
    await ask(GetTask(by=caller.id, task=task))
    return await ask(ChangeReminder(by=caller.id, task=task, remind=body.remind))
