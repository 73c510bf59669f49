"""/bind, /unbind and /kinds: what a group, or one topic of it, is told of."""

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot import keyboards
from bot.callbacks import Bind, Toggle
from bot.handlers.arguments import thread_of
from bot.lines import in_limits
from bot.middlewares import LinkedOnly
from bot.rewriting import alert, message_of, rewrite
from bot.texts import Texts
from infra.bus import Bus
from schemas.accounts import User
from schemas.deliveries import BindGroup, ChangeGroup, GetGroup, Group, UnbindGroup
from schemas.ids import ChatId
from schemas.members import MemberRole
from schemas.notices import Kind
from schemas.teams import ListTeams

_MAY_BIND = (MemberRole.ADMIN, MemberRole.OWNER)


def group_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="groups")
    router.message.middleware(LinkedOnly())
    router.callback_query.middleware(LinkedOnly())
    in_group = F.chat.type.in_({ChatType.GROUP, ChatType.SUPERGROUP})
    router.message.register(bind, Command("bind", ignore_case=True), in_group)
    router.message.register(unbind, Command("unbind", ignore_case=True), in_group)
    router.message.register(show_kinds, Command("kinds", ignore_case=True), in_group)
    router.message.register(not_here, Command("bind", "unbind", "kinds", ignore_case=True))
    router.callback_query.register(bind_to, Bind.filter())
    router.callback_query.register(toggle, Toggle.filter())
    return router


async def not_here(message: Message, texts: Texts) -> None:
    await message.answer(texts.say("group-only"))


async def bind(message: Message, texts: Texts, bus: Bus, person: User) -> None:
    page = await bus.request(ListTeams(by=person.id))
    teams = [team for team in page.teams if team.role in _MAY_BIND]
    if teams:
        await message.answer(texts.say("bind-which-team"), reply_markup=keyboards.of_teams_to_bind(teams))
    else:
        await message.answer(texts.say("bind-no-team"))


async def bind_to(query: CallbackQuery, callback_data: Bind, texts: Texts, bus: Bus, person: User) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    title = in_limits(message.chat.title or "", "").title or "—"
    chat, thread = ChatId(message.chat.id), thread_of(message)
    group = await bus.request(BindGroup(by=person.id, chat=chat, thread=thread, title=title, team=callback_data.team))
    await rewrite(message, _told(group, texts), keyboards.of_kinds(texts, group.kinds))
    await query.answer()


async def unbind(message: Message, texts: Texts, bus: Bus, person: User) -> None:
    group = await _group(bus, message)
    if group is None:
        await message.answer(texts.say("not-bound"))
        return
    await bus.request(UnbindGroup(by=person.id, chat=group.chat, thread=group.thread))
    await message.answer(texts.say("unbound", team=group.team_name))


async def show_kinds(message: Message, texts: Texts, bus: Bus) -> None:
    group = await _group(bus, message)
    if group is None:
        await message.answer(texts.say("not-bound"))
    else:
        await message.answer(_told(group, texts), reply_markup=keyboards.of_kinds(texts, group.kinds))


async def toggle(query: CallbackQuery, callback_data: Toggle, texts: Texts, bus: Bus, person: User) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    group = await _group(bus, message)
    if group is None:
        await alert(query, texts.say("not-bound"))
        return
    kinds = {*group.kinds} ^ {callback_data.kind}
    ordered = tuple(kind for kind in Kind if kind in kinds)
    group = await bus.request(ChangeGroup(by=person.id, chat=group.chat, thread=group.thread, kinds=ordered))
    await rewrite(message, _told(group, texts), keyboards.of_kinds(texts, group.kinds))
    await query.answer()


async def _group(bus: Bus, message: Message) -> Group | None:
    return await bus.request(GetGroup(chat=ChatId(message.chat.id), thread=thread_of(message)))


def _told(group: Group, texts: Texts) -> str:
    return texts.say("bound", team=group.team_name)
