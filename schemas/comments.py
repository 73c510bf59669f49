"""What people say about tasks."""

from typing import Annotated

import msgspec

from schemas.base import Record, UtcTime
from schemas.boards import BoardChange, BoardCommand, Limit, Version
from schemas.ids import CommentId, TaskId, TeamId, UserId
from schemas.tasks import TaskEvent

Said = Annotated[str, msgspec.Meta(min_length=1, max_length=10_000, pattern=r"^(?=[\s\S]*\S)[^\u0000]*$")]
"""Markdown, not blank."""


class Comment(Record):
    """Markdown; `@username` mentions a member of the team."""

    id: CommentId
    team: TeamId
    task: TaskId
    by: UserId
    text: Said
    mentions: tuple[UserId, ...] = ()
    created_at: UtcTime
    edited_at: UtcTime | None = None
    version: Version = 1
    deleted_at: UtcTime | None = None


class AddComment(BoardChange[Comment], tag="comment.add"):
    """Say something about a task; whoever does watches it from then on."""

    task: TaskId
    text: Said


class EditComment(BoardChange[Comment], tag="comment.edit"):
    """Say one's own comment in other words."""

    comment: CommentId
    text: Said
    version: Version | None = None


class DeleteComment(BoardChange[Comment], tag="comment.delete"):
    """Take one's own comment back; an admin may take back anybody's."""

    comment: CommentId
    version: Version | None = None


class CommentPage(Record):
    count: int
    comments: list[Comment]


class ListComments(BoardCommand[CommentPage], tag="comment.list"):
    """What was said about a task, oldest first; `after` is the last comment that is known."""

    task: TaskId
    after: CommentId | None = None
    limit: Limit = 100


class CommentEvent(TaskEvent):
    """Somebody said something about a task; both come whole."""

    comment: Comment


class CommentAdded(CommentEvent, tag="comment.added"):
    """Something was said about a task."""


class CommentEdited(CommentEvent, tag="comment.edited"):
    """Something was said in other words."""


class CommentDeleted(CommentEvent, tag="comment.deleted"):
    """Something was taken back."""


class CommentRestored(CommentEvent, tag="comment.restored"):
    """Something that was taken back stands again."""
