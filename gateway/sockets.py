"""`/ws/team/<id>/?after=<seq>`: from the handshake to the last frame of one socket."""

import asyncio
from http import HTTPStatus
from typing import Annotated

import msgspec
from aiohttp import web

from gateway.api import Edge
from gateway.calls import id_from_path, read_query
from gateway.door import session_of
from gateway.errors import HttpProblem
from gateway.fanout import Fanout
from gateway.frames import RESET, Pipe, control_frame, event_frames
from gateway.line import Line
from gateway.recovery import replay
from infra.log import get_logger
from schemas import sockets
from schemas.base import Record
from schemas.boards import Replay, ReplayEvents
from schemas.errors import BusError, ErrorCode
from schemas.ids import Seq, TeamId
from schemas.sockets import Ready, Recovered

log = get_logger(__name__)

_POLICY_VIOLATION = 1008
_GONE = 1006
_HEARTBEAT_SECONDS = 20.0
_CLOSE_SECONDS = 5.0
_MAX_FRAME = 4096
_MAX_HEARD = 100
"""Frames a browser may send from one position frame to the next; none of them means anything here."""

_CLOSE_CODES = {
    ErrorCode.UNAUTHENTICATED: sockets.CLOSE_SIGNED_OUT,
    ErrorCode.FORBIDDEN: sockets.CLOSE_FORBIDDEN,
    ErrorCode.NOT_FOUND: sockets.CLOSE_NOT_FOUND,
}


class SocketQuery(Record, forbid_unknown_fields=True):
    """The last position that the browser has; without one it starts where the team stands."""

    after: Annotated[Seq, msgspec.Meta(ge=0, le=2**53 - 1)] | None = None


class Sockets:
    """Serves the sockets of this process."""

    def __init__(self, edge: Edge, fanout: Fanout) -> None:
        self._edge = edge
        self._fanout = fanout

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One socket, from upgrade to close. Refusals come as close codes, which a browser can read."""
        self._edge.door.check_origin(request)
        query = read_query(SocketQuery, request)
        socket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_SECONDS, compress=False, max_msg_size=_MAX_FRAME, timeout=_CLOSE_SECONDS
        )
        if not socket.can_prepare(request):
            raise HttpProblem(HTTPStatus.UPGRADE_REQUIRED, "this is for WebSockets", {"Upgrade": "websocket"})
        writer = await socket.prepare(request)
        if request.transport is None:
            return socket
        pipe = Pipe(request.transport, writer)
        await _close(request, socket, await self._admit(request, socket, pipe, query))
        return socket

    async def _admit(self, request: web.Request, socket: web.WebSocketResponse, pipe: Pipe, query: SocketQuery) -> int:
        """Let the caller in and stay with them; gives the code to close with."""
        try:
            team = TeamId(id_from_path("team", request))
            caller = await self._edge.door.caller(request)
        except BusError as error:
            return _code_of(error)
        line = Line(caller, session_of(request), team)
        self._fanout.enter(line)
        try:
            await self._follow(socket, pipe, line, query.after)
        except Exception:
            log.exception("a socket failed", team=team)
            line.close(sockets.CLOSE_TRY_AGAIN)
        finally:
            self._fanout.leave(line)
        return line.code

    async def _follow(self, socket: web.WebSocketResponse, pipe: Pipe, line: Line, after: Seq | None) -> None:
        """Read, write and join side by side until the line ends."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_read(socket, line)),
                group.create_task(_write(pipe, line)),
                group.create_task(self._join(line, after)),
            ]
            await line.ended.wait()
            for task in tasks:
                task.cancel()

    async def _join(self, line: Line, after: Seq | None) -> None:
        """First hold what comes, then ask for what came before, so that nothing is missing between the two."""
        try:
            here = await self._fanout.join(line)
            wanted = ReplayEvents(by=line.caller.id, team=line.team, after=here if after is None else after)
            past = await replay(self._edge.bus, wanted)
        except BusError as error:
            line.close(_code_of(error))
        else:
            line.go_live(past.seq, _frames(past, after))


def _frames(past: Replay, after: Seq | None) -> list[bytes]:
    """What a socket is sent before it goes live."""
    frames: list[bytes] = []
    if after is not None and (past.reset or past.seq < after):
        frames = [RESET]
    elif after is not None and past.events:
        frames = [control_frame(Recovered(from_=Seq(after + 1), to=past.seq)), *event_frames(past.events)]
    return [*frames, control_frame(Ready(seq=past.seq))]


def _code_of(error: BusError) -> int:
    """How a socket is closed that this befell."""
    return _CLOSE_CODES.get(error.code, sockets.CLOSE_TRY_AGAIN)


async def _read(socket: web.WebSocketResponse, line: Line) -> None:
    """Ignore what the browser says, unless it is a flood, and notice when it leaves."""
    async for _ in socket:
        line.heard += 1
        if line.heard > _MAX_HEARD:
            line.close(_POLICY_VIOLATION)
    line.close(_GONE)


async def _write(pipe: Pipe, line: Line) -> None:
    try:
        await line.carry(pipe)
    except ConnectionError:
        line.close(_GONE)


async def _close(request: web.Request, socket: web.WebSocketResponse, code: int) -> None:
    """Say why and wait a little for the answer; whoever does not read is cut off."""
    if code == _GONE or socket.closed:
        return
    await socket.close(code=code, drain=False)
    if socket.close_code == _GONE and request.transport is not None:
        request.transport.abort()
