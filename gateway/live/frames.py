"""What sockets are sent, made once for all of them: servers do not mask, so a frame is the same bytes for everybody."""

import asyncio
from collections.abc import Iterable
from struct import pack

import msgspec
from aiohttp.abc import AbstractStreamWriter

from schemas.ids import Seq
from schemas.sockets import Frame, Reset

_FINAL_TEXT = 0x81
_LONGEST = 125
_LONGEST_16_BITS = 2**16 - 1
_FULL = 64 * 1024
"""Bytes on their way to one browser from which on it has to be waited for."""

_ACTIONS = {
    "created": b'{"action":"created",',
    "added": b'{"action":"created",',
    "restored": b'{"action":"created",',
    "deleted": b'{"action":"deleted",',
    "removed": b'{"action":"deleted",',
}
_UPDATED = b'{"action":"updated",'


class Head(msgspec.Struct):
    """What has to be known of an event to pass it on."""

    type: str
    seq: Seq


head_of = msgspec.json.Decoder(Head).decode


def text_frame(payload: bytes) -> bytes:
    """One whole WebSocket message (RFC 6455, section 5.2)."""
    size = len(payload)
    if size <= _LONGEST:
        return pack("!BB", _FINAL_TEXT, size) + payload
    if size <= _LONGEST_16_BITS:
        return pack("!BBH", _FINAL_TEXT, 126, size) + payload
    return pack("!BBQ", _FINAL_TEXT, 127, size) + payload


def event_frame(payload: bytes | memoryview, kind: str) -> bytes:
    """The event as it is on the bus, with `action` put in front."""
    return text_frame(_ACTIONS.get(kind.rpartition(".")[2], _UPDATED) + payload[1:])


def event_frames(events: Iterable[msgspec.Raw]) -> list[bytes]:
    """The frames of a replay."""
    return [event_frame(memoryview(event), head_of(event).type) for event in events]


def control_frame(frame: Frame) -> bytes:
    """What we say of the stream itself."""
    return text_frame(msgspec.json.encode(frame))


RESET = control_frame(Reset())


class Pipe:
    """The way to one browser. It goes past aiohttp's writer, which would make each frame anew for each socket."""

    def __init__(self, transport: asyncio.Transport, writer: AbstractStreamWriter) -> None:
        self._transport = transport
        self.write = transport.write
        self.drain = writer.drain
        """Wait until the browser has read most of what was written."""

    @property
    def full(self) -> bool:
        """Whether it has to be waited for, or has gone."""
        return self._transport.get_write_buffer_size() > _FULL or self._transport.is_closing()
