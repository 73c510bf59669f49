"""The rules of comments."""

import re

from msgspec.structs import replace

from actors.sql.needs import Needs
from actors.task_store.ledger import Ledger
from actors.task_store.rules import decide, need
from schemas.comments import (
    AddComment,
    Comment,
    CommentAdded,
    CommentDeleted,
    CommentEdited,
    DeleteComment,
    EditComment,
)
from schemas.errors import forbidden, not_found
from schemas.ids import CommentId, TeamId, UserId
from schemas.members import MemberRole
from schemas.tasks import Task

_MENTION = re.compile(r"(?<![\w@.+-])@([A-Za-z0-9_.@+-]{1,64})")


@need.register
def _(change: AddComment, needs: Needs) -> None:
    needs.tasks.add(change.task)
    needs.usernames |= _mentioned(change.text)
    needs.new_comments += 1


@need.register
def _(change: EditComment, needs: Needs) -> None:
    needs.comments.add(change.comment)
    needs.usernames |= _mentioned(change.text)


@need.register
def _(change: DeleteComment, needs: Needs) -> None:
    needs.comments.add(change.comment)


@decide.register
def add_comment(change: AddComment, ledger: Ledger) -> Comment:
    task = ledger.task(change.task, change.by)
    comment = Comment(
        id=next(ledger.new_comment_ids),
        team=task.team,
        task=task.id,
        by=change.by,
        text=change.text,
        mentions=_mentions(ledger, task.team, change.text),
        created_at=ledger.now,
    )
    ledger.comments[comment.id] = comment
    watchers = tuple(sorted({*task.watchers, change.by}))
    task = _save(ledger, replace(task, comments=task.comments + 1, watchers=watchers))
    ledger.emit(CommentAdded, task.team, change.by, task=task, comment=comment)
    return comment


@decide.register
def edit_comment(change: EditComment, ledger: Ledger) -> Comment:
    comment, task = _comment(ledger, change.comment, change.by, change.version)
    if comment.by != change.by:
        raise forbidden("only who wrote a comment may edit it")
    if change.text == comment.text:
        return comment
    comment = replace(
        comment,
        text=change.text,
        mentions=_mentions(ledger, comment.team, change.text),
        edited_at=ledger.now,
        version=comment.version + 1,
    )
    ledger.comments[comment.id] = comment
    ledger.emit(CommentEdited, task.team, change.by, task=task, comment=comment)
    return comment


@decide.register
def delete_comment(change: DeleteComment, ledger: Ledger) -> Comment:
    comment, task = _comment(ledger, change.comment, change.by, change.version)
    if comment.by != change.by:
        ledger.task(task.id, change.by, least=MemberRole.ADMIN)
    comment = replace(comment, deleted_at=ledger.now, version=comment.version + 1)
    ledger.comments[comment.id] = comment
    task = _save(ledger, replace(task, comments=task.comments - 1))
    ledger.emit(CommentDeleted, task.team, change.by, task=task, comment=comment)
    return comment


def _comment(ledger: Ledger, comment_id: CommentId, by: UserId, version: int | None) -> tuple[Comment, Task]:
    comment = ledger.comments.get(comment_id)
    if comment is None or comment.deleted_at is not None or ledger.standing(comment.team, by) is None:
        raise not_found("comment")
    task = ledger.task(comment.task, by)
    ledger.check_version(version, comment.version, comment)
    return comment, task


def _mentioned(text: str) -> set[str]:
    """The usernames that a text may mention, in small letters; a full stop after one is not part of it."""
    return {name.rstrip(".").lower() for name in _MENTION.findall(text)} - {""}


def _mentions(ledger: Ledger, team: TeamId, text: str) -> tuple[UserId, ...]:
    names = _mentioned(text)
    return tuple(sorted(m.user for m in ledger.members.values() if m.team == team and m.username.lower() in names))


def _save(ledger: Ledger, task: Task) -> Task:
    """Comments do not count as changes of the task: whoever edits it meanwhile is not refused."""
    ledger.save_task(task)
    return task
