"""One team's events for the sockets of this process: each once, in order, encoded once for all."""

import asyncio
from collections.abc import Callable

import msgspec

from gateway.live.frames import RESET, Head, event_frame, head_of
from gateway.live.line import TeamLine
from gateway.live.viewers import ViewerList
from infra.bus import RawMessage, Subscription
from infra.log import get_logger
from schemas.ids import Seq, TeamId
from schemas.members import MemberRemoved
from schemas.sockets import CLOSE_FORBIDDEN, CLOSE_NOT_FOUND
from schemas.teams import TeamDeleted

log = get_logger(__name__)

EARLY = 1000
"""Events that may wait for those before them; the rest is asked for again."""

_removed = msgspec.json.Decoder(MemberRemoved).decode


class Feed:
    """Where a team stands here, and who listens. `behind` is called when events are missing."""

    def __init__(self, team: TeamId, behind: Callable[["Feed"], None]) -> None:
        self.team = team
        self.lines: set[TeamLine] = set()
        self.viewers = ViewerList()
        self.seq: Seq | None = None
        """None until the position is known."""
        self.opening = asyncio.Lock()
        self.subscription: Subscription | None = None
        self.closed = False
        self.idle = False
        self._early: dict[Seq, tuple[Head, bytes]] = {}
        self._behind = behind

    async def hear(self, raw: RawMessage) -> None:
        """Listens to the team's subjects."""
        try:
            self.take(raw.data)
        except msgspec.DecodeError:
            log.exception("an event cannot be read", subject=raw.subject)

    def take(self, payload: bytes) -> None:
        """Pass an event on, keep it until those before it have come, or drop it when it is known."""
        head = head_of(payload)
        if self.seq is None or head.seq > self.seq + 1:
            if len(self._early) < EARLY:
                self._early[head.seq] = head, payload
            if self.seq is not None:
                self._behind(self)
        elif head.seq > self.seq:
            self._pass_on(head, payload)
            self._pass_on_early()

    def stand_at(self, seq: Seq) -> Seq:
        """The events up to `seq` are in the past, or lost; gives where the feed stands with what was early."""
        self.seq = seq
        self._early = {number: event for number, event in self._early.items() if number > seq}
        self._pass_on_early()
        if self._early:
            self._behind(self)
        return self.seq

    def start_over(self, seq: Seq) -> None:
        """More was missed than can be sent: everybody needs a fresh snapshot, then go on from `seq`."""
        for line in self.lines:
            line.start_over(seq, RESET)
        self.stand_at(seq)

    def _pass_on_early(self) -> None:
        while self.seq is not None and (event := self._early.pop(Seq(self.seq + 1), None)) is not None:
            self._pass_on(*event)

    def _pass_on(self, head: Head, payload: bytes) -> None:
        self.seq = head.seq
        if head.type == MemberRemoved.tag():
            self._let_go(_removed(payload))
        elif head.type == TeamDeleted.tag():
            self._let_all_go()
        frame = event_frame(payload, head.type)
        for line in self.lines:
            line.give(head.seq, frame)

    def _let_go(self, event: MemberRemoved) -> None:
        """Whoever was taken out of the team hears nothing more of it."""
        for line in self.lines:
            if line.caller.id == event.member.user:
                line.close(CLOSE_FORBIDDEN)

    def _let_all_go(self) -> None:
        """A deleted team is there for nobody; whoever is to see it again comes again."""
        for line in self.lines:
            line.close(CLOSE_NOT_FOUND)
