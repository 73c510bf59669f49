"""The rules of checklists."""

from msgspec import UNSET
from msgspec.structs import replace

from actors.task_store.becoming import become
from actors.task_store.ledger import Ledger
from actors.task_store.rules import decide
from schemas.errors import BusError, ErrorCode, conflict, invalid
from schemas.ids import Seq
from schemas.tasks import (
    CHECKLIST_LENGTH,
    AddItem,
    ChangeItem,
    ChecklistItem,
    MoveItem,
    RemoveItem,
    Task,
    TaskView,
)


@decide.register
def add_item(change: AddItem, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    if len(task.checklist) >= CHECKLIST_LENGTH:
        raise conflict(f"a checklist has at most {CHECKLIST_LENGTH} items")
    item = ChecklistItem(id=ledger.next_seq(task.team), text=change.text.strip())
    return become(ledger, change.by, task, {"checklist": (*task.checklist, item)})


@decide.register
def change_item(change: ChangeItem, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    place = _place(task, change.item)
    item = task.checklist[place]
    text = item.text if change.text is UNSET else change.text.strip()
    is_done = item.is_done if change.is_done is UNSET else change.is_done
    items = list(task.checklist)
    items[place] = replace(item, text=text, is_done=is_done)
    return become(ledger, change.by, task, {"checklist": tuple(items)})


@decide.register
def move_item(change: MoveItem, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    items = list(task.checklist)
    item = items.pop(_place(task, change.item))
    if change.before == item.id:
        return ledger.view(task)
    names = [other.id for other in items]
    if change.before is not None and change.before not in names:
        raise invalid("no such item in this checklist", "before")
    items.insert(names.index(change.before) if change.before is not None else len(items), item)
    return become(ledger, change.by, task, {"checklist": tuple(items)})


@decide.register
def remove_item(change: RemoveItem, ledger: Ledger) -> TaskView:
    task = ledger.task(change.task, change.by, change.version)
    place = _place(task, change.item)
    return become(ledger, change.by, task, {"checklist": task.checklist[:place] + task.checklist[place + 1 :]})


def _place(task: Task, item_id: Seq) -> int:
    for place, item in enumerate(task.checklist):
        if item.id == item_id:
            return place
    raise BusError(ErrorCode.NOT_FOUND, "no such item in this checklist", field="item")
