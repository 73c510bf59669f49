"""The events of teams as the notifier reads them: those it has to do something about, and of the others their place."""

from collections.abc import Mapping

import msgspec

from infra.log import get_logger
from schemas.base import Record, TeamEvent
from schemas.clock import TaskDueSoon, TaskOverdue
from schemas.comments import CommentAdded, CommentDeleted, CommentEdited
from schemas.ids import Seq, TeamId, UserId
from schemas.members import MemberAdded, MemberChanged, MemberRemoved
from schemas.tasks import (
    TaskArchived,
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskReopened,
    TaskUpdated,
)
from schemas.teams import TeamDeleted, TeamRenamed

log = get_logger(__name__)

_OF_INTEREST: tuple[type[TeamEvent], ...] = (
    TaskCreated,
    TaskAssigned,
    TaskUpdated,
    TaskCompleted,
    TaskReopened,
    TaskArchived,
    TaskDeleted,
    TaskDueSoon,
    TaskOverdue,
    CommentAdded,
    CommentEdited,
    CommentDeleted,
    MemberAdded,
    MemberChanged,
    MemberRemoved,
    TeamDeleted,
    TeamRenamed,
)


class _Given(Record):
    """Of a task, whether it is anybody's."""

    assignee: UserId | None


class _Place(Record):
    """What all events have, and the task of those that are about one."""

    type: str
    team: TeamId
    seq: Seq
    task: msgspec.Raw = msgspec.Raw(b"null")


class Step(msgspec.Struct, frozen=True):
    """One step of a team's history; `event` is None where nobody is to be told of it."""

    team: TeamId
    seq: Seq
    event: TeamEvent | None


_place = msgspec.json.Decoder(_Place)
_given = msgspec.json.Decoder(_Given)
_decoders: Mapping[str, msgspec.json.Decoder[TeamEvent]] = {
    kind.tag(): msgspec.json.Decoder(kind) for kind in _OF_INTEREST
}


def read_step(payload: bytes | msgspec.Raw) -> Step | None:
    """None for what is no event of a team at all; that will not get better by coming again."""
    try:
        place = _place.decode(payload)
    except ValueError:
        log.exception("an event breaks the contract")
        return None
    return Step(place.team, place.seq, _event(place, payload))


def _event(place: _Place, payload: bytes | msgspec.Raw) -> TeamEvent | None:
    if (decoder := _decoders.get(place.type)) is None:
        return None
    try:
        # Most tasks begin with nobody, and then there is nobody to tell.
        if place.type == TaskCreated.tag() and _given.decode(place.task).assignee is None:
            return None
        return decoder.decode(payload)
    except ValueError:
        log.exception("an event breaks the contract", team=place.team, seq=place.seq)
        return None
