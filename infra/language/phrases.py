"""Sentences of another language, found by what they are in English."""

import re
import tomllib
from pathlib import Path
from typing import NamedTuple, Self

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Somebody may send a field whose name is a megabyte of " must be ": nobody reads that, and no pattern shall try.
_LONGEST = 400

Table = dict[str, str]


class Found(NamedTuple):
    """The English sentence with its placeholders, and what stands there."""

    template: str
    values: Table


class Phrases:
    """English sentences and what they are in one other language.

    A sentence may have placeholders, `{number}`. One that is named after a table of words, such as `{role}` or
    `{least_role}` after `role`, holds a word that is translated as well, where the table has it.
    """

    def __init__(self, sentences: Table, words: dict[str, Table]) -> None:
        self.sentences = sentences
        self.words = words
        self._whole = {english for english in sentences if not _PLACEHOLDER.search(english)}
        # The one that says most itself first: `{field} must be at least {number}` before `{field} must be {kind}`.
        templates = sorted(sentences.keys() - self._whole, key=_letters, reverse=True)
        self._patterns = {template: _pattern(template) for template in templates}

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a TOML file with `[sentences]` and any number of `[words.<table>]`."""
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(tables["sentences"], tables["words"])

    def find(self, sentence: str) -> Found | None:
        """Which of our sentences this is."""
        if sentence in self._whole:
            return Found(sentence, {})
        if len(sentence) > _LONGEST:
            return None
        for template, pattern in self._patterns.items():
            if match := pattern.fullmatch(sentence):
                return Found(template, match.groupdict())
        return None

    def translated(self, sentence: str) -> str:
        """The sentence in this language, or as it is."""
        found = self.find(sentence)
        if found is None:
            return sentence
        values = {name: self._word(name, value) for name, value in found.values.items()}
        return self.sentences[found.template].format(**values)

    def _word(self, name: str, value: str) -> str:
        return self.words.get(name.rpartition("_")[2], {}).get(value, value)


def _letters(template: str) -> tuple[int, str]:
    """How much of a template is its own; two of a length are told apart so that their order is always the same."""
    return len(_PLACEHOLDER.sub("", template)), template


def _pattern(template: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(template)
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = (f"(?P<{name}>.+)" for name in parts[1::2])
    return re.compile("".join(parts), re.DOTALL)
