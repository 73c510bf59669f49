"""Taking back: one's last change, unless somebody else has changed the same thing since."""

from typing import Any

import msgspec
from msgspec.structs import replace

from actors.sql.needs import Needs, Past, Undoable
from actors.task_store.becoming import become
from actors.task_store.fields import check_assignee
from actors.task_store.labels import check_name, check_room
from actors.task_store.ledger import Ledger
from actors.task_store.lists import bring_back
from actors.task_store.rules import decide, need
from schemas.base import TeamEvent, leaves
from schemas.comments import Comment, CommentAdded, CommentDeleted, CommentEdited, CommentEvent, CommentRestored
from schemas.errors import conflict
from schemas.history import ListRestored, Undo
from schemas.ids import Seq
from schemas.labels import Label, LabelCreated, LabelDeleted, LabelRestored, LabelUpdated
from schemas.lists import ListCreated, ListDeleted, ListMoved, ListUpdated, TaskList
from schemas.members import MemberRole
from schemas.tasks import Task, TaskCreated, TaskEvent

_KINDS = {kind.tag(): kind for kind in leaves(TeamEvent)}
_BACK = (
    "list", "rank", "title", "description", "assignee", "priority", "labels", "checklist", "start_at", "due_at",
    "is_done", "done_at", "archived_at", "deleted_at",
)  # fmt: skip
"""What a task gets back; watchers and comments are other people's doings too."""


@need.register
def _(change: Undo, needs: Needs) -> None:
    needs.undoers.add((change.team, change.by))


def need_past(past: list[Undoable], needs: Needs) -> None:
    """Have what those changes were about loaded as it is now."""
    for change in past:
        for step in change.events:
            event = _event(step)
            match event:
                case CommentEvent():
                    needs.comments.add(event.comment.id)
                    needs.tasks.add(event.task.id)
                case TaskEvent():
                    needs.tasks.add(event.task.id)
                    if (before := _task_before(step)) is not None:
                        needs.lists.add(before.list)
                        needs.users |= {before.assignee} if before.assignee else set()
                case ListCreated() | ListDeleted():
                    needs.arranged.add(event.list.id)
                    needs.lists.add(event.list.id)
                case ListUpdated() | ListMoved() | ListRestored():
                    needs.lists.add(event.list.id)
                case LabelCreated() | LabelUpdated() | LabelDeleted() | LabelRestored():
                    needs.labels.add(event.label.id)
                case _:
                    pass


@decide.register
def undo(change: Undo, ledger: Ledger) -> Seq:
    ledger.team(change.team, change.by, MemberRole.MEMBER)
    past = ledger.past.pop((change.team, change.by), None)
    if past is None:
        raise conflict("there is nothing of yours to take back")
    ledger.undoes = past.change
    done: set[Any] = set()
    if any(step.disturbed for step in past.events):
        raise conflict("somebody else has changed the same thing since", field="version")
    for step in past.events:
        event = _event(step)
        thing = (type(event).__mro__[1], _name(event))
        if thing not in done:
            done.add(thing)
            _take_back(step, event, change, ledger)
    return past.change


def _take_back(step: Past, event: Any, change: Undo, ledger: Ledger) -> None:
    """One thing becomes what it was before the change."""
    match event:
        case CommentEvent():
            _comment_back(step, event, change, ledger)
        case TaskEvent():
            _task_back(step, event.task, change, ledger)
        case ListCreated() | ListUpdated() | ListMoved() | ListDeleted() | ListRestored():
            _list_back(step, event.list, change, ledger)
        case LabelCreated() | LabelUpdated() | LabelDeleted() | LabelRestored():
            _label_back(step, event.label, change, ledger)
        case _:
            raise conflict(f"a change of this kind cannot be taken back: {event.summary()}")


def _task_back(step: Past, left: Task, change: Undo, ledger: Ledger) -> None:
    task = ledger.task(left.id, change.by, deleted=True)
    before = _task_before(step)
    if before is None:
        become(ledger, change.by, task, {"deleted_at": ledger.now})
        return
    fields = {name: getattr(before, name) for name in _BACK}
    row = ledger.lists.get(before.list)
    if row is None or row.deleted_at is not None:
        raise conflict("the list that it was in is gone", field="list")
    if before.assignee is not None and (task.team, before.assignee) not in ledger.members:
        raise conflict("whom it was assigned to is no longer in the team", field="assignee")
    check_assignee(ledger, task.team, before.assignee, task.assignee)
    become(ledger, change.by, task, fields)


