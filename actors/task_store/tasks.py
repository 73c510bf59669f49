"""The rules of tasks: each command says what the task is to become, and `become` makes the events of it."""

from msgspec import UNSET

from actors.sql.needs import Needs
from actors.task_store.becoming import become
from actors.task_store.fields import check_assignee, check_list, check_span, checked, checked_labels, given_of, utc
from actors.task_store.ledger import Ledger
from actors.task_store.ranks import last_rank, rank_at_end, rank_before
from actors.task_store.rules import decide, need
from schemas.errors import invalid
from schemas.ids import UserId
from schemas.members import MemberRole
from schemas.tasks import (
    ArchiveTask,
    AssignTask,
    ChangeTasks,
    CompleteTask,
    CreateTask,
    DeleteTask,
    MoveTask,
    ReopenTask,
    RestoreTask,
    Task,
    TaskChange,
    TaskCreated,
    TaskFields,
    TaskView,
    UnarchiveTask,
    UnwatchTask,
    UpdateTask,
    WatchTask,
)

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
        labels=checked_labels(ledger, row.team, change.labels, ()),
        start_at=utc(change.start_at, "start_at"),
        due_at=utc(change.due_at, "due_at"),
        is_done=False,
        done_at=None,
        rank=last_rank(ledger, row.id),
        version=1,
        created_by=change.by,
        created_at=ledger.now,
        updated_at=ledger.now,
    )
    check_span(task)
    ledger.save_task(task)
    ledger.emit(TaskCreated, task.team, change.by, task=task)
    return ledger.view(task)


@decide.register
def update_task(change: UpdateTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    given = {name: value for name in _FIELDS if (value := getattr(change, name)) is not UNSET}
    return become(ledger, change.by, task, checked(ledger, task, given))


@decide.register
def change_tasks(change: ChangeTasks, ledger: Ledger) -> list[TaskView]:
    """Whatever is refused for one task takes back what was done to the others."""
    ledger.team(change.team, change.by, MemberRole.MEMBER)
    views: list[TaskView] = []
    for task_id in dict.fromkeys(change.tasks):
        task = ledger.task(task_id, change.by, deleted=change.fields.is_deleted is False)
        if task.team != change.team:
            raise invalid(f"task {task_id} is not of this team", "tasks")
        views.append(become(ledger, change.by, task, checked(ledger, task, given_of(ledger, task, change.fields))))
    return views


@decide.register
def assign_task(change: AssignTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return become(ledger, change.by, task, checked(ledger, task, {"assignee": change.assignee}))


@decide.register
def complete_task(change: CompleteTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return become(ledger, change.by, task, checked(ledger, task, {"is_done": True}))


@decide.register
def reopen_task(change: ReopenTask, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    return become(ledger, change.by, task, checked(ledger, task, {"is_done": False}))


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
    check_list(ledger, task.team, change.list)
    if change.before == task.id:
        return ledger.view(task)
    rank = rank_at_end(task, change.list, ledger) if change.before is None else rank_before(task, change, ledger)
    return become(ledger, change.by, task, {"list": change.list, "rank": rank})
