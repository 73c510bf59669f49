"""One socket's line: what it still has to be sent, bounded, in order, nothing twice."""

import asyncio
from uuid import uuid4

from gateway.access.door import Proof
from gateway.auth import Caller
from gateway.live.frames import Pipe
from schemas.ids import Seq, TeamId
from schemas.presence import ConnectionId
from schemas.sockets import CLOSE_TOO_SLOW, CLOSE_TRY_AGAIN

QUEUE = 256
"""Frames that may wait for one socket."""


class Line:
    """Carries frames to one browser. `code` says why it was closed."""

    def __init__(self, caller: Caller, proof: Proof) -> None:
        self.caller = caller
        self.ended = asyncio.Event()
        self.code = 0
        self.connection: ConnectionId = uuid4().hex
        """What presence knows it by."""
        self.is_counted = False
        """Whether presence has been told of it."""
        self.heard = 0
        self.proof = proof
        self.session = proof.key
        """The key of the session that it hangs on; empty with a token."""
        self._is_live = True
        self._frames: list[bytes] = []
        self._room = QUEUE
        self._filled = asyncio.Event()
        self._filled.set()  # with nothing, which makes it free
        self._pipe: Pipe | None = None
        self._is_free = False
        """Nothing waits, so that the next frame may go first."""
        self._written = 0
        self._written_then: int | None = None

    def close(self, code: int) -> None:
        """End it; the first reason counts."""
        if not self.ended.is_set():
            self.code = code
            self.ended.set()

    def move_to(self, proof: Proof) -> None:
        """It hangs on another session from now on."""
        self.proof, self.session = proof, proof.key

    def say(self, frame: bytes) -> None:
        """Send a frame if the line is live: at once where nothing stands in the way. Too many that wait end it."""
        if not self._is_live or self.code:
            return
        if self._is_free and self._pipe is not None and not self._pipe.full:
            self._pipe.write(frame)
        elif len(self._frames) >= self._room:
            self.close(CLOSE_TOO_SLOW)
        else:
            self._frames.append(frame)
            self._is_free = False
            self._filled.set()

    async def carry(self, pipe: Pipe) -> None:
        """Send what has to wait, for as long as the line lasts; the rest goes straight into the pipe."""
        self._pipe = pipe
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._frames:
                frames, self._frames, self._room = self._frames, [], QUEUE
                for frame in frames:
                    pipe.write(frame)
                    await pipe.drain()
                    self._written += 1
            self._is_free = True
            self.emptied()

    def emptied(self) -> None:
        """Whatever had to wait has gone out."""

    def look(self) -> None:
        """Asked every ten seconds: a frame that was being written the last time and still is ends the line."""
        self.heard = 0
        waits = self._is_live and not self._is_free
        if waits and self._written_then == self._written:
            self.close(CLOSE_TOO_SLOW)
        self._written_then = self._written if waits else None


class TeamLine(Line):
    """Holds what arrives while the past is being asked for, then goes live."""

    def __init__(self, caller: Caller, proof: Proof, team: TeamId) -> None:
        super().__init__(caller, proof)
        self.team = team
        self._is_live = False
        self._filled.clear()
        self._base = Seq(0)
        self._seq = Seq(0)
        self._held: list[tuple[Seq, bytes]] = []

    def hold_from(self, seq: Seq) -> None:
        """From here on the line is given every event after `seq`."""
        self._base = seq

    def go_live(self, seq: Seq, past: list[bytes]) -> None:
        """Send `past`, which leads up to `seq`, then what was held meanwhile and comes after it, then what comes."""
        held, self._held = self._held, []
        self._is_live = True
        if seq < self._base:
            self.close(CLOSE_TRY_AGAIN)
            return
        self._seq = seq
        self._frames = past
        self._filled.set()
        for number, frame in held:
            if number > seq:
                self._seq = number
                self._frames.append(frame)
        self._room = QUEUE + len(self._frames)

    def give(self, seq: Seq, frame: bytes) -> None:
        """The next event of the team."""
        if not self._is_live:
            self._held.append((seq, frame))
            if len(self._held) > QUEUE:
                self.close(CLOSE_TRY_AGAIN)
        elif seq > self._seq:
            self._seq = seq
            self.say(frame)

    def start_over(self, seq: Seq, frame: bytes) -> None:
        """The events up to `seq` will never come; `frame` tells it."""
        if not self._is_live:
            self._held.clear()
            self._base = seq
        else:
            self._seq = seq
            self.say(frame)
