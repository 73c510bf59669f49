"""Answers that are remembered, so as not to be made again."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Remembered(Generic[V]):
    """Answers, each of one position; what is asked for least goes first."""

    def __init__(self, capacity: int) -> None:
        """`capacity` is the sum of all sizes."""
        self._room = capacity
        self._most = capacity // 2
        self._answers: OrderedDict[Hashable, tuple[str, V, int]] = OrderedDict()

    def get(self, question: Hashable, position: str) -> V | None:
        """The answer, if it is of this position."""
        found = self.last(question)
        return found[1] if found and found[0] == position else None

    def last(self, question: Hashable) -> tuple[str, V] | None:
        """The newest answer and its position, whichever that is."""
        found = self._answers.get(question)
        if found is None:
            return None
        self._answers.move_to_end(question)
        return found[:2]

    def keep(self, question: Hashable, position: str, answer: V, size: int = 1) -> None:
        """Instead of the one that there was."""
        if size > self._most:
            return
        if (former := self._answers.pop(question, None)) is not None:
            self._room += former[2]
        self._answers[question] = (position, answer, size)
        self._room -= size
        while self._room < 0:
            self._room += self._answers.popitem(last=False)[1][2]
