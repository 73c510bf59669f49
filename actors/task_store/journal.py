"""Tables in memory that remember what changed, and can forget it again."""

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MISSING: Any = object()


class Journal:
    """What was changed since the last mark, over all of its tables."""

    def __init__(self) -> None:
        self._changes: list[tuple[JournalTable[Any, Any], Any, Any, bool]] = []

    def table(self, rows: dict[K, V]) -> "JournalTable[K, V]":
        """A dict whose changes are written down here."""
        return JournalTable(rows, self._changes)

    def mark(self) -> None:
        self._changes.clear()

    def take_back(self) -> None:
        """Undo every change since the mark, the last one first."""
        while self._changes:
            table, key, before, first = self._changes.pop()
            table.put_back(key, before, first=first)


class JournalTable(dict[K, V]):
    """Rows by key. Only item assignment, deletion, `pop` and `setdefault` are written down."""

    def __init__(self, rows: dict[K, V], changes: "list[tuple[JournalTable[Any, Any], Any, Any, bool]]") -> None:
        super().__init__(rows)
        self._changes = changes
        self._touched: dict[K, None] = {}
        self.loaded = rows

    def __setitem__(self, key: K, value: V) -> None:
        self._write_down(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        self._write_down(key)
        super().__delitem__(key)

    def pop(self, key: K, default: Any = None) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        if key not in self:
            return default
        value = self[key]
        del self[key]
        return value

    def setdefault(self, key: K, default: V) -> V:  # pyright: ignore[reportIncompatibleMethodOverride]
        if key not in self:
            self[key] = default
        return self[key]

    def changed(self) -> list[V]:
        """The rows that were set, in the order in which they first were."""
        return [self[key] for key in self._touched if key in self]

    def replaced(self) -> list[V]:
        """The rows that were set, as they were loaded; new ones are not among them."""
        return [self.loaded[key] for key in self._touched if key in self.loaded]

    def removed(self) -> list[K]:
        """The keys of loaded rows that are gone."""
        return [key for key in self._touched if key not in self and key in self.loaded]

    def put_back(self, key: K, before: Any, *, first: bool) -> None:
        """As it was before one change, which was the `first` one of this key or not."""
        if first:
            del self._touched[key]
        if before is _MISSING:
            super().__delitem__(key)
        else:
            super().__setitem__(key, before)

    def _write_down(self, key: K) -> None:
        first = key not in self._touched
        if first:
            self._touched[key] = None
        self._changes.append((self, key, self.get(key, _MISSING), first))
