"""What is said to people, in their language: every sentence is written in English, and here are the others.

A sentence without a translation stays English; tests/contract/test_sentences.py finds those.
"""

import re
from pathlib import Path

from infra.language.phrases import Phrases
from schemas.accounts import Language

PHRASES = {Language.RU: Phrases.read(Path(__file__).with_name("ru.toml"))}
"""English is what all sentences are written in."""

_RANGE = re.compile(r"\s*([a-z]+|\*)(?:-[a-z0-9-]+)?\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?", re.IGNORECASE)
_WANTS_NONE = 0.0


def choose(accept_language: str) -> Language:
    """The language that an Accept-Language header (RFC 9110) wants most; English when it wants none of ours."""
    weights: dict[str, float] = {}
    for one in accept_language.split(","):
        if match := _RANGE.fullmatch(one):
            # `ru-RU, ru;q=0.9` wants Russian as much as its first part does: dicts keep that order.
            name, weight = match[1].lower(), float(match[2] or 1)
            weights[name] = max(weight, weights.get(name, _WANTS_NONE))
    for name in sorted(weights, key=lambda name: -weights[name]):
        if weights[name] > _WANTS_NONE and (meant := _meant(name, weights)):
            return meant
    return Language.EN


def _meant(name: str, named: dict[str, float]) -> Language | None:
    """Which of our languages a range stands for; `*` is any that no other range names."""
    return next((ours for ours in Language if ours == name or (name == "*" and ours not in named)), None)


def translated(sentence: str, language: Language) -> str:
    """The same in `language`, as far as it is known there."""
    phrases = PHRASES.get(language)
    return phrases.translated(sentence) if phrases else sentence
