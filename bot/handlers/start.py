"""/start, with and without the code of a deep link, and /help."""

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import Message
from aiogram.types import User as TelegramUser

from bot.commands import COMMANDS, GROUP_COMMANDS
from bot.handlers.arguments import is_private
from bot.texts import Texts, texts_of
from infra.bus import Bus
from schemas.accounts import User
from schemas.errors import BusError, ErrorCode
from schemas.ids import TelegramId
from schemas.telegram import FindTelegramUser, RedeemStart

_NO_SUCH_CODE = (ErrorCode.NOT_FOUND, ErrorCode.INVALID)


def start_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="start")
    private = F.chat.type == ChatType.PRIVATE
    router.message.register(redeem, CommandStart(deep_link=True, ignore_case=True), private)
    router.message.register(greet, CommandStart(ignore_case=True))
    router.message.register(explain, Command("help", ignore_case=True))
    return router


async def redeem(
    message: Message,
    command: CommandObject,
    texts: Texts,
    event_from_user: TelegramUser,
    bus: Bus,
    person: User | None,
) -> None:
    """Link whoever opened the deep link to whoever made it."""
    if not bus.connected:
        await greet(message, texts, event_from_user, bus, person)
        return
    telegram = TelegramId(event_from_user.id)
    try:
        await bus.request(RedeemStart(telegram=telegram, code=command.args or ""))
    except BusError as error:
        if error.code not in _NO_SUCH_CODE:
            raise
        await message.answer(texts.say("start-too-old"))
        return
    person = await bus.request(FindTelegramUser(telegram=telegram))
    texts = texts_of(person, texts)
    linked = texts.say("linked", name=person.name, username=person.username)
    await message.answer(f"{linked}\n\n{texts.say('help-pointer')}")


async def greet(message: Message, texts: Texts, event_from_user: TelegramUser, bus: Bus, person: User | None) -> None:
    greeting = texts.say("greeting", name=person.name if person else event_from_user.full_name)
    state = texts.say("service-up" if bus.connected else "service-down")
    next_step = texts.say("help-pointer" if person or not bus.connected else "link-first")
    await message.answer(f"{greeting}\n\n{state} {next_step}")


async def explain(message: Message, texts: Texts) -> None:
    names = COMMANDS if is_private(message.chat) else GROUP_COMMANDS
    lines = [f"/{name} — {texts.say(f'command-{name}')}" for name in names]
    await message.answer("\n".join([texts.say("help-heading"), "", *lines, "", texts.say("help-more")]))
