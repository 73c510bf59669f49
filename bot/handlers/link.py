"""/link and /unlink: whose Telegram account this is."""

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import Message
from aiogram.types import User as TelegramUser

from bot.links import Links
from bot.middlewares import BusOnly
from bot.moments import minutes_until
from bot.texts import Texts
from infra.bus import Bus
from schemas.accounts import User
from schemas.ids import TelegramId
from schemas.telegram import CreateTelegramCode, EndTelegram


def link_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="link")
    # A code is nobody else's business.
    router.message.filter(F.chat.type == ChatType.PRIVATE)
    router.message.middleware(BusOnly())
    router.message.register(link, Command("link", ignore_case=True))
    router.message.register(unlink, Command("unlink", ignore_case=True))
    return router


async def link(
    message: Message,
    texts: Texts,
    event_from_user: TelegramUser,
    bus: Bus,
    person: User | None,
    links: Links,
) -> None:
    code = await bus.request(CreateTelegramCode(telegram=TelegramId(event_from_user.id)))
    lines = [
        f"{texts.say('link-code')} <code>{code.code}</code>",
        texts.say("link-expires", minutes=minutes_until(code.expires_at)),
    ]
    if person:
        lines.append(texts.say("link-instead", name=person.name, username=person.username))
    if url := links.profile():
        lines.append(url)
    await message.answer("\n".join(lines))


async def unlink(message: Message, texts: Texts, event_from_user: TelegramUser, bus: Bus, person: User | None) -> None:
    await bus.request(EndTelegram(telegram=TelegramId(event_from_user.id)))
    await message.answer(texts.say("unlinked" if person else "unlinked-already"))
