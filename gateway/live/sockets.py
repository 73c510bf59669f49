"""One socket, from the handshake to the last frame; what it is about is said by those below `Socket`."""

import asyncio
from http import HTTPStatus
from typing import Generic, TypeVar

from aiohttp import WSMsgType, web

from gateway.api import Edge
from gateway.auth import Caller
from gateway.errors import STATUS, HttpProblem
from gateway.live.fanout import Fanout
from gateway.live.frames import Pipe
from gateway.live.line import Line
from infra.log import get_logger
from schemas import sockets
from schemas.errors import BusError

log = get_logger(__name__)

L = TypeVar("L", bound=Line)

POLICY_VIOLATION = 1008

_GONE = 1006
_HEARTBEAT_SECONDS = 20.0
_CLOSE_SECONDS = 5.0
_MAX_FRAME = 4096
_MAX_HEARD = 100
"""Frames that a browser may send in ten seconds."""

_CLOSE_CODES = {
    HTTPStatus.UNAUTHORIZED: sockets.CLOSE_SIGNED_OUT,
    HTTPStatus.FORBIDDEN: sockets.CLOSE_FORBIDDEN,
    HTTPStatus.NOT_FOUND: sockets.CLOSE_NOT_FOUND,
}


class Socket(Generic[L]):
    """Serves one request for a socket. Refusals come as close codes, which a browser can read."""

    def __init__(self, edge: Edge, fanout: Fanout, request: web.Request) -> None:
        self.edge = edge
        self.fanout = fanout
        self.request = request

    # What differs

    def read(self) -> None:
        """Read what the request says, before the upgrade; raises BusError."""

    def line(self, caller: Caller) -> L:
        """A line for whoever has been let in; raises BusError."""
        raise NotImplementedError

    async def begin(self, line: L) -> None:
        """What is to be done once frames can come and go."""

    def hear(self, line: L, text: str) -> None:
        """Take what the browser says."""

    def farewell(self, line: L) -> bytes:
        """A last frame before the socket is closed, if there is one."""
        del line
        return b""

    # What is the same for all

    async def serve(self) -> web.StreamResponse:
        """From upgrade to close."""
        self.edge.door.check_origin(self.request)
        self.read()
        socket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_SECONDS, compress=False, max_msg_size=_MAX_FRAME, timeout=_CLOSE_SECONDS
        )
        if not socket.can_prepare(self.request):
            raise HttpProblem(HTTPStatus.UPGRADE_REQUIRED, "this is for WebSockets", {"Upgrade": "websocket"})
        writer = await socket.prepare(self.request)
        if self.request.transport is None:
            return socket
        await self._close(socket, await self._admit(socket, Pipe(self.request.transport, writer)))
        return socket

    async def _admit(self, socket: web.WebSocketResponse, pipe: Pipe) -> int:
        """Let the caller in and stay with them; gives the code to close with."""
        try:
            line = self.line(await self.edge.door.caller(self.request))
        except (BusError, HttpProblem) as error:
            return code_of(error)
        self.fanout.enter(line)
        try:
            await self._follow(socket, pipe, line)
        except Exception:
            log.exception("a socket failed", path=self.request.path)
            line.close(sockets.CLOSE_TRY_AGAIN)
        finally:
            self.fanout.leave(line)
        if last := self.farewell(line):
            pipe.write(last)
        return line.code

    async def _follow(self, socket: web.WebSocketResponse, pipe: Pipe, line: L) -> None:
        """Read, write and begin side by side until the line ends."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._read(socket, line)),
                group.create_task(_write(pipe, line)),
                group.create_task(self.begin(line)),
            ]
            await line.ended.wait()
            for task in tasks:
                task.cancel()

    async def _read(self, socket: web.WebSocketResponse, line: L) -> None:
        """Hear the browser out, unless it is a flood, and notice when it leaves."""
        async for message in socket:
            line.heard += 1
            if line.heard > _MAX_HEARD:
                line.close(POLICY_VIOLATION)
            elif message.type is WSMsgType.TEXT:
                self.hear(line, message.data)
        line.close(_GONE)

    async def _close(self, socket: web.WebSocketResponse, code: int) -> None:
        """Say why and wait a little for the answer; whoever does not read is cut off."""
        if code == _GONE or socket.closed:
            return
        await socket.close(code=code, drain=False)
        if socket.close_code == _GONE and self.request.transport is not None:
            self.request.transport.abort()


def code_of(error: BusError | HttpProblem) -> int:
    """How a socket is closed that this befell."""
    status = error.status if isinstance(error, HttpProblem) else STATUS[error.code]
    return _CLOSE_CODES.get(status, sockets.CLOSE_TRY_AGAIN)


async def _write(pipe: Pipe, line: Line) -> None:
    try:
        await line.carry(pipe)
    except ConnectionError:
        line.close(_GONE)