def _list_back(step: Past, left: TaskList, change: Undo, ledger: Ledger) -> None:
    row = ledger.list_(left.id, change.by, MemberRole.MEMBER, deleted=True)
    before = _thing_before(step, TaskList)
    fields = {"deleted_at": ledger.now} if before is None else _kept(before, "name", "rank", "wip_limit", "deleted_at")
    now = replace(row, **fields, version=row.version + 1)
    if before is None:
        # Whoever made a list may take it away again, but nobody's tasks with it.
        if ledger.list_tasks(row.id):
            raise conflict("there are tasks in the list by now", field="list")
    elif row.deleted_at != now.deleted_at:
        ledger.list_(row.id, change.by, MemberRole.ADMIN, deleted=True)
    if row.deleted_at is not None and now.deleted_at is None:
        bring_back(ledger, change.by, now)
        return
    ledger.lists[row.id] = now
    if row.deleted_at is None and now.deleted_at is not None:
        ledger.emit(ListDeleted, row.team, change.by, list=now)
    elif row.rank != now.rank:
        ledger.emit(ListMoved, row.team, change.by, list=now)
    else:
        ledger.emit(ListUpdated, row.team, change.by, list=now)


def _label_back(step: Past, left: Label, change: Undo, ledger: Ledger) -> None:
    label = ledger.labels[left.id]
    before = _thing_before(step, Label)
    fields = {"deleted_at": ledger.now} if before is None else _kept(before, "name", "colour", "deleted_at")
    now = replace(label, **fields, version=label.version + 1)
    comes = label.deleted_at is not None and now.deleted_at is None
    if now.deleted_at is None and (comes or now.name.lower() != label.name.lower()):
        check_name(ledger, label.team, now.name)
    if comes:
        check_room(ledger, label.team)
    ledger.labels[label.id] = now
    if label.deleted_at is None and now.deleted_at is not None:
        kind: type[TeamEvent] = LabelDeleted
    else:
        kind = LabelRestored if label.deleted_at is not None else LabelUpdated
    ledger.emit(kind, label.team, change.by, label=now)


def _comment_back(step: Past, event: CommentEvent, change: Undo, ledger: Ledger) -> None:
    comment, task = ledger.comments[event.comment.id], ledger.task(event.task.id, change.by)
    match event:
        case CommentAdded():
            kind, more, fields = CommentDeleted, -1, {"deleted_at": ledger.now}
        case CommentDeleted():
            kind, more, fields = CommentRestored, 1, {"deleted_at": None}
        case _:
            before = msgspec.json.decode(step.before, type=_HasComment).comment
            kind, more, fields = CommentEdited, 0, _kept(before, "text", "mentions", "edited_at")
    if comment.by != change.by:
        ledger.task(task.id, change.by, least=MemberRole.ADMIN)
    now = replace(comment, **fields, version=comment.version + 1)
    ledger.comments[now.id] = now
    task = replace(task, comments=task.comments + more)
    ledger.save_task(task)
    ledger.emit(kind, task.team, change.by, task=task, comment=now)


def _event(step: Past) -> Any:
    return msgspec.json.decode(step.event, type=_KINDS[step.type])


def _task_before(step: Past) -> Task | None:
    if step.type == TaskCreated.tag():
        return None
    return msgspec.json.decode(step.before, type=_HasTask).task


class _HasTask(msgspec.Struct):
    task: Task


class _HasComment(msgspec.Struct):
    comment: Comment


class _HasThing(msgspec.Struct):
    list: TaskList | None = None
    label: Label | None = None


def _thing_before(step: Past, kind: type[TaskList] | type[Label]) -> Any:
    """The list or the label as it was before; None when the change created it."""
    if bytes(step.before) == b"null":
        return None
    things = msgspec.json.decode(step.before, type=_HasThing)
    return things.list if kind is TaskList else things.label


def _kept(before: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(before, name) for name in names}


def _name(event: Any) -> Any:
    """What tells the things apart that one change touched."""
    match event:
        case CommentEvent():
            return event.comment.id
        case TaskEvent():
            return event.task.id
        case _:
            return event.seq
