"""Tasks."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType
from yarl import URL

from gateway.api import Ask, route
from gateway.auth import Caller
from gateway.pages import Page, Paging, page
from gateway.routes.lists import Expected
from schemas.base import Record, UtcTime
from schemas.boards import Version
from schemas.ids import ListId, TaskId, TeamId, UserId
from schemas.tasks import (
    CompleteTask,
    CreateTask,
    DeleteTask,
    GetTask,
    ListTasks,
    MoveTask,
    ReopenTask,
    RestoreTask,
    TaskView,
    UpdateTask,
)
from schemas.text import Prose, Query, Title


class TaskQuery(Paging):
    team: TeamId | None = None
    list: ListId | None = None
    filter: Literal["me", "open"] | None = None
    """`me`: assigned to you; `open`: not done."""
    q: Query = ""


class NewTask(Record, forbid_unknown_fields=True):
    title: Title
    list: ListId
    description: Prose = ""
    assignee: UserId | None = None
    due_at: UtcTime | None = None


class TaskChanges(Record, forbid_unknown_fields=True):
    """What is sent changes, the rest stays; refused with 409 when `version` is sent and no longer current."""

    title: Title | UnsetType = UNSET
    description: Prose | UnsetType = UNSET
    list: ListId | UnsetType = UNSET
    assignee: UserId | UnsetType | None = UNSET
    due_at: UtcTime | UnsetType | None = UNSET
    is_done: bool | UnsetType = UNSET
    version: Version | None = None


class TaskPlace(Record, forbid_unknown_fields=True):
    """In which list of the team, and before which task there; null is last."""

    list: ListId
    before: TaskId | None = None
    version: Version | None = None


class Done(Record):
    status: Literal["ok"] = "ok"


@route("GET", "/api/tasks/", also=(404,))
async def list_tasks(ask: Ask, caller: Caller, url: URL, query: TaskQuery) -> Page[TaskView]:
    """The tasks of your teams, newest first."""
    wanted = ListTasks(
        by=caller.id,
        team=query.team,
        list=query.list,
        mine=query.filter == "me",
        open=query.filter == "open",
        q=query.q,
        limit=query.limit,
        offset=query.offset,
    )
    found = await ask(wanted)
    return page(url, query, found.count, found.tasks)


@route("POST", "/api/tasks/", status=201, also=(404,), example=NewTask(title="Buy paper", list=ListId(1)))
async def create_task(ask: Ask, caller: Caller, body: NewTask) -> TaskView:
    """Create an open task at the end of a list."""
    command = CreateTask(
        by=caller.id,
        list=body.list,
        title=body.title,
        description=body.description,
        assignee=body.assignee,
        due_at=body.due_at,
    )
    return await ask(command)


@route("GET", "/api/tasks/my/")
async def my_tasks(ask: Ask, caller: Caller) -> list[TaskView]:
    """The open tasks that are assigned to you, newest first, 500 at most."""
    found = await ask(ListTasks(by=caller.id, mine=True, open=True, limit=500))
    return found.tasks


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


@route("POST", "/api/tasks/{task}/move/", example=TaskPlace(list=ListId(1)))
async def move_task(ask: Ask, caller: Caller, task: TaskId, body: TaskPlace) -> TaskView:
    """Put a task into a list of its team, before another task there, or last."""
    return await ask(MoveTask(by=caller.id, task=task, list=body.list, before=body.before, version=body.version))


@route("POST", "/api/tasks/{task}/restore/")
async def restore_task(ask: Ask, caller: Caller, task: TaskId) -> TaskView:
    """Take a task back from the trash, to where it was."""
    return await ask(RestoreTask(by=caller.id, task=task))
