"""The last word: whatever nobody else answered, and whatever failed, still gets a sentence."""

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError
from aiogram.types import CallbackQuery, Chat, ErrorEvent, Message

from bot.texts import Texts
from infra.log import get_logger

log = get_logger(__name__)


def unknown_router() -> Router:
    """A new router; it must be the last one, because it takes everything."""
    router = Router(name="unknown")
    # In groups people talk to each other, not to us.
    router.message.register(not_understood, F.chat.type == ChatType.PRIVATE)
    router.callback_query.register(old_button)
    router.errors.register(apologise)
    return router


async def not_understood(message: Message, texts: Texts) -> None:
    await message.answer(texts.say("unknown-message"))


async def old_button(query: CallbackQuery, texts: Texts) -> None:
    await query.answer(texts.say("unknown-button"))


async def apologise(event: ErrorEvent, bot: Bot, texts: Texts, event_chat: Chat | None = None) -> None:
    """Log what failed, and tell the person that something did, but not what."""
    if isinstance(event.exception, TelegramForbiddenError):
        log.info("this person does not let the bot write", chat=event_chat and event_chat.id)
        return
    log.error("handler failed", update=event.update.update_id, exc_info=event.exception)
    try:
        await _tell(event, bot, texts.say("failure"), event_chat)
    except TelegramAPIError as error:
        log.warning("could not even apologise", update=event.update.update_id, error=str(error))


async def _tell(event: ErrorEvent, bot: Bot, sentence: str, chat: Chat | None) -> None:
    if query := event.update.callback_query:
        await query.answer(sentence, show_alert=True)
    elif chat:
        await bot.send_message(chat.id, sentence)
