"""The rules of tasks: each command says what the task is to become, and `become` makes the events of it."""

from datetime import datetime
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from actors.sql.changes import Needs
from actors.task_store.labels import known_labels
from actors.task_store.ledger import STEP, ArrangementNeeded, Ledger
from actors.task_store.rules import decide, need
from schemas.errors import conflict, invalid
from schemas.ids import LabelId, ListId, TaskId, TeamId, UserId
from schemas.members import MemberRole
from schemas.search import in_utc
from schemas.tasks import (
    LABELS_AT_MOST,
    ArchiveTask,
    AssignTask,
    ChangeTasks,
    ChecklistChanged,
    CompleteTask,
    CreateTask,
    DeleteTask,
    MoveTask,
    ReopenTask,
    RestoreTask,
    Task,
    TaskArchived,
    TaskAssigned,
    TaskChange,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskEvent,
    TaskFields,
    TaskMoved,
    TaskReopened,
    TaskRestored,
    TasksReranked,
    TaskUnarchived,
    TaskUpdated,
    TaskView,
    UnarchiveTask,
    UnwatchTask,
    UpdateTask,
    WatchersChanged,
    WatchTask,
)

_NOBODY = TaskId(0)
"""Stands where no task is known."""
_FIELDS = ("title", "description", "list", "assignee", "priority", "labels", "start_at", "due_at", "is_done")


@need.register
def _(change: CreateTask, needs: Needs) -> None:
    needs.new_tasks += 1
    needs.lists.add(change.list)
    _need_assignee(change.assignee, needs)


@need.register
def _(change: TaskChange, needs: Needs) -> None:
    needs.tasks.add(change.task)


@need.register
def _(change: MoveTask, needs: Needs) -> None:
    needs.tasks |= {change.task, change.before} if change.before else {change.task}
    needs.lists.add(change.list)


@need.register
def _(change: AssignTask, needs: Needs) -> None:
    needs.tasks.add(change.task)
    _need_assignee(change.assignee, needs)


@need.register
def _(change: UpdateTask, needs: Needs) -> None:
    needs.tasks.add(change.task)
    _need_fields(change, needs)


@need.register
def _(change: ChangeTasks, needs: Needs) -> None:
    needs.tasks |= set(change.tasks)
    _need_fields(change.fields, needs)


def _need_fields(fields: UpdateTask | TaskFields, needs: Needs) -> None:
    needs.lists |= {fields.list} if fields.list else set()
    _need_assignee(fields.assignee or None, needs)


def _need_assignee(user: UserId | None, needs: Needs) -> None:
    if user is not None:
        needs.users.add(user)


@decide.register
def create_task(change: CreateTask, ledger: Ledger) -> TaskView:
    row = ledger.list_(change.list, change.by, MemberRole.MEMBER)
    check_assignee(ledger, row.team, change.assignee)
    task = Task(
        id=next(ledger.new_task_ids),
        team=row.team,
        list=row.id,
        title=change.title.strip(),
        description=change.description,
        assignee=change.assignee,
        priority=change.priority,
        labels=_labels(ledger, row.team, change.labels, ()),
        start_at=_moment(change.start_at, "start_at"),
        due_at=_moment(change.due_at, "due_at"),
        is_done=False,
        done_at=None,
        rank=_last_rank(ledger, row.id),
        version=1,
        created_by=change.by,
        created_at=ledger.now,
        updated_at=ledger.now,
    )
    _check_span(task)
    ledger.save_task(task)
    ledger.emit(TaskCreated, task.team, change.by, task=task)
    return ledger.view(task)


