"""The checklists of tasks."""

from msgspec import UNSET, UnsetType

from gateway.api import Ask, route
from gateway.auth import Caller
from schemas.base import Record
from schemas.ids import TaskId
from schemas.tasks import AddItem, ChangeItem, ItemId, MoveItem, RemoveItem, TaskView
from schemas.text import Title


class NewItem(Record, forbid_unknown_fields=True):
    text: Title


class ItemChanges(Record, forbid_unknown_fields=True):
    """What is sent changes, the rest stays."""

    text: Title | UnsetType = UNSET
    is_done: bool | UnsetType = UNSET


class ItemPlace(Record, forbid_unknown_fields=True):
    """Before which other item; null is last."""

    before: ItemId | None


@route("POST", "/api/tasks/{task}/checklist/", status=201, example=NewItem(text="Measure the window"))
async def add_item(ask: Ask, caller: Caller, task: TaskId, body: NewItem) -> TaskView:
    """Add a step at the end of a task's checklist."""
    return await ask(AddItem(by=caller.id, task=task, text=body.text))


@route("PATCH", "/api/tasks/{task}/checklist/{item}/", example=ItemChanges(is_done=True))
async def change_item(ask: Ask, caller: Caller, task: TaskId, item: ItemId, body: ItemChanges) -> TaskView:
    """Change what a step says, or whether it is done."""
    return await ask(ChangeItem(by=caller.id, task=task, item=item, text=body.text, is_done=body.is_done))


@route("POST", "/api/tasks/{task}/checklist/{item}/move/", example=ItemPlace(before=None))
async def move_item(ask: Ask, caller: Caller, task: TaskId, item: ItemId, body: ItemPlace) -> TaskView:
    """Put a step before another one, or last."""
    return await ask(MoveItem(by=caller.id, task=task, item=item, before=body.before))


@route("DELETE", "/api/tasks/{task}/checklist/{item}/", status=204)
async def remove_item(ask: Ask, caller: Caller, task: TaskId, item: ItemId) -> None:
    """Take a step off a checklist."""
    await ask(RemoveItem(by=caller.id, task=task, item=item))
