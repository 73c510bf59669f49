"""What people say about tasks."""

from gateway.api import Ask, route
from gateway.auth import Caller
from gateway.routes.lists import Expected
from schemas.base import Record
from schemas.boards import Limit, Version
from schemas.comments import AddComment, Comment, CommentPage, DeleteComment, EditComment, ListComments, Said
from schemas.ids import CommentId, TaskId


class CommentQuery(Record, forbid_unknown_fields=True):
    after: CommentId | None = None
    """The last comment that is known."""
    limit: Limit = 100


class NewComment(Record, forbid_unknown_fields=True):
    text: Said


class CommentChanges(Record, forbid_unknown_fields=True):
    text: Said
    version: Version | None = None


@route("GET", "/api/tasks/{task}/comments/")
async def list_comments(ask: Ask, caller: Caller, task: TaskId, query: CommentQuery) -> CommentPage:
    """What was said about a task, oldest first."""
    return await ask(ListComments(by=caller.id, task=task, after=query.after, limit=query.limit))


@route("POST", "/api/tasks/{task}/comments/", status=201, example=NewComment(text="I have it, @ann."))
async def add_comment(ask: Ask, caller: Caller, task: TaskId, body: NewComment) -> Comment:
    """Say something about a task; you watch it from then on."""
    return await ask(AddComment(by=caller.id, task=task, text=body.text))


@route("PATCH", "/api/comments/{comment}/", example=CommentChanges(text="I have it now."))
async def edit_comment(ask: Ask, caller: Caller, comment: CommentId, body: CommentChanges) -> Comment:
    """Say your comment in other words."""
    return await ask(EditComment(by=caller.id, comment=comment, text=body.text, version=body.version))


@route("DELETE", "/api/comments/{comment}/", status=204)
async def delete_comment(ask: Ask, caller: Caller, comment: CommentId, query: Expected) -> None:
    """Take your comment back; an admin may take back anybody's."""
    await ask(DeleteComment(by=caller.id, comment=comment, version=query.version))
