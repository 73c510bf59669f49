"""Events as the task store tells of them, without a store."""

from datetime import UTC, datetime
from typing import Any

from schemas.clock import Lead, TaskDueSoon, TaskOverdue
from schemas.comments import Comment, CommentAdded, CommentEdited
from schemas.ids import CommentId, ListId, Seq, TaskId, TeamId, UserId
from schemas.tasks import Task, TaskAssigned, TaskCompleted

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
TEAM = TeamId(1)
ANN, BOB, CID, DEE = UserId(1), UserId(2), UserId(3), UserId(4)


def task(**more: Any) -> Task:
    """A task that Ann has made and nobody has."""
    values: dict[str, Any] = {
        "id": TaskId(7),
        "team": TEAM,
        "list": ListId(1),
        "title": "Buy paper",
        "description": "",
        "assignee": None,
        "due_at": None,
        "is_done": False,
        "done_at": None,
        "rank": 1,
        "version": 1,
        "created_by": ANN,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Task(**values | more)


def said(by: UserId, *mentions: UserId) -> Comment:
    return Comment(id=CommentId(5), team=TEAM, task=TaskId(7), by=by, text="Well", mentions=mentions, created_at=NOON)


def _when(by: UserId | None, **more: Any) -> dict[str, Any]:
    return {"team": TEAM, "seq": Seq(9), "at": NOON, "by": by, **more}


def assigned(by: UserId, to: UserId | None, previous: UserId | None = None, **more: Any) -> TaskAssigned:
    return TaskAssigned(task=task(assignee=to), previous=previous, **_when(by, **more))


def completed(by: UserId, of: Task, **more: Any) -> TaskCompleted:
    return TaskCompleted(task=of, **_when(by, **more))


def overdue(of: Task) -> TaskOverdue:
    return TaskOverdue(task=of, **_when(None))


def due_soon(of: Task, lead: Lead = Lead.ONE_HOUR) -> TaskDueSoon:
    return TaskDueSoon(task=of, lead=lead, **_when(None))


def commented(of: Task, comment: Comment) -> CommentAdded:
    return CommentAdded(task=of, comment=comment, **_when(comment.by))


def edited(of: Task, comment: Comment) -> CommentEdited:
    return CommentEdited(task=of, comment=comment, **_when(comment.by))
