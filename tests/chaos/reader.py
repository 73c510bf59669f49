"""Somebody who follows a team over its socket, and comes back as the web client does."""

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType

from schemas.history import Board
from tests.actors.mirror import Mirror
from tests.chaos.creators import Cookies, client

_BACK_SECONDS = 0.3
_SILENCE_SECONDS = 40.0


class Head(msgspec.Struct):
    """What has to be known of a frame."""

    type: str
    seq: int = 0


class Reader:
    """Keeps a copy of the board, led on by events. `faults` says where the stream was not what it must be."""

    def __init__(self, url: str, cookies: Cookies, team: int) -> None:
        self.mirror: Mirror | None = None
        self.seen: list[int] = []
        self.faults: list[str] = []
        self.sockets = 0
        self.resets = 0
        self._url = url
        self._cookies = cookies
        self._team = team

    @property
    def seq(self) -> int:
        return self.mirror.seq if self.mirror else 0

    async def follow(self) -> None:
        """Until cancelled."""
        async with client(self._url, self._cookies) as session:
            self.mirror = Mirror(await self.board(session))
            while True:
                with suppress(ClientError, TimeoutError, OSError):
                    await self._listen(session, self.mirror)
                await asyncio.sleep(_BACK_SECONDS)

    async def board(self, session: ClientSession) -> Board:
        async with session.get(f"/api/teams/{self._team}/board/") as answer:
            answer.raise_for_status()
            return msgspec.json.decode(await answer.read(), type=Board)

    async def _listen(self, session: ClientSession, mirror: Mirror) -> None:
        """One socket. Returns when it is time for another one."""
        path = f"/ws/team/{self._team}/?after={mirror.seq}"
        async with session.ws_connect(path, max_msg_size=0) as socket:
            self.sockets += 1
            while True:
                message = await socket.receive(timeout=_SILENCE_SECONDS)
                if message.type is not WSMsgType.TEXT:
                    self._note_end(socket)
                    return
                if not await self._take(session, mirror, message.data.encode()):
                    return

    def _note_end(self, socket: ClientWebSocketResponse) -> None:
        """Whoever is a member and reads is closed with one of these only: lost, going away, try again."""
        if socket.close_code not in (None, 1001, 1006, 1012, 4503):
            self.faults.append(f"closed with {socket.close_code} at {self.seq}")

    async def _take(self, session: ClientSession, mirror: Mirror, frame: bytes) -> bool:
        """Whether to go on with this socket."""
        head = msgspec.json.decode(frame, type=Head)
        match head.type:
            case "reset":
                self.resets += 1
                self.mirror = mirror = Mirror(await self.board(session))
                return False
            case "position" | "ready":
                return head.seq <= mirror.seq
            case "recovered" | "viewers":
                return True
            case _:
                return self._apply(mirror, head, frame)

    def _apply(self, mirror: Mirror, head: Head, frame: bytes) -> bool:
        if head.seq != mirror.seq + 1:
            self.faults.append(f"{head.seq} came after {mirror.seq}")
            return head.seq <= mirror.seq
        mirror.apply(frame)
        self.seen.append(head.seq)
        return True

    def content(self) -> Any:
        assert self.mirror is not None
        return self.mirror.content()
