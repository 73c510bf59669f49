"""What an event makes pointless of what was not yet sent: nobody is told on Telegram of a task that is done."""

from collections.abc import Iterable, Iterator
from functools import singledispatch

import msgspec

from actors.sql.intake import Cancel
from schemas.base import TeamEvent, UtcTime
from schemas.comments import CommentDeleted, CommentEdited
from schemas.ids import CommentId, UserId
from schemas.members import MemberChanged, MemberRemoved
from schemas.notices import Kind
from schemas.tasks import (
    Task,
    TaskArchived,
    TaskAssigned,
    TaskCompleted,
    TaskDeleted,
    TaskReopened,
    TaskUpdated,
)
from schemas.teams import TeamDeleted

_EVERYTHING = tuple(Kind)
_TO_DO = (Kind.ASSIGNED, Kind.UNASSIGNED, Kind.DUE_SOON, Kind.OVERDUE)
_DEADLINES = (Kind.DUE_SOON, Kind.OVERDUE)


def cancelled(event: TeamEvent) -> list[Cancel]:
    """What is pointless after an event, whether it did something or took it back."""
    return list(_cancels(event))


def left(events: Iterable[TeamEvent]) -> list[MemberRemoved | MemberChanged]:
    """After which of them somebody is in a team no more, so that the groups that they have bound hear nothing of it."""
    return [
        event
        for event in events
        if isinstance(event, MemberRemoved) or (isinstance(event, MemberChanged) and not event.member.is_active)
    ]


@singledispatch
def _cancels(_event: TeamEvent) -> Iterator[Cancel]:
    return iter(())


@_cancels.register
def _(event: TaskCompleted) -> Iterator[Cancel]:
    yield _of_task(event, event.task, "the task is done", _TO_DO)


@_cancels.register
def _(event: TaskArchived) -> Iterator[Cancel]:
    yield _of_task(event, event.task, "the task was put away", _TO_DO)


@_cancels.register
def _(event: TaskDeleted) -> Iterator[Cancel]:
    yield _of_task(event, event.task, "the task was deleted", _EVERYTHING)


@_cancels.register
def _(event: TaskReopened) -> Iterator[Cancel]:
    yield _of_task(event, event.task, "the task is open again", (Kind.COMPLETED,))


@_cancels.register
def _(event: TaskAssigned) -> Iterator[Cancel]:
    task, why = event.task, "the task was given to somebody else"
    yield _of_task(event, task, why, (Kind.ASSIGNED,), but=(task.assignee,) if task.assignee else ())
    if event.previous is not None and event.previous not in task.watchers:
        yield _of_task(event, task, why, _DEADLINES, user=event.previous)
    if task.assignee is not None:
        yield _of_task(event, task, "the task is theirs again", (Kind.UNASSIGNED,), user=task.assignee)


@_cancels.register
def _(event: TaskUpdated) -> Iterator[Cancel]:
    yield _of_task(event, event.task, "the deadline is another one", _DEADLINES, due_at=event.task.due_at)


@_cancels.register
def _(event: CommentDeleted) -> Iterator[Cancel]:
    yield _of_task(event, event.task, "the comment was taken back", _EVERYTHING, comment=event.comment.id)


@_cancels.register
def _(event: CommentEdited) -> Iterator[Cancel]:
    comment, why = event.comment, "the comment names them no more"
    yield _of_task(event, event.task, why, (Kind.MENTIONED,), comment=comment.id, but=comment.mentions)


@_cancels.register
def _(event: MemberRemoved) -> Iterator[Cancel]:
    yield Cancel(team=event.team, seq=event.seq, why="no longer in the team", user=event.member.user)


@_cancels.register
def _(event: MemberChanged) -> Iterator[Cancel]:
    if not event.member.is_active:
        yield Cancel(team=event.team, seq=event.seq, why="the account is not active", user=event.member.user)


@_cancels.register
def _(event: TeamDeleted) -> Iterator[Cancel]:
    yield Cancel(team=event.team, seq=event.seq, why="the team was deleted")


def _of_task(
    event: TeamEvent,
    task: Task,
    why: str,
    kinds: tuple[Kind, ...],
    *,
    comment: CommentId | None = None,
    user: UserId | None = None,
    but: tuple[UserId, ...] = (),
    due_at: UtcTime | msgspec.UnsetType | None = msgspec.UNSET,
) -> Cancel:
    return Cancel(
        team=event.team,
        seq=event.seq,
        why=why,
        kinds=kinds,
        task=task.id,
        comment=comment,
        user=user,
        but=but,
        due_at=due_at,
    )
