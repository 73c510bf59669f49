"""The rules of tasks."""

from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from actors.task_store.ledger import STEP, ArrangementNeeded, Ledger
from actors.task_store.rules import decide
from schemas.boards import MemberRole
from schemas.errors import conflict, invalid
from schemas.ids import ListId, TeamId, UserId
from schemas.tasks import (
    AssignTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    MoveTask,
    ReopenTask,
    RestoreTask,
    Task,
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskEvent,
    TaskMoved,
    TaskReopened,
    TaskRestored,
    TasksReranked,
    TaskUpdated,
    TaskView,
    UpdateTask,
)

_YEARS = range(1970, 9999)


@decide.register
def create_task(change: CreateTask, ledger: Ledger) -> TaskView:
    row = ledger.list_(change.list, change.by, MemberRole.MEMBER)
    _check_assignee(ledger, row.team, change.assignee)
    task = Task(
        id=next(ledger.new_task_ids),
        team=row.team,
        list=row.id,
        title=change.title.strip(),
        description=change.description,
        assignee=change.assignee,
        due_at=_moment(change.due_at),
        is_done=False,
        done_at=None,
        rank=_last_rank(ledger, row.id),
        version=1,
        created_by=change.by,
        created_at=ledger.now,
        updated_at=ledger.now,
    )
    ledger.save_task(task)
    ledger.emit(TaskCreated, task.team, change.by, task=task)
    return ledger.view(task)


