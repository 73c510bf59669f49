"""What Telegram's refusals mean for a delivery."""

import pytest
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import SendMessage

from bot.outbound.telling import judged
from schemas.deliveries import Delivery, Outcome
from schemas.ids import ChatId, DeliveryId, ThreadId

CALL = SendMessage(chat_id=-5, text="Paper")
DELIVERY = Delivery(
    id=DeliveryId(1), chat=ChatId(-5), thread=ThreadId(7), user=None, language=None, time_zone="UTC", notices=()
)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TelegramBadRequest(CALL, "Bad Request: message thread not found"), Outcome.TOPIC_GONE),
        (TelegramBadRequest(CALL, "Bad Request: TOPIC_DELETED"), Outcome.TOPIC_GONE),
        (TelegramBadRequest(CALL, "Bad Request: chat not found"), Outcome.UNREACHABLE),
        (TelegramBadRequest(CALL, "Bad Request: have no rights to send a message"), Outcome.UNREACHABLE),
        (TelegramBadRequest(CALL, "Bad Request: message is too long"), Outcome.REFUSED),
        (TelegramForbiddenError(CALL, "Forbidden: bot was blocked by the user"), Outcome.UNREACHABLE),
        (TelegramRetryAfter(CALL, "Too Many Requests", 3), Outcome.RETRY),
        (TelegramServerError(CALL, "Bad Gateway"), Outcome.RETRY),
        (TelegramNetworkError(CALL, "no answer"), Outcome.RETRY),
    ],
    ids=str,
)
def test_only_telegrams_own_word_ends_a_delivery(error: AiogramError, outcome: Outcome) -> None:
    assert judged(DELIVERY, error).outcome is outcome
