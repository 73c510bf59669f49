"""One message to Telegram, and what came of it."""

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.methods import SendMessage
from msgspec.structs import replace

from bot.outbound.rendering import NO_PREVIEW, Rendered
from schemas.deliveries import Delivery, Outcome, ReportDelivery
from schemas.ids import MessageId

SEND_SECONDS = 20
"""Well below the lease, so that nobody else sends the same meanwhile."""
_ERROR_LENGTH = 300

_NOT_THERE = ("chat not found", "chat was deactivated", "user is deactivated", "peer_id_invalid")
_TOPIC_GONE = ("thread not found", "topic_deleted", "topic_closed")
_MAY_NOT = (
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
    "bot was kicked",
    "need administrator rights",
)


async def tell(bot: Bot, delivery: Delivery, rendered: Rendered) -> ReportDelivery:
    """Send it once. Whatever happens becomes a report; raises nothing of Telegram's but TelegramMigrateToChat."""
    method = SendMessage(
        chat_id=delivery.chat,
        message_thread_id=delivery.thread,
        text=rendered.text,
        reply_markup=rendered.buttons,
        link_preview_options=NO_PREVIEW,
    )
    try:
        # Past the session's middlewares, which would wait and try again by themselves.
        message = await bot.session.make_request(bot, method, SEND_SECONDS)
    except TelegramMigrateToChat:
        raise
    except AiogramError as error:
        return judged(delivery, error)
    return report(delivery, Outcome.SENT, message=MessageId(message.message_id))


def report(delivery: Delivery, outcome: Outcome, message: MessageId | None = None) -> ReportDelivery:
    return ReportDelivery(delivery=delivery.id, attempt=delivery.attempt, outcome=outcome, message=message)


def judged(delivery: Delivery, error: AiogramError) -> ReportDelivery:
    """What an error means for a delivery: only Telegram's own word ends it, all else may pass."""
    text = getattr(error, "message", "") or type(error).__name__
    failed = replace(report(delivery, Outcome.RETRY), error=text[:_ERROR_LENGTH])
    match error:
        case TelegramRetryAfter(retry_after=seconds):
            return replace(failed, retry_after=float(seconds))
        case TelegramForbiddenError():
            return replace(failed, outcome=Outcome.UNREACHABLE)
        case TelegramBadRequest():
            return replace(failed, outcome=_refusal(text.lower()))
        case _:
            return failed


def _refusal(text: str) -> Outcome:
    if any(sign in text for sign in _TOPIC_GONE):
        return Outcome.TOPIC_GONE
    gone = any(sign in text for sign in (*_NOT_THERE, *_MAY_NOT))
    return Outcome.UNREACHABLE if gone else Outcome.REFUSED
