"""The last word: whatever nobody else answered, and whatever failed, still gets a sentence."""

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Chat, ErrorEvent, Message

from bot.commands import PRIVATE_ONLY
from bot.refusals import refusal
from bot.rewriting import alert
from bot.texts import Texts
from infra.log import get_logger
from schemas.errors import BusError, ErrorCode

log = get_logger(__name__)


def unknown_router() -> Router:
    """A new router; it must be the last one, because it takes everything."""
    router = Router(name="unknown")
    # In groups people talk to each other, not to us.
    router.message.register(not_understood, F.chat.type == ChatType.PRIVATE)
    router.message.register(not_here, Command(*PRIVATE_ONLY, ignore_case=True))
    router.callback_query.register(old_button)
    router.errors.register(apologise)
    return router


async def not_understood(message: Message, texts: Texts) -> None:
    await message.answer(texts.say("unknown-message"))


async def not_here(message: Message, texts: Texts) -> None:
    await message.answer(texts.say("private-only"))


async def old_button(query: CallbackQuery, texts: Texts) -> None:
    await query.answer(texts.say("unknown-button"))


async def apologise(event: ErrorEvent, texts: Texts, event_chat: Chat | None = None) -> None:
    """Log what failed, and tell the person that something did, but not what; a refusal says why."""
    sentence = texts.say("failure")
    if isinstance(event.exception, BusError):
        sentence = refusal(event.exception, texts)
    if isinstance(event.exception, TelegramForbiddenError):
        log.info("this person does not let the bot write", chat=event_chat and event_chat.id)
        return
    if not isinstance(event.exception, BusError) or event.exception.code is ErrorCode.INTERNAL:
        log.error("handler failed", update=event.update.update_id, exc_info=event.exception)
    try:
        await _tell(event, sentence)
    except TelegramAPIError as error:
        log.warning("could not even apologise", update=event.update.update_id, error=str(error))


async def _tell(event: ErrorEvent, sentence: str) -> None:
    if query := event.update.callback_query:
        await alert(query, sentence)
    elif message := event.update.message:
        await message.answer(sentence)
