"""How people want to be told, where that is not as everybody is."""

import msgspec
from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.intake import wishes
from actors.sql.notices import reminders
from schemas.clock import Lead
from schemas.ids import TaskId, UserId
from schemas.notices import Preferences, Reminder

_NONE = Preferences(kinds={})

_LOCK = text("""
    INSERT INTO notices.preferences ("user", wishes) VALUES (:user, CAST(:wishes AS jsonb))
    ON CONFLICT ("user") DO UPDATE SET wishes = preferences.wishes RETURNING CAST(wishes AS text)
""")
_SAVE = text("""UPDATE notices.preferences SET wishes = CAST(:wishes AS jsonb) WHERE "user" = :user""")

_preferences = msgspec.json.Decoder(Preferences)


def _as_json(preferences: Preferences) -> str:
    return msgspec.json.encode(preferences).decode()


async def get(connection: AsyncConnection, user: UserId) -> Preferences:
    """What they chose; kinds that they chose nothing for are not named."""
    (found,) = await wishes(connection, [user], [])
    return found.wishes or _NONE


async def lock(connection: AsyncConnection, user: UserId) -> Preferences:
    """As `get`; nobody else changes it until the transaction ends."""
    parameters = {"user": user, "wishes": _as_json(_NONE)}
    return _preferences.decode((await connection.execute(_LOCK, parameters)).scalar_one())


async def save(connection: AsyncConnection, user: UserId, preferences: Preferences) -> None:
    """After `lock`."""
    await connection.execute(_SAVE, {"user": user, "wishes": _as_json(preferences)})


async def reminder(connection: AsyncConnection, user: UserId, task: TaskId) -> Reminder:
    """When they are reminded of it."""
    (found,) = await wishes(connection, [user], [task])
    if task in found.reminders:
        minutes = found.reminders[task]
        return Reminder(task=task, remind=None if minutes is None else Lead(minutes), own=True)
    return Reminder(task=task, remind=(found.wishes or _NONE).remind, own=False)


async def remind(connection: AsyncConnection, user: UserId, task: TaskId, lead: Lead | None) -> None:
    """Of this task at a time of its own, or never."""
    row = {"user": user, "task": task, "remind": lead}
    statement = insert(reminders).values(row)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["user", "task"], set_={"remind": lead}),
    )


async def remind_as_usual(connection: AsyncConnection, user: UserId, task: TaskId) -> None:
    """As of other tasks."""
    await connection.execute(delete(reminders).where(reminders.c.user == user, reminders.c.task == task))
