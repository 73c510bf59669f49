"""/tasks: what somebody has to do, what is late first, some at a time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot import keyboards
from bot.callbacks import Page, Tick, Untick
from bot.handlers.done import complete
from bot.links import Links
from bot.middlewares import LinkedOnly
from bot.moments import said
from bot.rewriting import message_of, rewrite
from bot.texts import Texts, plain, quote
from infra.bus import Bus
from infra.language.zones import zone
from schemas.accounts import User
from schemas.ids import TaskId
from schemas.search import ListTasks, TaskFilter
from schemas.tasks import ReopenTask, TaskView

SHOWN = 8
_AT_ONCE = 500
MOST = 2000
"""So many tasks are looked at; whoever has more of them has other troubles."""


def agenda_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="agenda")
    router.message.middleware(LinkedOnly())
    router.callback_query.middleware(LinkedOnly())
    router.message.register(show, Command("tasks", ignore_case=True), F.chat.type == ChatType.PRIVATE)
    router.callback_query.register(turn, Page.filter())
    router.callback_query.register(tick, Tick.filter())
    router.callback_query.register(untick, Untick.filter())
    return router


async def show(message: Message, texts: Texts, bus: Bus, person: User, links: Links) -> None:
    text, buttons = await _page(0, texts, bus, person, links)
    await message.answer(text, reply_markup=buttons)


async def turn(query: CallbackQuery, callback_data: Page, texts: Texts, bus: Bus, person: User, links: Links) -> None:
    if message := await message_of(query, texts):
        await rewrite(message, *await _page(callback_data.page, texts, bus, person, links))
        await query.answer()


async def tick(
    query: CallbackQuery, callback_data: Tick, texts: Texts, bus: Bus, person: User, links: Links, key: str
) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    task, is_new = await complete(bus, person, callback_data.task, key)
    undo = Untick(task=task.id, version=task.version, page=callback_data.page) if is_new else None
    await rewrite(message, *await _page(callback_data.page, texts, bus, person, links, undo))
    await query.answer(plain(f"{texts.say('done' if is_new else 'done-already')} #{task.id}"))


async def untick(
    query: CallbackQuery, callback_data: Untick, texts: Texts, bus: Bus, person: User, links: Links, key: str
) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    await bus.request(ReopenTask(by=person.id, task=callback_data.task, version=callback_data.version, key=key))
    await rewrite(message, *await _page(callback_data.page, texts, bus, person, links))
    await query.answer(plain(texts.say("undone")))


async def _page(
    page: int, texts: Texts, bus: Bus, person: User, links: Links, undo: Untick | None = None
) -> tuple[str, keyboards.Buttons]:
    """The text and the buttons of a page; the nearest one where there are fewer by now."""
    tasks = await _open_tasks(bus, person)
    last = (max(len(tasks), 1) - 1) // SHOWN
    page = min(max(page, 0), last)
    shown = tasks[page * SHOWN : (page + 1) * SHOWN]
    head = texts.say("tasks", count=len(tasks)) if tasks else texts.say("tasks-none")
    pages = [texts.say("tasks-page", page=page + 1, last=last + 1)] if last else []
    lines = [head, *_grouped(shown, texts, person, links), *pages]
    return "\n".join(lines), keyboards.of_tasks(texts, shown, page, last, undo)


async def _open_tasks(bus: Bus, person: User) -> list[TaskView]:
    """All of somebody's, the most urgent first; those without a deadline last."""
    tasks: list[TaskView] = []
    wanted = TaskFilter(mine=True, is_done=False)
    cursor: TaskId | None = None
    while len(tasks) < MOST:
        found = await bus.request(ListTasks(by=person.id, filter=wanted, cursor=cursor, limit=_AT_ONCE))
        tasks += found.tasks
        cursor = found.cursor
        if cursor is None:
            break
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(tasks, key=lambda task: (task.due_at or never, task.id))


def _grouped(tasks: Sequence[TaskView], texts: Texts, person: User, links: Links) -> Iterator[str]:
    now = datetime.now(zone(person.time_zone))
    for group, members in groupby(tasks, lambda task: when(task, now)):
        yield f"\n<b>{texts.say(f'tasks-{group}')}</b>"
        for task in members:
            due = f" — {said(task.due_at, texts, person.time_zone)}" if task.due_at else ""
            yield f"{links.number(task.team, task.id)} {quote(task.title)}{due}"


def when(task: TaskView, now: datetime) -> str:
    """Where a task stands among the others; `now` is in the person's time zone."""
    if task.due_at is None:
        return "undated"
    if task.due_at <= now:
        return "overdue"
    return "today" if task.due_at.astimezone(now.tzinfo).date() == now.date() else "later"
