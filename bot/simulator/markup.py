"""Telegram's HTML parse mode, as strict as the real one.

https://core.telegram.org/bots/api#html-style
"""

import html
import re

from bot.simulator.errors import bad_request
from bot.simulator.shapes import Entity

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
}

# Any other `&` is left as it stands; any other `<` is an error.
_SPECIAL = re.compile(
    r"<(?P<end>/?)(?P<tag>[^\s<>/]*)(?P<attributes>[^<>]*)>|<|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);"
)
_HREF = re.compile(r"""href\s*=\s*["']([^"']*)["']""")


def utf16_length(text: str) -> int:
    """How Telegram counts characters: those beyond U+FFFF are two."""
    return len(text) + sum(character > "\uffff" for character in text)


class _Reader:
    """Walks over a marked-up text once and gathers plain text and entities."""

    def __init__(self) -> None:
        self.text = ""
        self.entities: list[Entity] = []
        self._open: list[tuple[str, Entity]] = []

    def take(self, special: re.Match[str]) -> None:
        if special[0].startswith("&"):
            self.text += html.unescape(special[0])
        elif special["tag"] is None:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "" at offset {special.start()}')
        elif special["end"]:
            self._close(special["tag"].lower(), special.start())
        else:
            self._begin(special["tag"].lower(), special["attributes"], special.start())

    def _begin(self, tag: str, attributes: str, at: int) -> None:
        if tag not in _TYPES:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}" at offset {at}')
        href = _HREF.search(attributes) if tag == "a" else None
        url = html.unescape(href[1]) if href else None
        self._open.append((tag, Entity(type=_TYPES[tag], offset=utf16_length(self.text), length=0, url=url)))

    def _close(self, tag: str, at: int) -> None:
        if not self._open:
            raise bad_request(f"can't parse entities: Unexpected end tag at offset {at}")
        begun, entity = self._open.pop()
        if begun != tag:
            raise bad_request(f'can\'t parse entities: Unmatched end tag at offset {at}, expected "</{begun}>"')
        length = utf16_length(self.text) - entity.offset
        # A link without an address is plain text, and so is formatting of nothing.
        if length and (tag != "a" or entity.url):
            self.entities.append(Entity(type=entity.type, offset=entity.offset, length=length, url=entity.url))

    def end(self) -> None:
        if self._open:
            raise bad_request(
                f"can't parse entities: Can't find end tag corresponding to start tag \"{self._open[-1][0]}\""
            )


def parse_html(marked: str) -> tuple[str, tuple[Entity, ...]]:
    """Split into plain text and entities, outer before inner. Raises BotApiError where Telegram would refuse."""
    reader = _Reader()
    after = 0
    for special in _SPECIAL.finditer(marked):
        reader.text += marked[after : special.start()]
        reader.take(special)
        after = special.end()
    reader.text += marked[after:]
    reader.end()
    return reader.text, tuple(sorted(reader.entities, key=lambda entity: (entity.offset, -entity.length)))
