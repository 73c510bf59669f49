"""What a change of a task comes to: one event for each aspect that did change."""

from typing import Any

from msgspec.structs import replace

from actors.task_store.fields import check_span
from actors.task_store.ledger import Ledger
from schemas.errors import conflict
from schemas.ids import UserId
from schemas.tasks import (
    ChecklistChanged,
    Task,
    TaskArchived,
    TaskAssigned,
    TaskCompleted,
    TaskDeleted,
    TaskEvent,
    TaskMoved,
    TaskReopened,
    TaskRestored,
    TaskUnarchived,
    TaskUpdated,
    TaskView,
    WatchersChanged,
)


def become(ledger: Ledger, by: UserId, task: Task, fields: dict[str, Any]) -> TaskView:
    """Change a task, and say so in one event for each aspect that did change. All has been checked before."""
    changed = {name: value for name, value in fields.items() if getattr(task, name) != value}
    if not changed:
        return ledger.view(task)
    if ledger.lists[changed.get("list", task.list)].deleted_at is not None:
        raise conflict("its list is in the trash; restore that first", field="list")
    if changed.keys() & {"is_done", "deleted_at"} and "assignee" not in changed and _is_gone(ledger, task):
        changed |= {} if fields.get("is_done", task.is_done) else {"assignee": None}
    if changed.keys() != {"watchers"}:
        changed |= {"version": task.version + 1, "updated_at": ledger.now}
    now = replace(task, **changed)
    check_span(now)
    ledger.save_task(now)
    for aspect, kind, more in _aspects(task, now):
        if changed.keys() & aspect:
            ledger.emit(kind, task.team, by, task=now, **more)
    return ledger.view(now)


def _aspects(was: Task, now: Task) -> list[tuple[set[str], type[TaskEvent], dict[str, Any]]]:
    """What may change about a task, and the event that says so."""
    return [
        ({"title", "description", "priority", "labels", "start_at", "due_at"}, TaskUpdated, {}),
        ({"list", "rank"}, TaskMoved, {"previous": was.list}),
        ({"assignee"}, TaskAssigned, {"previous": was.assignee}),
        ({"is_done"}, TaskCompleted if now.is_done else TaskReopened, {}),
        ({"checklist"}, ChecklistChanged, {}),
        ({"watchers"}, WatchersChanged, {}),
        ({"archived_at"}, TaskArchived if now.archived_at else TaskUnarchived, {}),
        ({"deleted_at"}, TaskDeleted if now.deleted_at else TaskRestored, {}),
    ]


def _is_gone(ledger: Ledger, task: Task) -> bool:
    """Whether its assignee has left the team, which frees open tasks only."""
    return task.assignee is not None and (task.team, task.assignee) not in ledger.members
