"""The button that takes back what another one did, and nothing else.

It does the reverse to the very version that the act has made: whoever changed the task since is not overruled, and a
later act of the same person elsewhere is not taken back in its place, as `team.undo` would.
"""

from datetime import UTC, datetime

from aiogram import Router
from aiogram.types import CallbackQuery

from bot import keyboards
from bot.callbacks import Act, Undo
from bot.links import Links
from bot.middlewares import LinkedOnly
from bot.rewriting import append, by, message_of
from bot.texts import Texts
from infra.bus import Bus
from schemas.accounts import User
from schemas.ids import UserId
from schemas.tasks import AssignTask, DeleteTask, ReopenTask, TaskChange, UpdateTask


def undo_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="undo")
    router.callback_query.middleware(LinkedOnly())
    router.callback_query.register(undo, Undo.filter())
    return router


def reverse(of: Undo, person: User, key: str) -> TaskChange:
    """The command that takes it back."""
    by, task, version = person.id, of.task, of.version
    match of.act:
        case Act.DONE:
            return ReopenTask(by=by, task=task, version=version, key=key)
        case Act.CREATED:
            return DeleteTask(by=by, task=task, version=version, key=key)
        case Act.GIVEN:
            assignee = UserId(of.previous) if of.previous else None
            return AssignTask(by=by, task=task, version=version, assignee=assignee, key=key)
        case Act.DATED:
            due = datetime.fromtimestamp(of.previous, UTC) if of.previous else None
            return UpdateTask(by=by, task=task, version=version, due_at=due, key=key)


async def undo(
    query: CallbackQuery, callback_data: Undo, texts: Texts, bus: Bus, person: User, links: Links, key: str
) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    task = await bus.request(reverse(callback_data, person, key))
    buttons = keyboards.of_task(texts, links, task, callback_data.notice) if task.deleted_at is None else None
    await append(message, by(texts.say("undone"), person, message), buttons)
    await query.answer()