@decide.register
def update_task(change: UpdateTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    fields = {
        name: value
        for name in ("title", "description", "list", "assignee", "due_at", "is_done")
        if (value := getattr(change, name)) is not UNSET
    }
    return _patch(task, fields, change.by, ledger)


@decide.register
def assign_task(change: AssignTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return _patch(task, {"assignee": change.assignee}, change.by, ledger)


@decide.register
def complete_task(change: CompleteTask, ledger: Ledger) -> TaskView:
    return _patch(ledger.task(change.task, change.by, change.version), {"is_done": True}, change.by, ledger)


@decide.register
def reopen_task(change: ReopenTask, ledger: Ledger) -> TaskView:
    return _patch(ledger.task(change.task, change.by, change.version), {"is_done": False}, change.by, ledger)


@decide.register
def delete_task(change: DeleteTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return _save(replace(task, deleted_at=ledger.now), [(TaskDeleted, {})], change.by, ledger)


@decide.register
def restore_task(change: RestoreTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version, deleted=True)
    if ledger.lists[task.list].deleted_at is not None:
        raise conflict("its list is in the trash; restore that first", field="list")
    if task.deleted_at is None:
        return ledger.view(task)
    events: list[tuple[type[TaskEvent], dict[str, Any]]] = [(TaskRestored, {})]
    assignee = task.assignee
    if not task.is_done and _is_gone(ledger, task):
        assignee = None
        events.append((TaskAssigned, {"previous": task.assignee}))
    return _save(replace(task, deleted_at=None, assignee=assignee), events, change.by, ledger)


@decide.register
def move_task(change: MoveTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    _check_list(ledger, task.team, change.list)
    if change.before == task.id:
        return ledger.view(task)
    rank = _rank_at_end(task, change.list, ledger) if change.before is None else _rank_before(task, change, ledger)
    if (task.list, task.rank) == (change.list, rank):
        return ledger.view(task)
    moved = replace(task, list=change.list, rank=rank)
    return _save(moved, [(TaskMoved, {"previous": task.list})], change.by, ledger)


def arrange(list_id: ListId, by: UserId, ledger: Ledger) -> None:
    """Give a list's tasks, all of which are loaded, ranks with room between them; their order stays."""
    tasks = [replace(task, rank=place * STEP) for place, task in enumerate(ledger.list_tasks(list_id), start=1)]
    for task in tasks:
        ledger.save_task(task)
        ledger.neighbours.pop(task.id, None)
    ledger.tails[list_id] = len(tasks) * STEP
    ranks = tuple((task.id, task.rank) for task in tasks)
    ledger.emit(TasksReranked, ledger.lists[list_id].team, by, list=list_id, ranks=ranks)


def _rank_before(task: Task, change: MoveTask, ledger: Ledger) -> int:
    """Halfway between the task that `before` names and the one that stands before it now."""
    after = ledger.tasks.get(change.before) if change.before else None
    if after is None or after.list != change.list or after.deleted_at is not None:
        raise invalid("no such task in this list", "before")
    place = (after.rank, after.id)
    known = [other.rank for other in ledger.list_tasks(change.list) if (other.rank, other.id) < place]
    low = max([*known, ledger.neighbours.get(after.id, 0)])
    if task.list == change.list and task.rank == low:
        return low
    rank = (low + after.rank) // 2
    if low < rank < after.rank:
        ledger.neighbours[task.id] = low
        return rank
    raise ArrangementNeeded(change.list)


def _patch(task: Task, fields: dict[str, Any], by: UserId, ledger: Ledger) -> TaskView:
    """Change some fields; each aspect that does change is an event."""
    team, events = task.team, list[tuple[type[TaskEvent], dict[str, Any]]]()
    if "title" in fields:
        fields["title"] = fields["title"].strip()
    if "due_at" in fields:
        fields["due_at"] = _moment(fields["due_at"])
    changed = {name: value for name, value in fields.items() if getattr(task, name) != value}
    if changed.keys() & {"title", "description", "due_at"}:
        events.append((TaskUpdated, {}))
    if "list" in changed:
        _check_list(ledger, team, changed["list"])
        changed["rank"] = _rank_at_end(task, changed["list"], ledger)
        events.append((TaskMoved, {"previous": task.list}))
    if "assignee" in fields:
        _check_assignee(ledger, team, fields["assignee"])
    elif changed.get("is_done") is False and _is_gone(ledger, task):
        changed["assignee"] = None
    if "assignee" in changed:
        events.append((TaskAssigned, {"previous": task.assignee}))
    if "is_done" in changed:
        changed["done_at"] = ledger.now if changed["is_done"] else None
        events.append((TaskCompleted if changed["is_done"] else TaskReopened, {}))
    return _save(replace(task, **changed), events, by, ledger) if events else ledger.view(task)


def _save(task: Task, events: list[tuple[type[TaskEvent], dict[str, Any]]], by: UserId, ledger: Ledger) -> TaskView:
    task = replace(task, version=task.version + 1, updated_at=ledger.now)
    ledger.save_task(task)
    for kind, fields in events:
        ledger.emit(kind, task.team, by, task=task, **fields)
    return ledger.view(task)


def _rank_at_end(task: Task, list_id: ListId, ledger: Ledger) -> int:
    """The rank of a task that moves behind all others of a list."""
    ledger.neighbours[task.id] = ledger.tails.get(list_id, 0)
    return _last_rank(ledger, list_id)


def _last_rank(ledger: Ledger, list_id: ListId) -> int:
    return ledger.tails.get(list_id, 0) + STEP


def _check_list(ledger: Ledger, team: TeamId, list_id: ListId) -> None:
    row = ledger.lists.get(list_id)
    if row is None or row.team != team or row.deleted_at is not None:
        raise invalid("no such list in this team", "list")


def _check_assignee(ledger: Ledger, team: TeamId, user: UserId | None) -> None:
    if user is not None and (team, user) not in ledger.members:
        raise invalid("nobody in this team has that id", "assignee")


def _is_gone(ledger: Ledger, task: Task) -> bool:
    """Whether its assignee has left the team, which frees open tasks only."""
    return task.assignee is not None and (task.team, task.assignee) not in ledger.members


def _moment(due_at: datetime | None) -> datetime | None:
    """The same moment in UTC."""
    if due_at is None:
        return None
    try:
        moment = due_at.astimezone(UTC)
    except OverflowError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise invalid("a deadline lies between the years 1970 and 9998", "due_at")
    return moment
