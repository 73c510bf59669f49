"""What happened after a position: for readers that missed something."""

from typing import Annotated, ClassVar

import msgspec

from schemas.base import Command, Record, Role
from schemas.boards import BoardCommand
from schemas.ids import Seq, TeamId


class Replay(Record):
    """What happened after a position: `events` verbatim and in order, `seq` where the team stands now.

    `reset` says that more happened than a replay may hold: take a fresh snapshot instead.
    """

    seq: Seq
    events: list[msgspec.Raw]
    reset: bool = False


class ReplayEvents(BoardCommand[Replay], tag="team.replay"):
    """The events of a team after a position, 1,000 at most."""

    team: TeamId
    after: Annotated[Seq, msgspec.Meta(ge=0, le=2**53 - 1)]


class Position(Record):
    team: TeamId
    seq: Seq


class GetPositions(Command[list[Position]], tag="team.positions"):
    """Where some teams stand: lets the gateway see that it missed something."""

    owner: ClassVar[Role] = Role.TASK_STORE
    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})

    teams: Annotated[list[TeamId], msgspec.Meta(max_length=1000)]


class CatchUp(Command[Replay], tag="team.catch_up"):
    """The events of a team after a position, for the gateway itself: each socket was let in before."""

    owner: ClassVar[Role] = Role.TASK_STORE
    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})

    team: TeamId
    after: Annotated[Seq, msgspec.Meta(ge=0, le=2**53 - 1)]


class ListPositions(Command[list[Position]], tag="position.list"):
    """Where all teams stand, by id and after one of them: lets a reader of everything see what it missed."""

    owner: ClassVar[Role] = Role.TASK_STORE
    senders: ClassVar[frozenset[Role]] = frozenset({Role.NOTIFIER})

    after: TeamId | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1000


class ReadEvents(Command[Replay], tag="event.read"):
    """The first events of a team after a position, for a reader of everything; ask again after the last of them."""

    owner: ClassVar[Role] = Role.TASK_STORE
    senders: ClassVar[frozenset[Role]] = frozenset({Role.NOTIFIER})

    team: TeamId
    after: Annotated[Seq, msgspec.Meta(ge=0, le=2**53 - 1)]
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 200
