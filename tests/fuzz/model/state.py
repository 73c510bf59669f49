"""What a board is, for the model: plain records in one dictionary, and who has changed which of them, in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.errors import ErrorCode
from schemas.members import MemberRole
from schemas.tasks import Priority

Key = tuple[str, int]
"""What is meant: ("task", 42). Who watches a task is a thing of its own, because it is no change of the task."""

ORDER = [MemberRole.VIEWER, MemberRole.MEMBER, MemberRole.ADMIN, MemberRole.OWNER]


class Refused(Exception):
    """The store should say no in this way; `current` is the version that a CONFLICT should bring."""

    def __init__(self, code: ErrorCode, field: str | None = None, current: int | None = None) -> None:
        super().__init__(code, field)
        self.code = code
        self.field = field
        self.current = current


@dataclass
class Team:
    name: str
    version: int = 1
    deleted: bool = False


@dataclass
class Column:
    """A list."""

    name: str
    version: int = 1
    limit: int | None = None
    deleted: bool = False


@dataclass
class Card:
    """A task. `moved` counts its moves: where it stands is said by the order of its column."""

    list: int
    title: str
    description: str = ""
    assignee: int | None = None
    priority: Priority = Priority.NONE
    labels: frozenset[int] = frozenset()
    checklist: tuple[tuple[int, str, bool], ...] = ()
    start_at: datetime | None = None
    due_at: datetime | None = None
    done: bool = False
    archived: bool = False
    deleted: bool = False
    moved: int = 0
    version: int = 1

    @property
    def takes_room(self) -> bool:
        return not (self.done or self.archived or self.deleted)


@dataclass
class Tag:
    """A label."""

    name: str
    colour: str
    version: int = 1
    deleted: bool = False


@dataclass
class Remark:
    """A comment."""

    task: int
    by: int
    text: str
    version: int = 1
    deleted: bool = False


@dataclass
class Door:
    """An invite. None for `uses` is any number of them."""

    role: MemberRole
    by: int
    uses: int | None


@dataclass
class Change:
    """What one command did: the things as they were before it, and after it; None for those that were not there."""

    by: int
    before: dict[Key, Any]
    after: dict[Key, Any]
    undoes: bool = False
    undone: bool = False
    shown_before: Any = None
    """How the board looked."""


@dataclass
class State:
    """All of one team. The orders hold what is not in the trash; archived tasks keep their place."""

    things: dict[Key, Any] = field(default_factory=dict[Key, Any])
    columns: list[int] = field(default_factory=list[int])
    cards: dict[int, list[int]] = field(default_factory=dict[int, list[int]])
    changes: list[Change] = field(default_factory=list[Change])

    @contextmanager
    def change(self, by: int, *, undoes: bool = False) -> Iterator[dict[Key, Any]]:
        """One command: all of it, or when it is refused nothing. Gives the things as they were before."""
        things, columns, cards = deepcopy((self.things, self.columns, self.cards))
        try:
            yield things
        except Refused:
            self.things, self.columns, self.cards = things, columns, cards
            raise
        if touched := self.touched(things):
            after = {key: deepcopy(self.things.get(key)) for key in touched}
            self.changes.append(Change(by, {key: things.get(key) for key in touched}, after, undoes))

    def touched(self, before: dict[Key, Any]) -> list[Key]:
        """What is not as it was before."""
        return [key for key in {**before, **self.things} if before.get(key) != self.things.get(key)]

    def of(self, noun: str) -> dict[int, Any]:
        """All things of a kind, in the order in which they came to be."""
        return {number: thing for (kind, number), thing in self.things.items() if kind == noun}

    # What the rules ask

    def role(self, by: int, least: MemberRole) -> MemberRole:
        """The asker's role; whoever is not in the team, or when it is in the trash, finds nothing."""
        role = self.things.get(("member", by))
        if role is None or self.things["team", 0].deleted:
            raise Refused(ErrorCode.NOT_FOUND)
        if ORDER.index(role) < ORDER.index(least):
            raise Refused(ErrorCode.FORBIDDEN)
        return role

    def thing(self, noun: str, number: int, by: int, least: MemberRole, *, deleted: bool = False) -> Any:
        """A thing that the asker may change; with `deleted` it may be in the trash."""
        thing = self.things.get((noun, number))
        if thing is None or (thing.deleted and not deleted):
            raise Refused(ErrorCode.NOT_FOUND)
        self.role(by, least)
        return thing

    @staticmethod
    def check_version(known: int | None, thing: Any) -> None:
        if known is not None and known != thing.version:
            raise Refused(ErrorCode.CONFLICT, "version", thing.version)
