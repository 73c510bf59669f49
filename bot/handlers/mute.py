"""/mute: nothing comes to Telegram for a while; it lies in the inbox."""

from datetime import UTC, datetime, timedelta

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot import keyboards
from bot.callbacks import Mute
from bot.due import read_due
from bot.middlewares import LinkedOnly
from bot.moments import said, tomorrow_morning
from bot.rewriting import message_of, rewrite
from bot.texts import Texts
from infra.bus import Bus
from schemas.accounts import User
from schemas.notices import ChangePreferences, GetPreferences

_OFF = frozenset({"off", "stop", "unmute", "нет", "выкл"})


def mute_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="mute")
    router.message.middleware(LinkedOnly())
    router.callback_query.middleware(LinkedOnly())
    router.message.register(mute, Command("mute", ignore_case=True), F.chat.type == ChatType.PRIVATE)
    router.callback_query.register(press, Mute.filter())
    return router


async def mute(message: Message, command: CommandObject, texts: Texts, bus: Bus, person: User) -> None:
    phrase = (command.args or "").strip()
    if not phrase:
        muted_until = (await bus.request(GetPreferences(by=person.id))).muted_until
        await message.answer(_state(texts, person, muted_until), reply_markup=keyboards.of_mute(texts))
        return
    until: datetime | None = None
    if phrase.lower() not in _OFF:
        until = await read_due(phrase, person.time_zone, message.date)
        if until is None or until <= datetime.now(UTC):
            await message.answer(texts.say("mute-unclear", phrase=phrase), reply_markup=keyboards.of_mute(texts))
            return
    muted = await _mute(bus, texts, person, until)
    await message.answer(muted if until else texts.say("unmuted"))


async def press(query: CallbackQuery, callback_data: Mute, texts: Texts, bus: Bus, person: User) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + timedelta(hours=callback_data.hours) if callback_data.hours > 0 else None
    if callback_data.hours < 0:
        until = tomorrow_morning(person.time_zone, now)
    await rewrite(message, await _mute(bus, texts, person, until), keyboards.of_mute(texts))
    await query.answer()


async def _mute(bus: Bus, texts: Texts, person: User, until: datetime | None) -> str:
    changed = await bus.request(ChangePreferences(by=person.id, muted_until=until))
    return _state(texts, person, changed.muted_until)


def _state(texts: Texts, person: User, until: datetime | None) -> str:
    if until is None or until <= datetime.now(UTC):
        return texts.say("not-muted")
    return texts.say("muted", at=said(until, texts, person.time_zone))
