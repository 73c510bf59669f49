"""Finds out what a feed has missed and asks for it.

Every ten seconds, after a reconnect and after a loss the feeds are compared with the store's positions; an event that
came without the one before it shows a hole at once.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice

import msgspec
from mode import Service

from gateway.live.feed import Feed
from infra.bus import Bus
from infra.cancelled import told_to_stop
from infra.log import get_logger
from schemas.errors import BusError, ErrorCode
from schemas.ids import Seq, TeamId
from schemas.replay import CatchUp, GetPositions, Replay, ReplayEvents
from schemas.sockets import CLOSE_FORBIDDEN, CLOSE_TRY_AGAIN
from schemas.teams import GetTeam

log = get_logger(__name__)

_TEAMS_A_REQUEST = 1000
_COMPARE_SECONDS = 10.0
_RETRY_SECONDS = 0.5
_NEVER = Seq(2**53 - 1)
"""A position that no team reaches; asked for it, the store says `reset` and where the team stands."""


async def replay(bus: Bus, asked: CatchUp | ReplayEvents) -> Replay:
    """What came after a position; where that is more than the bus carries, as if it were more than a replay holds."""
    try:
        return await bus.request(asked)
    except BusError as error:
        if error.code is not ErrorCode.TOO_LARGE:
            raise
        return await bus.request(msgspec.structs.replace(asked, after=_NEVER))


class Recovery(Service):
    """Brings feeds up to date that are behind."""

    def __init__(self, bus: Bus, feeds: Mapping[TeamId, Feed]) -> None:
        super().__init__()
        self.bus = bus
        self.feeds = feeds
        self._doubt = asyncio.Event()
        self._queue: asyncio.Queue[Feed] = asyncio.Queue()
        self._queued: set[Feed] = set()
        bus.on_reconnect(self._doubt.set)
        bus.on_drop(self._doubt.set)

    def catch_up_later(self, feed: Feed) -> None:
        """Put the feed into the queue, once."""
        if feed not in self._queued:
            self._queued.add(feed)
            self._queue.put_nowait(feed)

    @Service.task
    async def _compare(self) -> None:
        while not self.should_stop:
            with suppress(TimeoutError):
                async with asyncio.timeout(_COMPARE_SECONDS):
                    await self._doubt.wait()
            self._doubt.clear()
            try:
                await self._compare_all()
            except BusError as error:
                log.warning("positions are not known", error=error.detail)
                await self.sleep(_RETRY_SECONDS)
                self._doubt.set()

    async def _compare_all(self) -> None:
        known = {team: feed.seq for team, feed in self.feeds.items() if feed.seq is not None}
        teams = iter(known)
        while some := [*islice(teams, _TEAMS_A_REQUEST)]:
            for position in await self.bus.request(GetPositions(teams=some)):
                feed = self.feeds.get(position.team)
                if feed is None or feed.seq is None:
                    continue
                # A store that says less than what we knew before we asked was set back: that is a new beginning.
                if position.seq > feed.seq or position.seq < known[position.team]:
                    self.catch_up_later(feed)

    @Service.task
    async def _work_off(self) -> None:
        while not self.should_stop:
            feed = await self._queue.get()
            self._queued.discard(feed)
            try:
                await self._catch_up(feed)
            except BusError as error:
                log.warning("cannot catch up yet", team=feed.team, error=error.detail)
                await self.sleep(_RETRY_SECONDS)
                self.catch_up_later(feed)
            except (Exception, asyncio.CancelledError):
                if told_to_stop():
                    raise
                log.exception("catching up failed", team=feed.team)

    async def _catch_up(self, feed: Feed) -> None:
        if feed.seq is None or not feed.lines:
            return
        after = feed.seq
        missed = await replay(self.bus, CatchUp(team=feed.team, after=after))
        for event in missed.events:
            feed.take(bytes(event))
        if missed.reset or missed.seq < after:
            feed.start_over(missed.seq)
            await self._let_in_again(feed)

    async def _let_in_again(self, feed: Feed) -> None:
        """Nobody saw whether somebody was taken out of the team in the part that was skipped."""
        for user in {line.caller.id for line in feed.lines}:
            try:
                await self.bus.request(GetTeam(by=user, team=feed.team))
            except BusError as error:
                gone = error.code in (ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN)
                for line in [line for line in feed.lines if line.caller.id == user]:
                    line.close(CLOSE_FORBIDDEN if gone else CLOSE_TRY_AGAIN)
