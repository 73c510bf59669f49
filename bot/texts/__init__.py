"""What the bot says, in each language; the sentences are in the `.ftl` files (https://projectfluent.org)."""

import html
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast

LANGUAGES = ("en", "ru")
DEFAULT_LANGUAGE = "en"

QUOTE_LIMIT = 200
"""Characters of people's text within a sentence; Telegram refuses a message that is too long as a whole."""


_DIRECTIONS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that turn the direction of writing, for ever when they are not ended."""


def quote(text: str) -> str:
    """People's text as a part of ours: short, without markup, and with no effect on the direction of the rest."""
    text = text.translate(_DIRECTIONS)
    shown = text if len(text) <= QUOTE_LIMIT else text[: QUOTE_LIMIT - 1] + "…"
    return f"\u2068{html.escape(shown, quote=False)}\u2069"


class Texts:
    """The sentences of one language, as Telegram's HTML."""

    def __init__(self, language: str) -> None:
        self.language = language
        # Telegram knows no isolation marks inside commands and links, so only `quote` sets them.
        self._bundle = FluentBundle([language], use_isolating=False)
        source = (Path(__file__).parent / f"{language}.ftl").read_text(encoding="utf-8")
        resource = FluentResource(source)
        if broken := [entry for entry in resource.body if isinstance(entry, ast.Junk)]:
            raise ValueError(f"{language}.ftl: cannot read {broken[0].content!r}")
        self._bundle.add_resource(resource)
        self.keys = frozenset(entry.id.name for entry in resource.body if isinstance(entry, ast.Message))

    def say(self, key: str, **values: str | int) -> str:
        """The sentence `key` with `values` in it; text among them is quoted.

        Raises KeyError for an unknown key and ValueError where the sentence needs a value that is not given.
        """
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise KeyError(key)
        quoted = {name: quote(value) if isinstance(value, str) else value for name, value in values.items()}
        sentence, errors = self._bundle.format_pattern(pattern, quoted)
        if errors:
            raise ValueError(f"{self.language}.ftl, {key}: {errors[0]}")
        return str(sentence)


TEXTS = {language: Texts(language) for language in LANGUAGES}


def texts_for(language_code: str | None) -> Texts:
    """The texts for a Telegram user's language (IETF tag, often absent); English when we do not speak it."""
    language = (language_code or "").partition("-")[0].lower()
    return TEXTS.get(language, TEXTS[DEFAULT_LANGUAGE])
