"""Tells presence which sockets are alive and which have gone, in bundles."""

import asyncio
from collections.abc import Collection
from itertools import islice
from typing import NamedTuple

from mode import Service

from gateway.live.line import Line, TeamLine
from infra.actor import every
from infra.bus import Bus
from infra.log import get_logger
from schemas.errors import BusError
from schemas.presence import AT_ONCE, ONLINE_SECONDS, Beat, ConnectionId, TakeBeats

log = get_logger(__name__)

_BOARD_SECONDS = 10.0
_BUNDLE_SECONDS = 0.5
"""Pause after a bundle, while the next one gathers."""
_ANSWER_SECONDS = 2.0


class Change(NamedTuple):
    """What is to be said of a connection; without a beat, that it has gone."""

    at: float
    beat: Beat | None


class Beats(Service):
    """Collects what became of `lines`. What presence did not take is said again for as long as it is true."""

    def __init__(self, bus: Bus, lines: Collection[Line]) -> None:
        super().__init__()
        self._bus = bus
        self._lines = lines
        self._changes: dict[ConnectionId, Change] = {}
        """The newest of each."""
        self._filled = asyncio.Event()
        self._sending = asyncio.Lock()

    def heard(self, line: Line, *, is_active: bool) -> None:
        """Somebody's page has said that it is there."""
        self._say(line, Beat(user=line.caller.id, connection=line.connection, is_active=is_active))

    def opened(self, line: TeamLine) -> None:
        """A board is open, and from now on it counts as long as its socket lasts."""
        if not line.code:
            line.is_counted = True
            self._beat(line)

    def ended(self, line: Line) -> None:
        """A line has gone; nobody need hear of one that never counted."""
        if line.is_counted:
            self._say(line, None)

    def _beat(self, line: TeamLine) -> None:
        self._say(line, Beat(user=line.caller.id, connection=line.connection, board=line.team))

    def _say(self, line: Line, beat: Beat | None) -> None:
        line.is_counted = beat is not None
        self._changes[line.connection] = Change(asyncio.get_running_loop().time(), beat)
        self._filled.set()

    @every(seconds=_BOARD_SECONDS)
    async def _beat_for_boards(self) -> None:
        for line in self._lines:
            if isinstance(line, TeamLine) and line.is_counted:
                self._beat(line)

    @Service.task
    async def _send_always(self) -> None:
        while not self.should_stop:
            await self._filled.wait()
            self._filled.clear()
            await self._send_all()
            await self.sleep(_BUNDLE_SECONDS)

    async def on_stop(self) -> None:
        """Say of all that they have gone: browsers come again, to another process or a later one."""
        for line in [*self._lines]:
            self.ended(line)
        await self._send_all()

    async def _send_all(self) -> None:
        async with self._sending:
            changes, self._changes = self._changes, {}
            left = iter(changes.items())
            while some := dict(islice(left, AT_ONCE)):
                if not await self._send(some):
                    self._keep(some | dict(left))

    async def _send(self, changes: dict[ConnectionId, Change]) -> bool:
        beats = tuple(change.beat for change in changes.values() if change.beat is not None)
        gone = tuple(connection for connection, change in changes.items() if change.beat is None)
        try:
            await self._bus.request(TakeBeats(beats=beats, gone=gone), timeout=_ANSWER_SECONDS)
        except BusError as error:
            log.warning("presence does not take heartbeats", beats=len(beats), gone=len(gone), error=error.detail)
            return False
        return True

    def _keep(self, changes: dict[ConnectionId, Change]) -> None:
        """For the next bundle, unless there is something newer; what is too old has come true by itself."""
        oldest = asyncio.get_running_loop().time() - ONLINE_SECONDS
        young = {connection: change for connection, change in changes.items() if change.at > oldest}
        self._changes = young | self._changes
        if self._changes:
            self._filled.set()
