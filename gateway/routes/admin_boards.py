"""The administration: the lists and tasks of all teams."""

import msgspec
from yarl import URL

from gateway.access.administrators import administrator
from gateway.api import Ask, route
from gateway.auth import Caller
from gateway.pages import Page, Paging, page
from gateway.routes.lists import Expected, ListChanges, ListQuery, NewList
from gateway.routes.tasks import NewTask, TaskChanges
from schemas.ids import ListId, TaskId, TeamId
from schemas.lists import CreateList, DeleteList, RestoreList, TaskList, UpdateList
from schemas.search import ListTasks, TaskFilter
from schemas.tasks import CreateTask, DeleteTask, RestoreTask, TaskView, UpdateTask
from schemas.text import Query


class AllTasksQuery(Paging):
    """`q` are words in any of their forms; `deleted` asks for those in the trash."""

    q: Query = ""
    team: TeamId | None = None
    deleted: bool = False


@route("GET", "/api/admin/lists/", also=(403,))
async def admin_list_lists(ask: Ask, caller: Caller, url: URL, query: ListQuery) -> Page[TaskList]:
    """The lists of all teams, or of one; `count` is exact up to 10,000."""
    found = await ask(query.wanted(administrator(caller), as_admin=True))
    return page(url, query, found.count, found.lists)


@route("POST", "/api/admin/lists/", status=201, also=(404,), example=NewList(team=TeamId(1), name="To do"))
async def admin_create_list(ask: Ask, caller: Caller, body: NewList) -> TaskList:
    """Create an empty list at the right end of a board."""
    return await ask(CreateList(by=administrator(caller), as_admin=True, team=body.team, name=body.name))


@route("PATCH", "/api/admin/lists/{list}/", example=ListChanges(name="Doing"))
async def admin_update_list(ask: Ask, caller: Caller, list: ListId, body: ListChanges) -> TaskList:
    """Change a list's name or the number of open tasks that it holds."""
    change = UpdateList(by=administrator(caller), as_admin=True, list=list, **msgspec.structs.asdict(body))
    return await ask(change)


@route("DELETE", "/api/admin/lists/{list}/", status=204)
async def admin_delete_list(ask: Ask, caller: Caller, list: ListId, query: Expected) -> None:
    """Put a list, with all that is on it, into the trash."""
    await ask(DeleteList(by=administrator(caller), as_admin=True, list=list, version=query.version))


@route("POST", "/api/admin/lists/{list}/restore/")
async def admin_restore_list(ask: Ask, caller: Caller, list: ListId) -> TaskList:
    """Take a list, with all that was on it, back from the trash."""
    return await ask(RestoreList(by=administrator(caller), as_admin=True, list=list))


@route("GET", "/api/admin/tasks/", also=(403,))
async def admin_list_tasks(ask: Ask, caller: Caller, url: URL, query: AllTasksQuery) -> Page[TaskView]:
    """The tasks of all teams, or of one, newest first; `count` is exact up to 10,000."""
    wanted = ListTasks(
        by=administrator(caller),
        as_admin=True,
        filter=TaskFilter(team=query.team, q=query.q, archived=True),
        deleted=query.deleted,
        limit=query.limit,
        offset=query.offset,
    )
    found = await ask(wanted)
    return page(url, query, found.count, found.tasks)


@route("POST", "/api/admin/tasks/", status=201, also=(404,), example=NewTask(title="Buy paper", list=ListId(1)))
async def admin_create_task(ask: Ask, caller: Caller, body: NewTask) -> TaskView:
    """Create an open task at the end of a list."""
    return await ask(CreateTask(by=administrator(caller), as_admin=True, **msgspec.structs.asdict(body)))


@route("PATCH", "/api/admin/tasks/{task}/", example=TaskChanges(title="Buy white paper", is_done=False))
async def admin_update_task(ask: Ask, caller: Caller, task: TaskId, body: TaskChanges) -> TaskView:
    """Change any of a task's fields at once."""
    by = administrator(caller)
    return await ask(UpdateTask(by=by, as_admin=True, task=task, **msgspec.structs.asdict(body)))


@route("DELETE", "/api/admin/tasks/{task}/", status=204)
async def admin_delete_task(ask: Ask, caller: Caller, task: TaskId, query: Expected) -> None:
    """Put a task into the trash."""
    await ask(DeleteTask(by=administrator(caller), as_admin=True, task=task, version=query.version))


@route("POST", "/api/admin/tasks/{task}/restore/")
async def admin_restore_task(ask: Ask, caller: Caller, task: TaskId) -> TaskView:
    """Take a task back from the trash, to where it was."""
    return await ask(RestoreTask(by=administrator(caller), as_admin=True, task=task))
