"""What Telegram finds in the text that a person types.

https://core.telegram.org/bots/api#messageentity
"""

import re
from collections.abc import Iterable

from bot.simulator.markup import utf16_length
from bot.simulator.shapes import Entity, User

_FINDS = {
    "bot_command": re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?"),
    "url": re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)']"),
    "mention": re.compile(r"(?<!\w)@[A-Za-z]\w{3,31}\b"),
}


def find_entities(text: str, people: Iterable[User] = ()) -> tuple[Entity, ...]:
    """Commands, addresses, @usernames, and the @names of `people` who have no username. None overlaps another."""
    found: list[tuple[int, int, str, User | None]] = []
    for person in people:
        if person.username is None:
            name = re.compile(rf"(?<!\w)@{re.escape(person.first_name)}(?!\w)")
            found += [(*match.span(), "text_mention", person) for match in name.finditer(text)]
    for kind, pattern in _FINDS.items():
        found += [(*match.span(), kind, None) for match in pattern.finditer(text)]
    return tuple(_without_overlaps(text, found))


def _without_overlaps(text: str, found: list[tuple[int, int, str, User | None]]) -> Iterable[Entity]:
    """The first of those that begin earlier, and the longest of those that begin together."""
    done = 0
    for start, end, kind, user in sorted(found, key=lambda each: (each[0], -each[1])):
        if start >= done:
            done = end
            before, length = utf16_length(text[:start]), utf16_length(text[start:end])
            yield Entity(type=kind, offset=before, length=length, user=user)


def part(text: str, entity: Entity) -> str:
    """What an entity is about."""
    units = text.encode("utf-16-le")[2 * entity.offset : 2 * (entity.offset + entity.length)]
    return units.decode("utf-16-le")
