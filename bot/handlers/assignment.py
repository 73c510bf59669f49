"""/assign, and the buttons that give a task to somebody else."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot import keyboards
from bot.callbacks import NO_NOTICE, NOBODY, Act, Give, Keep, Members
from bot.creation import find_member, no_such_member
from bot.handlers.arguments import task_number, words
from bot.lines import person_of
from bot.links import Links
from bot.middlewares import LinkedOnly
from bot.rewriting import append, by, message_of, rebutton
from bot.texts import Texts, quote
from infra.bus import Bus
from schemas.accounts import User
from schemas.ids import NoticeId, TaskId, TeamId, UserId
from schemas.members import ListMembers, Member
from schemas.search import GetTask
from schemas.tasks import AssignTask, TaskView

_NOBODY = frozenset({"off", "none", "nobody", "-", "нет", "никто", "никому"})


def assignment_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="assignment")
    router.message.middleware(LinkedOnly())
    router.callback_query.middleware(LinkedOnly())
    router.message.register(assign, Command("assign", ignore_case=True))
    router.callback_query.register(show_members, Members.filter())
    router.callback_query.register(give, Give.filter())
    router.callback_query.register(keep, Keep.filter())
    return router


async def members_of(bus: Bus, person: User, team: TeamId) -> list[Member]:
    """Those to whom a task may be given."""
    return [one for one in await bus.request(ListMembers(by=person.id, team=team)) if one.is_active]


async def assign(
    message: Message, command: CommandObject, texts: Texts, bus: Bus, person: User, links: Links, key: str
) -> None:
    given = words(command)
    number = task_number(given[0]) if len(given) > 1 else None
    if number is None:
        await message.answer(texts.say("assign-how"))
        return
    task = await bus.request(GetTask(by=person.id, task=number))
    to: UserId | None = None
    name = " ".join(given[1:])
    if name.lower() not in _NOBODY:
        members = await members_of(bus, person, task.team)
        member = find_member(members, person_of(name), person)
        if member is None:
            await message.answer(no_such_member(texts, name, members))
            return
        to = member.user
    line, buttons = await _give(bus, person, task, to, texts, links, key)
    await message.answer(f"{line}\n{links.number(task.team, task.id)} {quote(task.title)}", reply_markup=buttons)


async def _give(
    bus: Bus,
    person: User,
    before: TaskView,
    to: UserId | None,
    texts: Texts,
    links: Links,
    key: str,
    notice: NoticeId = NO_NOTICE,
) -> tuple[str, keyboards.Buttons]:
    """What was done, and the button that takes it back."""
    task = await bus.request(AssignTask(by=person.id, task=before.id, assignee=to, key=key))
    if to is None:
        line = texts.say("given-to-nobody")
    else:
        members = await bus.request(ListMembers(by=person.id, team=task.team))
        line = texts.say("given", name=next((one.name for one in members if one.user == to), "—"))
    if task.version == before.version:
        return line, keyboards.of_task(texts, links, task, notice)
    previous, is_open = before.assignee or NOBODY, not task.is_done
    return line, keyboards.after(texts, links, task, Act.GIVEN, previous, notice=notice, with_work=is_open)


async def show_members(query: CallbackQuery, callback_data: Members, texts: Texts, bus: Bus, person: User) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    task = await bus.request(GetTask(by=person.id, task=callback_data.task))
    members = await members_of(bus, person, task.team)
    page = max(callback_data.page, 0)
    await rebutton(message, keyboards.of_members(texts, members, task.id, callback_data.notice, page))
    await query.answer()


async def give(
    query: CallbackQuery, callback_data: Give, texts: Texts, bus: Bus, person: User, links: Links, key: str
) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    before = await bus.request(GetTask(by=person.id, task=callback_data.task))
    to = callback_data.to if callback_data.to != NOBODY else None
    line, buttons = await _give(bus, person, before, to, texts, links, key, callback_data.notice)
    await append(message, by(line, person, message), buttons)
    await query.answer()


async def keep(query: CallbackQuery, callback_data: Keep, texts: Texts, bus: Bus, person: User, links: Links) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    task: TaskView = await bus.request(GetTask(by=person.id, task=TaskId(callback_data.task)))
    await rebutton(message, keyboards.of_task(texts, links, task, callback_data.notice))
    await query.answer()
