"""Tasks."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from gateway.api import Ask, Edge, route
from gateway.auth import Caller
from gateway.routes.lists import Expected
from schemas.base import Record, UtcTime
from schemas.boards import Version
from schemas.ids import ListId, TaskId, TeamId, UserId
from schemas.search import GetTask
from schemas.tasks import (
    ArchiveTask,
    ChangeTasks,
    CompleteTask,
    CreateTask,
    DeleteTask,
    Labels,
    MoveTask,
    Priority,
    ReopenTask,
    RestoreTask,
    TaskFields,
    TaskIds,
    TaskView,
    UnarchiveTask,
    UnwatchTask,
    UpdateTask,
    WatchTask,
)
from schemas.text import Prose, Title


class NewTask(Record, forbid_unknown_fields=True):
    title: Title
    list: ListId
    description: Prose = ""
    assignee: UserId | None = None
    priority: Priority = Priority.NONE
    labels: Labels = ()
    start_at: UtcTime | None = None
    due_at: UtcTime | None = None


class TaskChanges(Record, forbid_unknown_fields=True):
    """What is sent changes, the rest stays; refused with 409 when `version` is sent and no longer current."""

    title: Title | UnsetType = UNSET
    description: Prose | UnsetType = UNSET
    list: ListId | UnsetType = UNSET
    assignee: UserId | UnsetType | None = UNSET
    priority: Priority | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    start_at: UtcTime | UnsetType | None = UNSET
    due_at: UtcTime | UnsetType | None = UNSET
    is_done: bool | UnsetType = UNSET
    version: Version | None = None


class TaskPlace(Record, forbid_unknown_fields=True):
    """In which list of the team, and before which task there; null is last."""

    list: ListId
    before: TaskId | None = None
    version: Version | None = None


class SharedChanges(TaskFields, forbid_unknown_fields=True):
    """What all of them are to have; what is absent stays."""


class ManyTasks(Record, forbid_unknown_fields=True):
    """Tasks of one team, and what all of them are to have."""

    team: TeamId
    tasks: TaskIds
    fields: SharedChanges


class Done(Record):
    status: Literal["ok"] = "ok"


_MANY = ManyTasks(team=TeamId(1), tasks=(TaskId(1),), fields=SharedChanges(is_done=True))


@route("POST", "/api/tasks/bulk/", also=(404,), example=_MANY)
async def change_tasks(ask: Ask, edge: Edge, caller: Caller, body: ManyTasks) -> list[TaskView]:
    """Change up to 500 tasks in the same way: all of them, or, when one may not be, none. Each counts as a change."""
    edge.writes.take(caller.id, len(body.tasks) - 1)  # the call itself was counted as one
    return await ask(ChangeTasks(by=caller.id, team=body.team, tasks=body.tasks, fields=body.fields))


@route("POST", "/api/tasks/", status=201, also=(404,), example=NewTask(title="Buy paper", list=ListId(1)))
async def create_task(ask: Ask, caller: Caller, body: NewTask) -> TaskView:
    """Create an open task at the end of a list."""
    command = CreateTask(by=caller.id, **msgspec.structs.asdict(body))
    return await ask(command)


@route("GET", "/api/tasks/{task}/")
async def get_task(ask: Ask, caller: Caller, task: TaskId) -> TaskView:
    """One task."""
    return await ask(GetTask(by=caller.id, task=task))


@route("PATCH", "/api/tasks/{task}/", example=TaskChanges(title="Buy white paper", is_done=False))
async def update_task(ask: Ask, caller: Caller, task: TaskId, body: TaskChanges) -> TaskView:
    """Change any of a task's fields at once."""
    return await ask(UpdateTask(by=caller.id, task=task, **msgspec.structs.asdict(body)))


@route("DELETE", "/api/tasks/{task}/", status=204)
async def delete_task(ask: Ask, caller: Caller, task: TaskId, query: Expected) -> None:
    """Put a task into the trash."""
    await ask(DeleteTask(by=caller.id, task=task, version=query.version))


@route("POST", "/api/tasks/{task}/done/")
async def complete_task(ask: Ask, caller: Caller, task: TaskId, query: Expected) -> Done:
    """Mark a task as done; one that is done stays as it is."""
    await ask(CompleteTask(by=caller.id, task=task, version=query.version))
    return Done()


@route("POST", "/api/tasks/{task}/reopen/")
async def reopen_task(ask: Ask, caller: Caller, task: TaskId, query: Expected) -> TaskView:
    """Mark a task as open; one that is open stays as it is."""
    return await ask(ReopenTask(by=caller.id, task=task, version=query.version))


@route("POST", "/api/tasks/{task}/archive/")
async def archive_task(ask: Ask, caller: Caller, task: TaskId, query: Expected) -> TaskView:
    """Put a task away; one that is away stays so."""
    return await ask(ArchiveTask(by=caller.id, task=task, version=query.version))


@route("POST", "/api/tasks/{task}/unarchive/")
async def unarchive_task(ask: Ask, caller: Caller, task: TaskId, query: Expected) -> TaskView:
    """Take a task back that was put away."""
    return await ask(UnarchiveTask(by=caller.id, task=task, version=query.version))


@route("POST", "/api/tasks/{task}/watch/")
async def watch_task(ask: Ask, caller: Caller, task: TaskId) -> TaskView:
    """Hear of what happens to a task."""
    return await ask(WatchTask(by=caller.id, task=task))


@route("POST", "/api/tasks/{task}/unwatch/")
async def unwatch_task(ask: Ask, caller: Caller, task: TaskId) -> TaskView:
    """Hear no more of what happens to a task."""
    return await ask(UnwatchTask(by=caller.id, task=task))


@route("POST", "/api/tasks/{task}/move/", example=TaskPlace(list=ListId(1)))
async def move_task(ask: Ask, caller: Caller, task: TaskId, body: TaskPlace) -> TaskView:
    """Put a task into a list of its team, before another task there, or last."""
    return await ask(MoveTask(by=caller.id, task=task, list=body.list, before=body.before, version=body.version))


@route("POST", "/api/tasks/{task}/restore/")
async def restore_task(ask: Ask, caller: Caller, task: TaskId) -> TaskView:
    """Take a task back from the trash, to where it was."""
    return await ask(RestoreTask(by=caller.id, task=task))