@decide.register
def update_task(change: UpdateTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    given = {name: value for name in _FIELDS if (value := getattr(change, name)) is not UNSET}
    return become(ledger, change.by, task, _checked(ledger, task, given))


@decide.register
def change_tasks(change: ChangeTasks, ledger: Ledger) -> list[TaskView]:
    """Whatever is refused for one task takes back what was done to the others."""
    ledger.team(change.team, change.by, MemberRole.MEMBER)
    views: list[TaskView] = []
    for task_id in dict.fromkeys(change.tasks):
        task = ledger.task(task_id, change.by, deleted=change.fields.is_deleted is False)
        if task.team != change.team:
            raise invalid(f"task {task_id} is not of this team", "tasks")
        views.append(become(ledger, change.by, task, _checked(ledger, task, _given(ledger, task, change.fields))))
    return views


@decide.register
def assign_task(change: AssignTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return become(ledger, change.by, task, _checked(ledger, task, {"assignee": change.assignee}))


@decide.register
def complete_task(change: CompleteTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return become(ledger, change.by, task, _checked(ledger, task, {"is_done": True}))


@decide.register
def reopen_task(change: ReopenTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return become(ledger, change.by, task, _checked(ledger, task, {"is_done": False}))


@decide.register
def archive_task(change: ArchiveTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return become(ledger, change.by, task, {"archived_at": task.archived_at or ledger.now})


@decide.register
def unarchive_task(change: UnarchiveTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return become(ledger, change.by, task, {"archived_at": None})


@decide.register
def delete_task(change: DeleteTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return become(ledger, change.by, task, {"deleted_at": ledger.now})


@decide.register
def restore_task(change: RestoreTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version, deleted=True)
    return become(ledger, change.by, task, {"deleted_at": None})


@decide.register
def watch_task(change: WatchTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version, least=MemberRole.VIEWER)
    return become(ledger, change.by, task, {"watchers": tuple(sorted({*task.watchers, change.by}))})


@decide.register
def unwatch_task(change: UnwatchTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version, least=MemberRole.VIEWER)
    return become(ledger, change.by, task, {"watchers": tuple(w for w in task.watchers if w != change.by)})


@decide.register
def move_task(change: MoveTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    _check_list(ledger, task.team, change.list)
    if change.before == task.id:
        return ledger.view(task)
    rank = _rank_at_end(task, change.list, ledger) if change.before is None else _rank_before(task, change, ledger)
    return become(ledger, change.by, task, {"list": change.list, "rank": rank})


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
    _check_span(now)
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
    known = [near for other in ledger.list_tasks(change.list) if (near := (other.rank, other.id)) < place]
    before = max([*known, ledger.neighbours.get(after.id, (0, _NOBODY))])
    if task.list == change.list and before == (task.rank, task.id):
        return task.rank
    rank = (before[0] + after.rank) // 2
    if before[0] < rank < after.rank:
        ledger.neighbours[task.id] = before
        return rank
    raise ArrangementNeeded(change.list)


def _given(ledger: Ledger, task: Task, fields: TaskFields) -> dict[str, Any]:
    """What a change of many means for one of them."""
    names = ("list", "assignee", "priority", "start_at", "due_at", "is_done")
    given: dict[str, Any] = {name: value for name in names if (value := getattr(fields, name)) is not UNSET}
    if fields.add_labels or fields.remove_labels:
        given["labels"] = tuple({*task.labels, *fields.add_labels} - {*fields.remove_labels})
    if fields.is_archived is not UNSET:
        given["archived_at"] = (task.archived_at or ledger.now) if fields.is_archived else None
    if fields.is_deleted is not UNSET:
        given["deleted_at"] = (task.deleted_at or ledger.now) if fields.is_deleted else None
    return given


def _checked(ledger: Ledger, task: Task, given: dict[str, Any]) -> dict[str, Any]:
    """What was given, in the form in which it is kept. Raises INVALID, naming the field."""
    fields = dict(given)
    if "title" in fields:
        fields["title"] = fields["title"].strip()
    if fields.get("list", task.list) != task.list:
        _check_list(ledger, task.team, fields["list"])
        fields["rank"] = _rank_at_end(task, fields["list"], ledger)
    for name in fields.keys() & {"start_at", "due_at"}:
        fields[name] = _moment(fields[name], name)
    if "assignee" in fields:
        check_assignee(ledger, task.team, fields["assignee"], task.assignee)
    if "labels" in fields:
        fields["labels"] = _labels(ledger, task.team, fields["labels"], task.labels)
    if fields.get("is_done", task.is_done) != task.is_done:
        fields["done_at"] = ledger.now if fields["is_done"] else None
    return fields


def _labels(ledger: Ledger, team: TeamId, labels: tuple[LabelId, ...], had: tuple[LabelId, ...]) -> tuple[LabelId, ...]:
    if not labels:
        return ()
    wanted = tuple(sorted(set(labels)))
    if set(wanted) - known_labels(ledger, team) - set(had):
        raise invalid("no such label in this team", "labels")
    if len(wanted) > LABELS_AT_MOST:
        raise invalid(f"a task bears at most {LABELS_AT_MOST} labels", "labels")
    return wanted


def _rank_at_end(task: Task, list_id: ListId, ledger: Ledger) -> int:
    """The rank of a task that moves behind all others of a list."""
    ledger.neighbours[task.id] = (ledger.tails.get(list_id, 0), _NOBODY)
    return _last_rank(ledger, list_id)


def _last_rank(ledger: Ledger, list_id: ListId) -> int:
    return ledger.tails.get(list_id, 0) + STEP


def _check_list(ledger: Ledger, team: TeamId, list_id: ListId) -> None:
    row = ledger.lists.get(list_id)
    if row is None or row.team != team or row.deleted_at is not None:
        raise invalid("no such list in this team", "list")


def check_assignee(ledger: Ledger, team: TeamId, user: UserId | None, had: UserId | None = None) -> None:
    """Whoever may no longer sign in keeps what is theirs, and gets nothing new."""
    if user is None:
        return
    member = ledger.members.get((team, user))
    if member is None:
        raise invalid("nobody in this team has that id", "assignee")
    if not member.is_active and user != had:
        raise invalid("they can no longer sign in, so nothing new is assigned to them", "assignee")


def _check_span(task: Task) -> None:
    if task.start_at is not None and task.due_at is not None and task.start_at > task.due_at:
        raise invalid("the start lies after the deadline", "start_at")


def _is_gone(ledger: Ledger, task: Task) -> bool:
    """Whether its assignee has left the team, which frees open tasks only."""
    return task.assignee is not None and (task.team, task.assignee) not in ledger.members


def _moment(moment: datetime | None, field: str) -> datetime | None:
    """The same moment in UTC."""
    return None if moment is None else in_utc(moment, field)
