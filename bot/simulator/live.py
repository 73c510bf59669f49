"""What happens, told at once to every open chat page."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import msgspec

BACKLOG = 500
"""Events that a page may lag behind; it then has to load anew."""

Queue = asyncio.Queue[bytes | None]


class Live:
    """Server-sent events for any number of pages; a page that does not read is cut off and comes back by itself."""

    def __init__(self) -> None:
        self._pages: set[Queue] = set()

    @contextmanager
    def page(self) -> Generator[Queue]:
        """A queue of frames; None in it means the end."""
        queue: Queue = asyncio.Queue(BACKLOG)
        self._pages.add(queue)
        try:
            yield queue
        finally:
            self._pages.discard(queue)

    def tell(self, chat: int, **what: msgspec.Struct) -> None:
        """Send one event about a chat, or about the person of that number; `what` names its kind and says it."""
        if not self._pages:
            return
        (kind,) = what
        body = msgspec.json.encode({"chat": chat, **what})
        frame = b"event: %b\ndata: %b\n\n" % (kind.encode(), body)
        for queue in tuple(self._pages):
            if queue.full():
                self._end(queue)
            else:
                queue.put_nowait(frame)

    def close(self) -> None:
        for queue in tuple(self._pages):
            self._end(queue)

    def _end(self, queue: Queue) -> None:
        self._pages.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
