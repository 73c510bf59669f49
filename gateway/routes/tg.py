"""What a bot asks for the person who writes to it."""

from gateway.api import Ask, route
from gateway.auth import Linked
from gateway.routes.tasks import Done
from schemas.ids import TaskId
from schemas.search import ListTasks, TaskFilter
from schemas.tasks import CompleteTask, TaskView

_MOST = 500


@route("GET", "/api/tg/tasks/")
async def list_linked_tasks(ask: Ask, caller: Linked) -> list[TaskView]:
    """The open tasks that are assigned to the person, newest first, 500 at most."""
    mine = TaskFilter(mine=True, is_done=False)
    return (await ask(ListTasks(by=caller.id, filter=mine, limit=_MOST))).tasks


@route("POST", "/api/tg/tasks/{task}/done/")
async def complete_linked_task(ask: Ask, caller: Linked, task: TaskId) -> Done:
    """Mark a task as done in the name of the person."""
    await ask(CompleteTask(by=caller.id, task=task))
    return Done()
