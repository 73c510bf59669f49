"""Sentences that are written for people, one `.ftl` file for each language (https://projectfluent.org)."""

from collections.abc import Callable
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast

Quote = Callable[[str], str]
"""Makes people's text fit to stand within ours."""


class Sentences:
    """Those of one file and language; text among the values goes through `quote`."""

    def __init__(self, path: Path, language: str, quote: Quote) -> None:
        self.language = language
        self._path = path
        self._quote = quote
        # Telegram knows no isolation marks inside commands and links, so only `quote` sets them.
        self._bundle = FluentBundle([language], use_isolating=False)
        resource = FluentResource(path.read_text(encoding="utf-8"))
        if broken := [entry for entry in resource.body if isinstance(entry, ast.Junk)]:
            raise ValueError(f"{path.name}: cannot read {broken[0].content!r}")
        self._bundle.add_resource(resource)
        self.keys = frozenset(entry.id.name for entry in resource.body if isinstance(entry, ast.Message))

    def say(self, key: str, **values: str | int) -> str:
        """The sentence `key` with `values` in it.

        Raises KeyError for an unknown key and ValueError where the sentence needs a value that is not given.
        """
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise KeyError(key)
        quoted = {name: self._quote(value) if isinstance(value, str) else value for name, value in values.items()}
        sentence, errors = self._bundle.format_pattern(pattern, quoted)
        if errors:
            raise ValueError(f"{self._path.name}, {key}: {errors[0]}")
        return str(sentence)
