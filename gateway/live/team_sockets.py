"""`/ws/team/<id>/?after=<seq>`: what happens in a team."""

from typing import Annotated

import msgspec

from gateway.access.door import proof_of
from gateway.auth import Caller
from gateway.live.frames import RESET, control_frame, event_frames
from gateway.live.line import TeamLine
from gateway.live.recovery import replay
from gateway.live.sockets import Socket, code_of
from gateway.reading import id_from_path, read_query
from schemas.base import Record
from schemas.errors import BusError
from schemas.ids import Seq, TeamId
from schemas.replay import Replay, ReplayEvents
from schemas.sockets import Ready, Recovered
from schemas.teams import GetTeam


class SocketQuery(Record, forbid_unknown_fields=True):
    """The last position that the browser has; without one it starts where the team stands."""

    after: Annotated[Seq, msgspec.Meta(ge=0, le=2**53 - 1)] | None = None


class TeamSocket(Socket[TeamLine]):
    """Replays what came after a position, then follows the team."""

    after: Seq | None = None

    def read(self) -> None:
        self.after = read_query(SocketQuery, self.request).after

    def line(self, caller: Caller) -> TeamLine:
        return TeamLine(caller, proof_of(self.request), TeamId(id_from_path("team", self.request)))

    async def begin(self, line: TeamLine) -> None:
        """First hold what comes, then ask for what came before, so that nothing is missing between the two.

        Nothing is subscribed to for those outside the team.
        """
        after = self.after
        try:
            await self.edge.bus.request(GetTeam(by=line.caller.id, team=line.team))
            here = await self.fanout.join(line)
            wanted = ReplayEvents(by=line.caller.id, team=line.team, after=here if after is None else after)
            past = await replay(self.edge.bus, wanted)
        except BusError as error:
            line.close(code_of(error))
        else:
            line.go_live(past.seq, _frames(past, after))
            self._show_oneself(line)

    def _show_oneself(self, line: TeamLine) -> None:
        """Tell who else looks at this, and that one looks oneself."""
        feed = self.fanout.feeds.get(line.team)
        if feed is not None and feed.viewers.frame:
            line.say(feed.viewers.frame)
        self.fanout.beats.opened(line)


def _frames(past: Replay, after: Seq | None) -> list[bytes]:
    """What a socket is sent before it goes live."""
    frames: list[bytes] = []
    if after is not None and (past.reset or past.seq < after):
        frames = [RESET]
    elif after is not None and past.events:
        frames = [control_frame(Recovered(from_=Seq(after + 1), to=past.seq)), *event_frames(past.events)]
    return [*frames, control_frame(Ready(seq=past.seq))]
