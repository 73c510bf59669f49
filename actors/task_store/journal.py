"""Tables in memory that remember what changed, and can forget it again."""

from collections.abc import Callable
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MISSING: Any = object()


class Journal:
    """What was changed since the last mark, over all of its tables."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def table(self, rows: dict[K, V]) -> "JournalTable[K, V]":
        """A dict whose changes are written down here."""
        return JournalTable(rows, self._undo)

    def mark(self) -> None:
        self._undo.clear()

    def take_back(self) -> None:
        """Undo every change since the mark, the last one first."""
        while self._undo:
            self._undo.pop()()


class JournalTable(dict[K, V]):
    """Rows by key. Only item assignment, deletion, `pop` and `setdefault` are written down."""

    def __init__(self, rows: dict[K, V], undo: list[Callable[[], None]]) -> None:
        super().__init__(rows)
        self._undo = undo
        self._touched: dict[K, None] = {}
        self._loaded = dict(rows)

    def __setitem__(self, key: K, value: V) -> None:
        self._write_down(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        self._write_down(key)
        super().__delitem__(key)

    def setdefault(self, key: K, default: V) -> V:  # pyright: ignore[reportIncompatibleMethodOverride]
        if key not in self:
            self[key] = default
        return self[key]

    def changed(self) -> list[V]:
        """The rows that were set, in the order in which they first were."""
        return [self[key] for key in self._touched if key in self]

    def replaced(self) -> list[V]:
        """The rows that were set, as they were loaded; new ones are not among them."""
        return [self._loaded[key] for key in self._touched if key in self._loaded]

    def removed(self) -> list[K]:
        """The keys of loaded rows that are gone."""
        return [key for key in self._touched if key not in self and key in self._loaded]

    def _write_down(self, key: K) -> None:
        before: Any = self.get(key, _MISSING)
        new = key not in self._touched
        self._touched[key] = None

        def undo() -> None:
            if new:
                del self._touched[key]
            if before is _MISSING:
                super(JournalTable, self).__delitem__(key)
            else:
                super(JournalTable, self).__setitem__(key, before)

        self._undo.append(undo)
