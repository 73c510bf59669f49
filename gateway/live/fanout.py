"""Live updates: one subscription for each team that somebody watches, whatever the number of sockets.

NATS core forgets what a reader misses; `recovery` notices that and asks for it.
"""

from collections.abc import Iterable, Iterator

from aiohttp import WSCloseCode
from mode import Service

from gateway.access.door import Door, Proof
from gateway.access.sessions import Sessions
from gateway.live.acknowledgements import Acknowledgements
from gateway.live.beats import Beats
from gateway.live.feed import Feed
from gateway.live.frames import control_frame
from gateway.live.line import Line, TeamLine
from gateway.live.person_line import PersonLine
from gateway.live.recovery import Recovery
from gateway.live.watching import Watching
from infra.actor import every
from infra.bus import Bus
from schemas import sockets
from schemas.base import team_subjects
from schemas.errors import BusError, not_found
from schemas.ids import Seq, TeamId, UserId
from schemas.replay import GetPositions

MAX_SOCKETS = 10_000
"""In one process."""

_LINGER_SECONDS = 5.0
_STUCK_SECONDS = 10.0
_POSITION_SECONDS = 15.0
_SESSION_SECONDS = 30.0
_CHANGED_SECONDS = 1.0


class Fanout(Service):
    """Owns the feeds, the lines that hang on them, and all other lines of this process."""

    def __init__(self, bus: Bus, sessions: Sessions, door: Door, socket_limit: int) -> None:
        super().__init__()
        self.bus = bus
        self.door = door
        self._most_of_one = socket_limit
        self.feeds: dict[TeamId, Feed] = {}
        self.lines: set[Line] = set()
        self._of_one: dict[UserId, set[Line]] = {}
        """Which of the lines are whose."""
        self._changed: set[UserId] = set()
        self._settled: set[UserId] = set()
        self._stopping = False
        self.recovery = Recovery(bus, self.feeds)
        self.beats = Beats(bus, self.lines)
        self.watching = Watching(bus, self.feeds)
        self.acknowledgements = Acknowledgements(bus)
        sessions.on_end(self.session_ended)

    def on_init_dependencies(self) -> Iterable[Service]:
        return [self.recovery, self.watching, self.acknowledgements, self.beats]

    async def join(self, line: TeamLine) -> Seq:
        """Give `line` every event after the position returned. Raises BusError when there is no such team."""
        while True:
            feed = self.feeds.get(line.team)
            if feed is None:
                feed = self.feeds[line.team] = Feed(line.team, self.recovery.catch_up_later)
            async with feed.opening:
                if feed.closed:
                    continue
                here = feed.seq if feed.seq is not None else await self._open(feed)
                line.hold_from(here)
                feed.lines.add(line)
                feed.idle = False
                return here

    def enter(self, line: Line) -> None:
        """Count a line in, or end it at once when there is no room for it."""
        self.lines.add(line)
        theirs = self._of_one.setdefault(line.caller.id, set())
        theirs.add(line)
        if self._stopping:
            line.close(WSCloseCode.GOING_AWAY)
        elif len(self.lines) > MAX_SOCKETS or len(theirs) > self._most_of_one:
            line.close(sockets.CLOSE_TRY_AGAIN)

    def pages(self, user: UserId) -> Iterator[PersonLine]:
        """The lines on which somebody is told what concerns them."""
        return (line for line in self._of_one.get(user, ()) if isinstance(line, PersonLine))

    def leave(self, line: Line) -> None:
        self.lines.discard(line)
        theirs = self._of_one[line.caller.id]
        theirs.discard(line)
        if not theirs:
            del self._of_one[line.caller.id]
        self.beats.ended(line)
        if isinstance(line, TeamLine) and (feed := self.feeds.get(line.team)):
            feed.lines.discard(line)

    async def _open(self, feed: Feed) -> Seq:
        """Listen first and ask for the position then, so that nothing falls between the two."""
        if feed.subscription is None:
            feed.subscription = await self.bus.listen(team_subjects(feed.team), feed.hear)
        positions = await self.bus.request(GetPositions(teams=[feed.team]))
        if not positions:
            raise not_found("team")
        return feed.stand_at(positions[0].seq)

    def session_ended(self, key: str, heir: str) -> None:
        """Close the sockets of a session, or let them go over to the one that goes on for it."""
        for line in self.lines:
            if line.session == key:
                if heir:
                    line.move_to(Proof(heir, is_token=False))
                else:
                    line.close(sockets.CLOSE_SIGNED_OUT)

    def account_changed(self, user: UserId) -> None:
        """Soon look whether the sockets of this person may stay; whoever changes their password gets a new session."""
        self._changed.add(user)

    def go_away(self) -> None:
        """Close every socket, and each that still comes: browsers connect again, to another process or a later one."""
        self._stopping = True
        for line in self.lines:
            line.close(WSCloseCode.GOING_AWAY)

    # What goes on all the time

    @every(seconds=_LINGER_SECONDS)
    async def _close_idle(self) -> None:
        """A feed that was without listeners the last time and still is goes."""
        for feed in [*self.feeds.values()]:
            if feed.lines or feed.opening.locked():
                continue
            if not feed.idle:
                feed.idle = True
                continue
            feed.closed = True
            del self.feeds[feed.team]
            if feed.subscription is not None:
                await feed.subscription.unsubscribe()

    @every(seconds=_POSITION_SECONDS)
    async def _tell_positions(self) -> None:
        for feed in self.feeds.values():
            if feed.seq is not None and feed.lines:
                frame = control_frame(sockets.Position(seq=feed.seq))
                for line in feed.lines:
                    line.say(frame)

    @every(seconds=_STUCK_SECONDS)
    async def _look_for_stuck(self) -> None:
        for line in self.lines:
            line.look()

    @every(seconds=_CHANGED_SECONDS)
    async def _check_changed(self) -> None:
        """Not at once: a session that takes the place of another one must have been opened."""
        settled, self._settled, self._changed = self._settled, self._changed, set()
        if settled:
            await self._check({line.proof for line in self.lines if line.caller.id in settled})

    @every(seconds=_SESSION_SECONDS)
    async def _check_sessions(self) -> None:
        """Sessions end elsewhere too."""
        await self._check({line.proof for line in self.lines})

    async def _check(self, proofs: set[Proof]) -> None:
        """Send those off whose session or token is no longer good; while that cannot be known, nobody."""
        for proof in proofs:
            try:
                good = await self.door.is_good(proof)
            except BusError:
                return
            if not good:
                self._send_off(proof)

    def _send_off(self, proof: Proof) -> None:
        for line in self.lines:
            if line.proof == proof:
                line.close(sockets.CLOSE_SIGNED_OUT)
