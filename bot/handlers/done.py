"""/done and the button that does the same."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot import keyboards
from bot.callbacks import Act, Done
from bot.handlers.arguments import task_number, words
from bot.links import Links
from bot.middlewares import LinkedOnly
from bot.rewriting import append, by, message_of
from bot.texts import Texts, quote
from infra.bus import Bus
from schemas.accounts import User
from schemas.ids import TaskId
from schemas.search import GetTask
from schemas.tasks import CompleteTask, TaskView


def done_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="done")
    router.message.middleware(LinkedOnly())
    router.callback_query.middleware(LinkedOnly())
    router.message.register(done, Command("done", ignore_case=True))
    router.callback_query.register(press, Done.filter())
    return router


async def complete(bus: Bus, person: User, task: TaskId, key: str) -> tuple[TaskView, bool]:
    """The task, done, and whether it was open until now."""
    before = await bus.request(GetTask(by=person.id, task=task))
    if before.is_done:
        return before, False
    return await bus.request(CompleteTask(by=person.id, task=task, key=key)), True


async def done(
    message: Message, command: CommandObject, texts: Texts, bus: Bus, person: User, links: Links, key: str
) -> None:
    given = words(command)
    number = task_number(given[0]) if len(given) == 1 else None
    if number is None:
        await message.answer(texts.say("done-how"))
        return
    task, is_new = await complete(bus, person, number, key)
    head = texts.say("done" if is_new else "done-already")
    buttons = keyboards.after(texts, links, task, Act.DONE) if is_new else None
    await message.answer(f"{head} {links.number(task.team, task.id)} {quote(task.title)}", reply_markup=buttons)


async def press(
    query: CallbackQuery, callback_data: Done, texts: Texts, bus: Bus, person: User, links: Links, key: str
) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    task, is_new = await complete(bus, person, callback_data.task, key)
    line = by(f"{texts.say('done' if is_new else 'done-already')} #{task.id}", person, message)
    buttons = keyboards.after(texts, links, task, Act.DONE, notice=callback_data.notice) if is_new else None
    await append(message, line, buttons)
    await query.answer()
