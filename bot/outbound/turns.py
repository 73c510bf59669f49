"""Whose turn it is: each chat waits for its own time, and is with one worker at most."""

import asyncio
import heapq
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from infra.bus import RawMessage
from schemas.ids import ChatId


class Turns:
    """The chats for which something waits, and the messages that said so."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._heap: list[tuple[float, ChatId]] = []
        self._hints: dict[ChatId, list[RawMessage]] = {}
        self._changed = asyncio.Event()
        self._one_waits = asyncio.Lock()

    def hint(self, chat: ChatId, message: RawMessage) -> None:
        """Something waits for a chat; `message` is to be acknowledged when it has gone out."""
        if (hints := self._hints.get(chat)) is not None:
            hints.append(message)
        else:
            self._hints[chat] = [message]
            self.again(chat, 0.0)

    def again(self, chat: ChatId, wait: float) -> None:
        """A worker gives a chat back; its next turn is in `wait` seconds."""
        heapq.heappush(self._heap, (self._clock() + wait, chat))
        self._changed.set()

    async def take(self) -> ChatId:
        """The next chat whose time has come; it is the caller's until they give it back or finish it."""
        async with self._one_waits:
            while (wait := self._wait()) != 0:
                self._changed.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), wait)
            return heapq.heappop(self._heap)[1]

    def _wait(self) -> float | None:
        """Until the first; None while there is none at all."""
        return max(self._heap[0][0] - self._clock(), 0.0) if self._heap else None

    def hints(self, chat: ChatId) -> list[RawMessage]:
        """Those of now: what is hinted at later may not be seen by a claim that is made now."""
        return [*self._hints.get(chat, ())]

    def finish(self, chat: ChatId, settled: list[RawMessage]) -> None:
        """These hints are settled; where others came meanwhile, the chat has another turn."""
        rest = [message for message in self._hints.get(chat, ()) if message not in settled]
        if rest:
            self._hints[chat] = rest
            self.again(chat, 0.0)
        else:
            self._hints.pop(chat, None)

    def held(self) -> list[RawMessage]:
        """Every message that is not acknowledged yet."""
        return [message for hints in self._hints.values() for message in hints]
