"""What the bot says, in each language; the sentences are in the `.ftl` files (https://projectfluent.org)."""

import html
import re
from pathlib import Path

from infra.language.fluent import Sentences
from schemas.accounts import User

LANGUAGES = ("en", "ru")
DEFAULT_LANGUAGE = "en"

QUOTE_LIMIT = 200
"""Characters of people's text within a sentence; Telegram refuses a message that is too long as a whole."""


_MARKUP = re.compile(r"<[^<>]*>|[\u2068\u2069]")
_DIRECTIONS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that turn the direction of writing, for ever when they are not ended."""


def quote(text: str) -> str:
    """People's text as a part of ours: short, without markup, and with no effect on the direction of the rest."""
    text = text.translate(_DIRECTIONS)
    shown = text if len(text) <= QUOTE_LIMIT else text[: QUOTE_LIMIT - 1] + "…"
    return f"\u2068{html.escape(shown, quote=False)}\u2069"


def plain(text: str) -> str:
    """What we say as HTML where Telegram takes no markup."""
    return html.unescape(_MARKUP.sub("", text))


class Texts(Sentences):
    """The sentences of one language, as Telegram's HTML."""

    def __init__(self, language: str) -> None:
        super().__init__(Path(__file__).parent / f"{language}.ftl", language, quote)


TEXTS = {language: Texts(language) for language in LANGUAGES}


def texts_for(language_code: str | None) -> Texts:
    """The texts for a Telegram user's language (IETF tag, often absent); English when we do not speak it."""
    language = (language_code or "").partition("-")[0].lower()
    return TEXTS.get(language, TEXTS[DEFAULT_LANGUAGE])


def texts_of(user: User, otherwise: Texts) -> Texts:
    """The texts in the language that somebody has chosen; `otherwise` where they left it open."""
    return TEXTS[user.language] if user.language else otherwise
