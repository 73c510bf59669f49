"""/new, and what else becomes a task after one question: plain text, and forwarded messages."""

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot import keyboards
from bot.callbacks import Act, Forget, NewIn
from bot.creation import NotPossible, create, draft_of, teams_to_write_in
from bot.handlers.arguments import is_private, thread_of
from bot.lines import Draft
from bot.links import Links
from bot.middlewares import LinkedOnly
from bot.moments import said
from bot.rewriting import alert, message_of, rewrite
from bot.texts import Texts, quote
from infra.bus import Bus
from schemas.accounts import User
from schemas.deliveries import GetGroup
from schemas.ids import ChatId, TeamId
from schemas.members import ListMembers
from schemas.tasks import Priority, TaskView
from schemas.teams import MyTeam


def new_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="new")
    router.message.middleware(LinkedOnly())
    router.callback_query.middleware(LinkedOnly())
    router.message.register(new, Command("new", ignore_case=True), ~F.forward_origin)
    router.callback_query.register(create_in, NewIn.filter())
    router.callback_query.register(forget, Forget.filter())
    return router


def offer_router() -> Router:
    """For what no other router takes: it makes an offer of any text."""
    router = Router(name="offer")
    router.message.middleware(LinkedOnly())
    private = F.chat.type == ChatType.PRIVATE
    router.message.register(offer, private, F.forward_origin)
    router.message.register(offer, private, F.text, ~F.text.startswith("/"))
    return router


async def new(message: Message, texts: Texts, bus: Bus, person: User, links: Links, key: str) -> None:
    draft = await draft_of(message, person, texts)
    if draft is None:
        await message.answer(texts.say("new-how"))
        return
    teams = await _teams(bus, person, message)
    if len(teams) == 1:
        text, buttons = await _create(bus, person, teams[0].id, draft, texts, links, key)
        await message.answer(text, reply_markup=buttons)
    else:
        await _ask(message, teams, texts.say("new-which-team"), texts)


async def offer(message: Message, texts: Texts, bus: Bus, person: User) -> None:
    draft = await draft_of(message, person, texts)
    if draft is None:
        await message.answer(texts.say("only-text"))
        return
    await _ask(message, await teams_to_write_in(bus, person), texts.say("offer", title=draft.title), texts)


async def _teams(bus: Bus, person: User, message: Message) -> list[MyTeam]:
    """Only the one that a group is bound to, if it is the person's as well."""
    teams = await teams_to_write_in(bus, person)
    if not is_private(message.chat):
        group = await bus.request(GetGroup(chat=ChatId(message.chat.id), thread=thread_of(message)))
        return [team for team in teams if group and team.id == group.team] or teams
    return teams


async def _ask(message: Message, teams: list[MyTeam], question: str, texts: Texts) -> None:
    """The answer to the message is all that is remembered of it: a button finds it there."""
    if not teams:
        await message.answer(texts.say("new-no-team"))
        return
    await message.reply(question, reply_markup=keyboards.of_teams_to_create_in(texts, teams))


async def create_in(
    query: CallbackQuery, callback_data: NewIn, texts: Texts, bus: Bus, person: User, links: Links
) -> None:
    question = await message_of(query, texts)
    if question is None:
        return
    original = question.reply_to_message
    if original is None or original.from_user is None:
        await alert(query, texts.say("message-gone"))
        return
    if original.from_user.id != query.from_user.id:
        await alert(query, texts.say("not-yours"))
        return
    draft = await draft_of(original, person, texts)
    if draft is None:
        await alert(query, texts.say("message-gone"))
        return
    # Of one question comes one task, however often and by which updates the button is pressed.
    key = f"tg-{question.chat.id}-{question.message_id}"
    await rewrite(question, *await _create(bus, person, callback_data.team, draft, texts, links, key))
    await query.answer()


async def forget(query: CallbackQuery, texts: Texts) -> None:
    if message := await message_of(query, texts):
        await rewrite(message, texts.say("forgotten"), None)
        await query.answer()


async def _create(
    bus: Bus, person: User, team: TeamId, draft: Draft, texts: Texts, links: Links, key: str
) -> tuple[str, keyboards.Buttons]:
    """What there is now, and what can be done with it; or why it could not be."""
    try:
        task = await create(bus, person, team, draft, texts, key)
    except NotPossible as reason:
        return str(reason), None
    lines = [f"{texts.say('created')} {links.number(task.team, task.id)} {quote(task.title)}"]
    lines += await _details(bus, person, task, texts)
    return "\n".join(lines), keyboards.after(texts, links, task, Act.CREATED, with_work=True)


async def _details(bus: Bus, person: User, task: TaskView, texts: Texts) -> list[str]:
    """What was understood of the line."""
    details = [texts.say("detail-list", name=task.list_name)]
    if task.assignee:
        members = await bus.request(ListMembers(by=person.id, team=task.team))
        name = next((one.name for one in members if one.user == task.assignee), task.assignee_username or "—")
        details.append(texts.say("detail-assignee", name=name))
    if task.priority is not Priority.NONE:
        details.append(texts.say("detail-priority", priority=texts.say(f"priority-{task.priority}")))
    if task.due_at:
        details.append(texts.say("detail-due", at=said(task.due_at, texts, person.time_zone)))
    return details
