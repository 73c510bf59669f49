"""What the store remembers of its answers, so as not to look again."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

V = TypeVar("V")


class Remembered(Generic[V]):
    """Answers that hold while the teams of their asker stand where they stood; what is asked for least goes first."""

    def __init__(self, capacity: int) -> None:
        """`capacity` is the sum of all sizes."""
        self._room = capacity
        self._most = capacity // 2
        self._answers: OrderedDict[Hashable, tuple[str, V, int]] = OrderedDict()

    def get(self, question: Hashable, position: str) -> V | None:
        found = self._answers.get(question)
        if found is None or found[0] != position:
            return None
        self._answers.move_to_end(question)
        return found[1]

    def keep(self, question: Hashable, position: str, answer: V, size: int = 1) -> None:
        if size > self._most:
            return
        if (former := self._answers.pop(question, None)) is not None:
            self._room += former[2]
        self._answers[question] = (position, answer, size)
        self._room -= size
        while self._room < 0:
            self._room += self._answers.popitem(last=False)[1][2]


class Turns:
    """One at a time for each question."""

    def __init__(self) -> None:
        self._locks = WeakValueDictionary[Hashable, asyncio.Lock]()

    def of(self, question: Hashable) -> asyncio.Lock:
        """Shared by all who hold it at the same time."""
        lock = self._locks.get(question)
        if lock is None:
            lock = self._locks[question] = asyncio.Lock()
        return lock
