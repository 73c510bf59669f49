"""The order of tasks in a list: integers with room between them, until there is none left."""

from msgspec.structs import replace

from actors.task_store.ledger import STEP, ArrangementNeeded, Ledger
from schemas.errors import invalid
from schemas.ids import ListId, TaskId, UserId
from schemas.tasks import MoveTask, Task, TasksReranked

_NOBODY = TaskId(0)
"""Stands where no task is known."""


def arrange(list_id: ListId, by: UserId, ledger: Ledger) -> None:
    """Give a list's tasks, all of which are loaded, ranks with room between them; their order stays."""
    tasks = [replace(task, rank=place * STEP) for place, task in enumerate(ledger.list_tasks(list_id), start=1)]
    for task in tasks:
        ledger.save_task(task)
        ledger.neighbours.pop(task.id, None)
    ledger.tails[list_id] = len(tasks) * STEP
    ranks = tuple((task.id, task.rank) for task in tasks)
    ledger.emit(TasksReranked, ledger.lists[list_id].team, by, list=list_id, ranks=ranks)


def rank_before(task: Task, change: MoveTask, ledger: Ledger) -> int:
    """Halfway between the task that `before` names and the one that stands before it now."""
    after = ledger.tasks.get(change.before) if change.before else None
    if after is None or after.list != change.list or after.deleted_at is not None:
        raise invalid("no such task in this list", "before")
    place = (after.rank, after.id)
    known = [near for other in ledger.list_tasks(change.list) if (near := (other.rank, other.id)) < place]
    before = max([*known, ledger.neighbours.get(after.id, (0, _NOBODY))])
    if task.list == change.list and before == (task.rank, task.id):
        return task.rank
    rank = (before[0] + after.rank) // 2
    if before[0] < rank < after.rank:
        ledger.neighbours[task.id] = before
        return rank
    raise ArrangementNeeded(change.list)


def rank_at_end(task: Task, list_id: ListId, ledger: Ledger) -> int:
    """The rank of a task that moves behind all others of a list."""
    ledger.neighbours[task.id] = (ledger.tails.get(list_id, 0), _NOBODY)
    return last_rank(ledger, list_id)


def last_rank(ledger: Ledger, list_id: ListId) -> int:
    return ledger.tails.get(list_id, 0) + STEP
