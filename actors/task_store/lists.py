"""The rules of lists: the columns of a board."""

from msgspec import UNSET
from msgspec.structs import replace

from actors.sql.changes import Needs
from actors.task_store.ledger import STEP, Ledger
from actors.task_store.rules import decide, need
from schemas.errors import invalid
from schemas.history import ListRestored
from schemas.lists import (
    CreateList,
    DeleteList,
    ListCreated,
    ListDeleted,
    ListMoved,
    ListUpdated,
    MoveList,
    RestoreList,
    TaskList,
    UpdateList,
)
from schemas.members import MemberRole
from schemas.tasks import TaskRestored

_TASKS_AN_EVENT = 40
"""A description takes up to 120 kB as JSON, an event up to 8 MB; the tasks beyond these come in events of their own."""


@need.register
def _(_change: CreateList, needs: Needs) -> None:
    needs.new_lists += 1


@need.register(UpdateList | MoveList | DeleteList)
def _(change: UpdateList | MoveList | DeleteList, needs: Needs) -> None:
    needs.lists.add(change.list)


@need.register
def _(change: RestoreList, needs: Needs) -> None:
    needs.lists.add(change.list)
    needs.arranged.add(change.list)


@decide.register
def create_list(change: CreateList, ledger: Ledger) -> TaskList:
    ledger.team(change.team, change.by, MemberRole.MEMBER)
    last = max((row.rank for row in ledger.board_lists(change.team)), default=0)
    row = TaskList(
        id=next(ledger.new_list_ids), team=change.team, name=change.name.strip(), rank=last + STEP, version=1
    )
    ledger.lists[row.id] = row
    ledger.emit(ListCreated, row.team, change.by, list=row)
    return row


@decide.register
def update_list(change: UpdateList, ledger: Ledger) -> TaskList:
    row = ledger.list_(change.list, change.by, MemberRole.MEMBER)
    ledger.check_version(change.version, row.version, row)
    name = row.name if change.name is UNSET else change.name.strip()
    limit = row.wip_limit if change.wip_limit is UNSET else change.wip_limit
    if (name, limit) == (row.name, row.wip_limit):
        return row
    row = replace(row, name=name, wip_limit=limit, version=row.version + 1)
    ledger.lists[row.id] = row
    ledger.emit(ListUpdated, row.team, change.by, list=row)
    return row


@decide.register
def move_list(change: MoveList, ledger: Ledger) -> TaskList:
    """A board has few lists: those whose rank changes get a new one, each with its event."""
    row = ledger.list_(change.list, change.by, MemberRole.MEMBER)
    ledger.check_version(change.version, row.version, row)
    order = ledger.board_lists(row.team)
    others = [other for other in order if other.id != row.id]
    places = [other.id for other in others]
    if change.before is not None and change.before != row.id and change.before not in places:
        raise invalid("no such list on this board", "before")
    if change.before == row.id:
        return row
    others.insert(places.index(change.before) if change.before else len(others), row)
    for place, (was, now) in enumerate(zip(order, others, strict=True), start=1):
        if was.id != now.id or was.rank != place * STEP:
            moved = replace(now, rank=place * STEP, version=now.version + 1)
            ledger.lists[moved.id] = moved
            ledger.emit(ListMoved, row.team, change.by, list=moved)
    return ledger.lists[row.id]


@decide.register
def delete_list(change: DeleteList, ledger: Ledger) -> TaskList:
    row = ledger.list_(change.list, change.by, MemberRole.ADMIN)
    ledger.check_version(change.version, row.version, row)
    row = replace(row, deleted_at=ledger.now, version=row.version + 1)
    ledger.lists[row.id] = row
    ledger.emit(ListDeleted, row.team, change.by, list=row)
    return row


@decide.register
def restore_list(change: RestoreList, ledger: Ledger) -> TaskList:
    row = ledger.list_(change.list, change.by, MemberRole.ADMIN, deleted=True)
    if row.deleted_at is None:
        return row
    row = replace(row, deleted_at=None, version=row.version + 1)
    ledger.lists[row.id] = row
    tasks = ledger.list_tasks(row.id)
    ledger.emit(ListRestored, row.team, change.by, list=row, tasks=tuple(tasks[:_TASKS_AN_EVENT]))
    for task in tasks[_TASKS_AN_EVENT:]:
        ledger.emit(TaskRestored, row.team, change.by, task=task)
    return row
