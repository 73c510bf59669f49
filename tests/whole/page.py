"""A page of the documentation as somebody follows it from top to bottom: commands, and the answers it promises.

A block marked `sh` holds commands; one marked `json` or `text` right below it is what they answer. In an answer white
space between words means nothing, `...` stands for anything, and moments and ids may be others than those shown. A line
such as `TEAM=3` or `TOKEN=ttm_...` takes up what an answer above has shown.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_ANYTHING = "..."
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TAKEN_UP = re.compile(r"^(\w+)=([^\s$]+)$", re.MULTILINE)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\.\.\.|\d+|\s+|.')
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"

_ID = re.compile(
    r"id|team|task|list|labels?|user|telegram|to|by|created_by|assignee|watchers|mentions"
    r"|seq|change|previous|before|after|from|cursor|rank"
)
"""After these names a number may be another one."""


class Step(NamedTuple):
    """Commands, what they are to answer all together, and where on the page they are."""

    line: int
    commands: str
    answer: str


def steps(text: str) -> Iterator[Step]:
    """All commands of a page, in order; raises ValueError for an answer to nothing."""
    asked, end = None, 0
    for block in _BLOCK.finditer(text):
        if block[1] in ("json", "text"):
            if asked is None or text[end : block.start()].strip():
                raise ValueError(f"no command answers this:\n{block[2]}")
            yield asked._replace(answer=block[2])
            asked = None
            continue
        if asked is not None:
            yield asked
        line = text.count("\n", 0, block.start()) + 2
        asked, end = Step(line, block[2], "") if block[1] == "sh" else None, block.end()
    if asked is not None:
        yield asked


class Reader:
    """Keeps in mind what was really answered where the page shows something else."""

    def __init__(self, known: dict[str, str]) -> None:
        """`known` is what the reader knows already, by what the page shows."""
        self._known = known

    def type(self, commands: str) -> str:
        """The commands, with what was really answered filled in."""
        return _TAKEN_UP.sub(lambda line: f"{line[1]}='{self._known.get(line[2], line[2])}'", commands)

    def accepts(self, promised: str, answer: str) -> bool:
        """Whether an answer is what the page promises."""
        parts = list(_parts(promised.strip()))
        match = re.fullmatch("".join(part.pattern for part in parts), answer.strip())
        if match is None:
            return False
        shown = [part.shown for part in parts if part.shown is not None]
        # Of equal ones the first counts: a record begins with its own id.
        self._known |= dict(reversed(list(zip(shown, match.groups(), strict=True))))
        return True


class _Part(NamedTuple):
    """A piece of a regular expression for an answer; `shown` is what the page has where this is a group."""

    pattern: str
    shown: str | None = None


def _parts(promised: str) -> Iterator[_Part]:
    name = ""
    for token in _TOKEN.findall(promised):
        if token == _ANYTHING:
            yield _Part(".*?")
        elif token.isspace():
            yield _Part(r"\s*")
        elif token.isdigit() and _ID.fullmatch(name):
            yield _Part(r"(\d+)", token)
        elif token.startswith('"') and len(token) > 1:
            name = token[1:-1]
            yield _text(name)
        else:
            yield _Part(re.escape(token))


def _text(text: str) -> _Part:
    if re.fullmatch(_MOMENT, text):
        return _Part(f'"({_MOMENT})"', text)
    if _ANYTHING in text:
        inside = '[^"]*'.join(re.escape(part) for part in text.split(_ANYTHING))
        return _Part(f'"({inside})"', text)
    return _Part(re.escape(f'"{text}"'))
