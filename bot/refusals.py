"""How the bus refuses, in words: one text for each code."""

from collections.abc import Mapping

from bot.texts import Texts
from infra.language import translated
from schemas.accounts import Language
from schemas.errors import BusError, ErrorCode

TEXT_KEYS: Mapping[ErrorCode, str] = {
    ErrorCode.INVALID: "refused-invalid",
    ErrorCode.UNAUTHENTICATED: "refused-unauthenticated",
    ErrorCode.FORBIDDEN: "refused-forbidden",
    ErrorCode.NOT_FOUND: "refused-not-found",
    ErrorCode.CONFLICT: "refused-conflict",
    ErrorCode.TOO_LARGE: "refused-too-large",
    ErrorCode.INTERNAL: "failure",
    ErrorCode.OVERLOADED: "refused-overloaded",
    ErrorCode.UNAVAILABLE: "refused-unavailable",
}
"""Total: tests/bot/test_refusals.py."""


def refusal(error: BusError, texts: Texts) -> str:
    """What to tell whoever asked; the texts that do not need the reason leave it out."""
    return texts.say(TEXT_KEYS[error.code], detail=translated(error.detail, Language(texts.language)))
