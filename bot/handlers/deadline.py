"""/due: until when a task is to be done."""

from datetime import UTC, datetime

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot import keyboards
from bot.callbacks import Act
from bot.due import read_due
from bot.handlers.arguments import task_number, words
from bot.links import Links
from bot.middlewares import LinkedOnly
from bot.moments import said
from bot.texts import Texts, quote
from infra.bus import Bus
from schemas.accounts import User
from schemas.search import GetTask
from schemas.tasks import UpdateTask

_NEVER = frozenset({"off", "none", "never", "-", "нет", "никогда", "без"})


def deadline_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="deadline")
    router.message.middleware(LinkedOnly())
    router.message.register(set_due, Command("due", ignore_case=True))
    return router


async def set_due(
    message: Message, command: CommandObject, texts: Texts, bus: Bus, person: User, links: Links, key: str
) -> None:
    given = words(command)
    number = task_number(given[0]) if len(given) > 1 else None
    if number is None:
        await message.answer(texts.say("due-how"))
        return
    phrase = " ".join(given[1:])
    due: datetime | None = None
    if phrase.lower() not in _NEVER:
        due = await read_due(phrase, person.time_zone, message.date)
        if due is None:
            await message.answer(texts.say("due-unclear", phrase=phrase))
            return
        if due <= datetime.now(UTC):
            await message.answer(texts.say("due-passed", at=said(due, texts, person.time_zone)))
            return
    before = await bus.request(GetTask(by=person.id, task=number))
    task = await bus.request(UpdateTask(by=person.id, task=number, due_at=due, key=key))
    line = texts.say("due-set", at=said(due, texts, person.time_zone)) if due else texts.say("due-unset")
    previous = int(before.due_at.timestamp()) if before.due_at else 0
    buttons = None
    if task.version != before.version:
        buttons = keyboards.after(texts, links, task, Act.DATED, previous)
    await message.answer(f"{line}\n{links.number(task.team, task.id)} {quote(task.title)}", reply_markup=buttons)
