"""What Telegram says of the bot itself: that somebody blocked it, or let it in again."""

from aiogram import F, Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.types import ChatMemberUpdated

from bot.texts import Texts
from infra.bus import Bus
from schemas.accounts import User
from schemas.ids import TelegramId
from schemas.telegram import MarkReachable

_OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)


def membership_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="membership")
    router.my_chat_member.register(mark, F.chat.type == ChatType.PRIVATE)
    router.my_chat_member.register(greet_group)
    return router


async def mark(event: ChatMemberUpdated, bus: Bus, person: User | None) -> None:
    if person:
        is_reachable = event.new_chat_member.status not in _OUT
        await bus.request(MarkReachable(telegram=TelegramId(event.from_user.id), is_reachable=is_reachable))


async def greet_group(event: ChatMemberUpdated, texts: Texts) -> None:
    """Say what to do, once, where somebody has just let the bot in; where it was put out it can say nothing."""
    if event.old_chat_member.status in _OUT and event.new_chat_member.status not in _OUT:
        await event.answer(texts.say("group-greeting"))
