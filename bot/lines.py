"""A task in one line: `Buy paper @bob !high #office завтра 18:00`."""

import re
from datetime import datetime

from msgspec.structs import replace

from bot.due import split_due
from schemas.base import Record
from schemas.tasks import Priority

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 20_000

_PRIORITIES: dict[Priority, str] = {
    Priority.LOW: "low|низкий|низкая|неважно|потом",
    Priority.MEDIUM: "medium|med|средний|средняя|обычно",
    Priority.HIGH: "high|important|высокий|высокая|важно",
    Priority.URGENT: "urgent|asap|срочно|срочный|срочная",
}
_PRIORITY_OF = {word: priority for priority, words in _PRIORITIES.items() for word in words.split("|")}
_LABEL = re.compile(r"#(?=\D)\S+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Draft(Record):
    """A task that is not one yet: labels and the assignee are still words."""

    title: str
    description: str = ""
    assignee: str | None = None
    """A username; empty is whoever writes."""
    priority: Priority = Priority.NONE
    labels: tuple[str, ...] = ()
    due: datetime | None = None


async def read_line(text: str, time_zone: str, now: datetime) -> Draft | None:
    """The first line is the task, the others describe it; None without a title."""
    first, _, rest = text.strip().partition("\n")
    words, draft = _take_marks(first.split())
    title, due = await split_due(" ".join(words), time_zone, now)
    if not _CONTROL.sub("", title).strip():
        return None
    return replace(in_limits(title, rest.strip()), **_marks(draft), due=due)


def in_limits(title: str, description: str) -> Draft:
    """A title that is too long is cut, and stands whole in the description."""
    title = " ".join(_CONTROL.sub(" ", title).split())
    if len(title) > TITLE_LENGTH:
        description = f"{title}\n\n{description}".strip()
        title = title[: TITLE_LENGTH - 1] + "…"
    return Draft(title=title, description=description.replace("\0", "")[:DESCRIPTION_LENGTH])


def _take_marks(words: list[str]) -> tuple[list[str], Draft]:
    """The words that are no marks, and what the marks say. The first assignee and the last priority count."""
    rest: list[str] = []
    draft = Draft(title="")
    for word in words:
        if word[0] == "@" and len(word) > 1 and draft.assignee is None:
            draft = replace(draft, assignee=person_of(word))
        elif word[0] == "!" and (priority := _PRIORITY_OF.get(word[1:].lower())):
            draft = replace(draft, priority=priority)
        elif _LABEL.fullmatch(word):
            draft = replace(draft, labels=(*draft.labels, word[1:]))
        else:
            rest.append(word)
    return rest, draft


def _marks(draft: Draft) -> dict[str, object]:
    return {"assignee": draft.assignee, "priority": draft.priority, "labels": draft.labels}


def person_of(word: str) -> str:
    """The username that somebody typed, with or without `@`; empty for whoever types."""
    name = word.removeprefix("@").rstrip(",.;:")
    return "" if name.lower() in ("me", "я", "мне", "меня") else name
