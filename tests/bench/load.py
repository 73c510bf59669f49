"""The load generator: closed loops, each sending its next request when the last one was answered.

It shares the processors with what it measures, so it must be cheap: a hand-written HTTP/1.1 client on a raw protocol,
and latencies that are only written down, to be sorted into a histogram when the load is over.
"""

import asyncio
from array import array
from collections.abc import Awaitable, Callable, Iterator
from itertools import repeat
from time import perf_counter_ns
from typing import cast
from urllib.parse import urlsplit

_DRAIN_SECONDS = 10.0
_MAX_REQUESTS = 200_000
_LENGTH = b"Content-Length: "

Ask = Callable[[int], Awaitable[int]]
"""Sends one request for the loop of this number; gives how many things were acknowledged, 0 when it was refused."""


class Tally:
    """What came of one stretch of load: it warms up, is measured, and ends by time or by count. Times are ns."""

    def __init__(self, warm_up: float, seconds: float) -> None:
        self.latencies = array("q")
        self.acknowledged = 0
        """Things made, those of the warm-up too."""
        self.errors = 0
        self._measured = 0
        self._left = _MAX_REQUESTS
        self._begin = perf_counter_ns() + int(warm_up * 1e9)
        self._end = self._begin + int(seconds * 1e9)

    def send(self) -> int:
        """The moment at which a request is sent, or 0 when no more shall be."""
        now = perf_counter_ns()
        self._left -= 1
        if self._left < 0:
            self._end = min(self._end, now)
        return now if now < self._end else 0

    def note(self, sent: int, things: int) -> None:
        """An answer has come."""
        now = perf_counter_ns()
        self.acknowledged += things
        if not things:
            self.errors += 1
        elif self._begin <= now < self._end:
            self._measured += things
            self.latencies.append(now - sent)

    def seconds_left(self) -> float:
        return (self._end - perf_counter_ns()) / 1e9

    @property
    def per_second(self) -> float:
        return self._measured * 1e9 / max(self._end - self._begin, 1)


async def call(ask: Ask, in_flight: int, tally: Tally) -> Tally:
    """Load of any kind: `in_flight` loops around `ask`."""

    async def loop(number: int) -> None:
        while sent := tally.send():
            tally.note(sent, await ask(number))

    async with asyncio.TaskGroup() as group:
        for number in range(in_flight):
            group.create_task(loop(number))
    return tally


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time. `over` is done when it has no more to do."""

    def __init__(self, requests: Iterator[bytes], tally: Tally) -> None:
        self.over = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._tally = tally
        self._buffer = b""
        self._sent = 0
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods and not the base class.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._send()

    def _send(self) -> None:
        self._sent = self._tally.send()
        if self._sent:
            self._transport.write(next(self._requests))
        else:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Status line and Content-Length are all that is looked at; aiohttp always sends the latter."""
        self._buffer = answer = self._buffer + data if self._buffer else data
        head = answer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = answer.index(_LENGTH, 0, head) + len(_LENGTH)
        if len(answer) < head + 4 + int(answer[at : answer.index(b"\r", at)]):
            return
        self._buffer = b""
        self._tally.note(self._sent, answer.startswith(b"HTTP/1.1 20"))
        self._sent = 0
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if self._sent:
            self._tally.note(self._sent, 0)
        if not self.over.done():
            self.over.set_result(None)


async def send(url: str, requests: Iterator[bytes], connections: int, tally: Tally) -> Tally:
    """Load over HTTP. What is not answered some seconds after the end counts as an error."""
    loop, (host, port) = asyncio.get_running_loop(), urlsplit(url).netloc.split(":")
    opening = (
        loop.create_connection(factory, host, int(port))
        for factory in repeat(lambda: Connection(requests, tally), connections)
    )
    pairs = await asyncio.gather(*opening)
    late = tally.seconds_left() + _DRAIN_SECONDS
    await asyncio.wait([connection.over for _, connection in pairs], timeout=late)
    for transport, _ in pairs:
        transport.abort()
    await asyncio.wait([connection.over for _, connection in pairs])
    return tally


def request(path: str, body: bytes = b"", headers: str = "", *, method: str = "POST") -> bytes:
    """A request as it goes over the wire; `headers` are whole lines."""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{headers}\r\n".encode() + body
