"""Whoever asks the same at the same time waits for one answer."""

import asyncio
from collections.abc import Hashable
from weakref import WeakValueDictionary


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
