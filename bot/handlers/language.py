"""/lang: the language that somebody is spoken to in, here and in the browser."""

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot import keyboards
from bot.callbacks import Speak
from bot.middlewares import LinkedOnly
from bot.rewriting import message_of, rewrite
from bot.texts import TEXTS, Texts
from infra.bus import Bus
from schemas.accounts import Language, UpdateProfile, User

_MEANT = {
    "en": Language.EN,
    "english": Language.EN,
    "английский": Language.EN,
    "ru": Language.RU,
    "russian": Language.RU,
    "русский": Language.RU,
}


def language_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="language")
    router.message.middleware(LinkedOnly())
    router.callback_query.middleware(LinkedOnly())
    router.message.register(choose, Command("lang", ignore_case=True), F.chat.type == ChatType.PRIVATE)
    router.callback_query.register(press, Speak.filter())
    return router


async def choose(message: Message, command: CommandObject, texts: Texts, bus: Bus, person: User) -> None:
    language = _MEANT.get((command.args or "").strip().lower())
    if language is None:
        await message.answer(texts.say("language-choose"), reply_markup=keyboards.of_languages())
    else:
        await message.answer(await _speak(bus, person, language))


async def press(query: CallbackQuery, callback_data: Speak, texts: Texts, bus: Bus, person: User) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    await rewrite(message, await _speak(bus, person, callback_data.language), None)
    await query.answer()


async def _speak(bus: Bus, person: User, language: Language) -> str:
    await bus.request(UpdateProfile(by=person.id, language=language))
    return TEXTS[language].say("language-chosen")
