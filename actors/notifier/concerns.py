"""Whom an event concerns, and why. Who did it is never told, and what takes something back tells nobody anything.

`concerned` gives each person once, with the strongest reason; whether they are still in the team is asked later.
"""

from collections.abc import Iterator, Mapping
from functools import singledispatch
from typing import NamedTuple

from schemas.base import TeamEvent
from schemas.clock import Lead, TaskDueSoon, TaskOverdue
from schemas.comments import CommentAdded, CommentEdited
from schemas.ids import UserId
from schemas.members import MemberAdded
from schemas.notices import Kind
from schemas.tasks import Task, TaskAssigned, TaskCompleted, TaskCreated

GROUP_LEAD = Lead.ONE_HOUR
"""A group is told once that a deadline comes near."""


class Concern(NamedTuple):
    """Somebody is to be told, for this reason."""

    user: UserId
    kind: Kind


def concerned(event: TeamEvent) -> Mapping[UserId, Kind]:
    """Who is to be told of an event."""
    if event.undoes is not None:
        return {}
    told: dict[UserId, Kind] = {}
    for concern in _concerns(event):
        if concern.user != event.by:
            told.setdefault(concern.user, concern.kind)
    return told


def for_groups(event: TeamEvent) -> list[Concern]:
    """What groups may be told of it, the strongest reason first, and whom it concerns; whoever did it."""
    if event.undoes is not None or (isinstance(event, TaskDueSoon) and event.lead is not GROUP_LEAD):
        return []
    return list(_concerns(event)) or list(_unheard(event))


@singledispatch
def _concerns(_event: TeamEvent) -> Iterator[Concern]:
    """The strongest reason first."""
    return iter(())


@_concerns.register
def _(event: TaskCreated) -> Iterator[Concern]:
    if event.task.assignee is not None:
        yield Concern(event.task.assignee, Kind.ASSIGNED)


@_concerns.register
def _(event: TaskAssigned) -> Iterator[Concern]:
    if event.task.assignee is not None:
        yield Concern(event.task.assignee, Kind.ASSIGNED)
    if event.previous is not None:
        yield Concern(event.previous, Kind.UNASSIGNED)


@_concerns.register
def _(event: TaskCompleted) -> Iterator[Concern]:
    for user in (event.task.created_by, *event.task.watchers):
        yield Concern(user, Kind.COMPLETED)


@_concerns.register
def _(event: TaskOverdue) -> Iterator[Concern]:
    for user in _those_in_charge(event.task):
        yield Concern(user, Kind.OVERDUE)


@_concerns.register
def _(event: TaskDueSoon) -> Iterator[Concern]:
    for user in _those_in_charge(event.task):
        yield Concern(user, Kind.DUE_SOON)


@_concerns.register
def _(event: CommentAdded) -> Iterator[Concern]:
    for user in event.comment.mentions:
        yield Concern(user, Kind.MENTIONED)
    task = event.task
    for user in (task.assignee, task.created_by, *task.watchers):
        if user is not None:
            yield Concern(user, Kind.COMMENTED)


@_concerns.register
def _(event: CommentEdited) -> Iterator[Concern]:
    for user in event.comment.mentions:
        yield Concern(user, Kind.MENTIONED)


@_concerns.register
def _(event: MemberAdded) -> Iterator[Concern]:
    yield Concern(event.member.user, Kind.ADDED)


def _those_in_charge(task: Task) -> Iterator[UserId]:
    yield task.created_by if task.assignee is None else task.assignee
    yield from task.watchers


@singledispatch
def _unheard(_event: TeamEvent) -> Iterator[Concern]:
    """What a group may hear of although it concerns nobody in particular."""
    return iter(())


@_unheard.register
def _(event: CommentAdded) -> Iterator[Concern]:
    yield Concern(event.comment.by, Kind.COMMENTED)
