"""Who has a board open, for those who look at it: asked of presence once, then followed."""

import asyncio
from collections.abc import Mapping
from itertools import islice

import msgspec
from mode import Service

from gateway.live.feed import Feed
from infra.actor import every
from infra.bus import Bus, RawMessage, Subscription
from infra.log import get_logger
from schemas.errors import BusError
from schemas.ids import TeamId, UserId
from schemas.presence import Moved, WhoIsOnBoard

log = get_logger(__name__)

_TELL_SECONDS = 1.0
_ASK_SECONDS = 1.0
_AGAIN_SECONDS = 60.0
_AT_A_TIME = 32

_moved = msgspec.json.Decoder(Moved).decode


class Watching(Service):
    """Keeps the viewers of each feed, and tells its lines once a second at most, and only when they are others."""

    def __init__(self, bus: Bus, feeds: Mapping[TeamId, Feed]) -> None:
        super().__init__()
        self._bus = bus
        self._feeds = feeds
        self._subscription: Subscription | None = None
        self._boards: dict[UserId, tuple[TeamId, ...]] = {}
        """Which boards somebody has open, of those that have a feed here."""
        bus.on_reconnect(self._doubt)
        bus.on_drop(self._doubt)

    async def on_start(self) -> None:
        self._subscription = await self._bus.listen(Moved.subjects(), self._hear)

    async def on_stop(self) -> None:
        if self._subscription is not None:
            await self._bus.leave(self._subscription)
            self._subscription = None

    def _doubt(self) -> None:
        """Something may have been missed."""
        for feed in self._feeds.values():
            feed.viewers.asked_at = None

    async def _hear(self, raw: RawMessage) -> None:
        try:
            moved = _moved(raw.data)
        except msgspec.DecodeError:
            log.exception("an event cannot be read", subject=raw.subject)
            return
        self._place(moved)

    def _place(self, moved: Moved) -> None:
        for team in {*self._boards.pop(moved.user, ()), *moved.boards}:
            if feed := self._feeds.get(team):
                feed.viewers.put(moved.user, is_active=moved.is_active if team in moved.boards else None)
        if here := tuple(team for team in moved.boards if team in self._feeds):
            self._boards[moved.user] = here

    @every(seconds=_ASK_SECONDS)
    async def _ask(self) -> None:
        """For the feeds that are new, that may have missed something, or were last asked about long ago."""
        long_ago = asyncio.get_running_loop().time() - _AGAIN_SECONDS
        feeds = iter([feed for feed in self._feeds.values() if feed.lines and feed.viewers.is_older_than(long_ago)])
        while some := [*islice(feeds, _AT_A_TIME)]:
            if not all(await asyncio.gather(*map(self._ask_about, some))):
                return

    async def _ask_about(self, feed: Feed) -> bool:
        feed.viewers.ask(asyncio.get_running_loop().time())
        try:
            found = await self._bus.request(WhoIsOnBoard(team=feed.team), timeout=2.0)
        except BusError as error:
            log.warning("viewers are not known", team=feed.team, error=error.detail)
            feed.viewers.fail()
            return False
        feed.viewers.begin(found)
        for viewer in found:
            self._boards[viewer.user] = (*{*self._boards.get(viewer.user, ()), feed.team},)
        return True

    @every(seconds=_TELL_SECONDS)
    async def _tell(self) -> None:
        for feed in self._feeds.values():
            if feed.lines and (frame := feed.viewers.news()):
                for line in feed.lines:
                    line.say(frame)
