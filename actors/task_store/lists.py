"""The rules of lists: the columns of a board."""

from msgspec import UNSET
from msgspec.structs import replace

from actors.sql.needs import Needs
from actors.task_store.ledger import STEP, Ledger
from actors.task_store.rules import decide, need
from schemas.errors import conflict, invalid
from schemas.history import ListRestored
from schemas.ids import TeamId, UserId
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

_AT_MOST = 200
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
    needs.restores = True


@decide.register
def create_list(change: CreateList, ledger: Ledger) -> TaskList:
    ledger.team(change.team, change.by, MemberRole.MEMBER)
    _check_room(ledger, change.team)
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
    """It gets a rank between its new neighbours; where there is no room, all lists whose rank changes get a new one."""
    row = ledger.list_(change.list, change.by, MemberRole.MEMBER)
    ledger.check_version(change.version, row.version, row)
    order = ledger.board_lists(row.team)
    others = [other for other in order if other.id != row.id]
    places = [other.id for other in others]
    if change.before is not None and change.before != row.id and change.before not in places:
        raise invalid("no such list on this board", "before")
    if change.before == row.id:
        return row
    at = places.index(change.before) if change.before else len(others)
    others.insert(at, row)
    if others == order:
        return row
    low = others[at - 1].rank if at else 0
    high = others[at + 1].rank if at + 1 < len(others) else low + 2 * STEP
    if low < (rank := (low + high) // 2) < high:
        return _move(ledger, change.by, row, rank)
    for place, (was, now) in enumerate(zip(order, others, strict=True), start=1):
        if was.id != now.id or was.rank != place * STEP:
            _move(ledger, change.by, now, place * STEP)
    return ledger.lists[row.id]


def _move(ledger: Ledger, by: UserId, row: TaskList, rank: int) -> TaskList:
    row = replace(row, rank=rank, version=row.version + 1)
    ledger.lists[row.id] = row
    ledger.emit(ListMoved, row.team, by, list=row)
    return row


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
    return bring_back(ledger, change.by, replace(row, deleted_at=None, version=row.version + 1))


def bring_back(ledger: Ledger, by: UserId, row: TaskList) -> TaskList:
    """A list leaves the trash with its tasks, all of which are loaded. CONFLICT when there are too many lists."""
    _check_room(ledger, row.team)
    ledger.lists[row.id] = row
    tasks = ledger.list_tasks(row.id)
    ledger.emit(ListRestored, row.team, by, list=row, tasks=tuple(tasks[:_TASKS_AN_EVENT]))
    for task in tasks[_TASKS_AN_EVENT:]:
        ledger.emit(TaskRestored, row.team, by, task=task)
    return row


def _check_room(ledger: Ledger, team: TeamId) -> None:
    if len(ledger.board_lists(team)) >= _AT_MOST:
        raise conflict(f"a team has at most {_AT_MOST} lists")
