"""Many sockets of one team in a process of their own: `python -m tests.bench.receivers ADDRESS TEAM COUNT`.

The cookie comes on standard input. It says `ready` when all sockets are live, and for each further line that it reads
how many tasks they have been told of; when there are no more lines it says all that it found. A task's title is the
moment of its request, in nanoseconds of the machine's own clock, which all processes share.
"""

import asyncio
import sys
from array import array
from time import perf_counter_ns
from typing import cast

import msgspec
import uvloop

from tests.bench.files import raise_limit

_AT_ONCE = 50
_CREATED = b'"type":"task.created"'
_TITLE = b'"title":"'
_READY = b'"type":"ready"'
_PING, _CLOSE, _PONG = 0x89, 0x88, b"\x8a\x80\0\0\0\0"


class Received(msgspec.Struct):
    """What came of it; latencies are from request to receipt."""

    frames: int
    closed: int
    """Sockets that the gateway closed."""
    p50_ms: float
    p99_ms: float


class Tally:
    """What all sockets have received."""

    def __init__(self) -> None:
        self.latencies = array("q")
        self.closed = 0

    def result(self) -> Received:
        found = sorted(self.latencies) or [0]
        p50, p99 = (found[min(int(len(found) * share), len(found) - 1)] / 1e6 for share in (0.5, 0.99))
        return Received(len(self.latencies), self.closed, p50, p99)


class Socket(asyncio.Protocol):
    """One WebSocket, no more of the protocol than a server needs that does not mask and sends whole messages."""

    def __init__(self, greeting: bytes, tally: Tally) -> None:
        self.live = asyncio.get_running_loop().create_future()
        self._greeting = greeting
        self._tally = tally
        self._buffer = b""
        self._open = False
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods and not the base class.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._transport.write(self._greeting)

    def data_received(self, data: bytes) -> None:
        self._buffer = data = self._buffer + data if self._buffer else data
        at = 0
        if not self._open:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                return
            if not data.startswith(b"HTTP/1.1 101 "):
                self.live.set_exception(RuntimeError(data[:200].decode()))
                return
            self._open = True
        while (end := _end_of_frame(data, at)) and end <= len(data):
            self._take(data, at, end)
            at = end
        self._buffer = data[at:]

    def _take(self, data: bytes, begin: int, end: int) -> None:
        kind = data[begin]
        if kind == _PING:
            self._transport.write(_PONG)
        elif kind == _CLOSE:
            self._transport.close()
        elif data.find(_CREATED, begin, end) >= 0:
            title = data.index(_TITLE, begin, end) + len(_TITLE)
            self._tally.latencies.append(perf_counter_ns() - int(data[title : data.index(b'"', title)]))
        elif data.find(_READY, begin, end) >= 0:
            self.live.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.closed += 1
        if not self.live.done():
            self.live.set_exception(exc or ConnectionError("closed before it was live"))


def _end_of_frame(data: bytes, at: int) -> int:
    """Where the frame that begins at `at` ends; 0 when its head is not there yet."""
    if len(data) < at + 2:
        return 0
    size = data[at + 1]
    if size < 126:
        return at + 2 + size
    width = 2 if size == 126 else 8
    if len(data) < at + 2 + width:
        return 0
    return at + 2 + width + int.from_bytes(data[at + 2 : at + 2 + width])


async def main(address: str, team: str, count: str) -> None:
    loop, tally = asyncio.get_running_loop(), Tally()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    cookie = (await lines.readline()).decode().strip()
    greeting = (
        f"GET /ws/team/{team}/ HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{cookie}\r\n\r\n"
    ).encode()
    host, port = address.split(":")
    left = int(count)
    while left > 0:
        some = range(min(left, _AT_ONCE))
        opening = (loop.create_connection(lambda: Socket(greeting, tally), host, int(port)) for _ in some)
        await asyncio.gather(*(socket.live for _, socket in await asyncio.gather(*opening)))
        left -= len(some)
    _say("ready")
    while await lines.readline():
        _say(str(len(tally.latencies)))
    _say(msgspec.json.encode(tally.result()).decode())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise_limit()
    uvloop.run(main(*sys.argv[1:]))
