"""Tasks: what is to be done, by whom and until when."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from schemas.base import Record, TeamEvent, UtcTime
from schemas.boards import BoardChange, Version
from schemas.ids import LabelId, ListId, Seq, TaskId, TeamId, UserId
from schemas.text import Prose, Title, Username

CHECKLIST_LENGTH = 100
LABELS_AT_MOST = 20
TASKS_AT_ONCE = 500

Labels = Annotated[tuple[LabelId, ...], msgspec.Meta(max_length=LABELS_AT_MOST)]
TaskIds = Annotated[tuple[TaskId, ...], msgspec.Meta(min_length=1, max_length=TASKS_AT_ONCE)]
ItemId = Annotated[Seq, msgspec.Meta(ge=1, le=2**53 - 1)]
"""An item of a checklist is called after the event that added it."""


class Priority(StrEnum):
    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class ChecklistItem(Record):
    """One step of a task; they stand in the order in which the task lists them."""

    id: ItemId
    text: Title
    is_done: bool = False


class Task(Record):
    """A task; within a list they stand in the order of `rank`, then `id`."""

    id: TaskId
    team: TeamId
    list: ListId
    title: Title
    description: Prose
    """Markdown."""
    assignee: UserId | None
    priority: Priority = Priority.NONE
    labels: Labels = ()
    """In ascending order; a label that has been deleted may still be named here, and means nothing."""
    checklist: tuple[ChecklistItem, ...] = ()
    watchers: tuple[UserId, ...] = ()
    """In ascending order."""
    comments: int = 0
    """How many there are."""
    start_at: UtcTime | None = None
    due_at: UtcTime | None
    is_done: bool
    done_at: UtcTime | None
    rank: int
    version: Version
    """Counts the changes of all but watchers and comments."""
    created_by: UserId
    created_at: UtcTime
    updated_at: UtcTime
    archived_at: UtcTime | None = None
    """When it was put away; the board does not show it, searching finds it."""
    deleted_at: UtcTime | None = None
    """When it went into the trash; a board shows only what is not there."""


class TaskView(Task):
    """A task with the names that a reader outside the board wants beside it."""

    list_name: str
    assignee_username: Username | None


class TaskChange(BoardChange[TaskView]):
    """Changes one task that exists."""

    task: TaskId
    version: Version | None = None


class CreateTask(BoardChange[TaskView], tag="task.create"):
    """Create an open task at the end of a list."""

    list: ListId
    title: Title
    description: Prose = ""
    assignee: UserId | None = None
    priority: Priority = Priority.NONE
    labels: Labels = ()
    start_at: UtcTime | None = None
    due_at: UtcTime | None = None


class UpdateTask(TaskChange, tag="task.update"):
    """Change any of a task's fields at once; each aspect that changes is an event of its own."""

    title: Title | UnsetType = UNSET
    description: Prose | UnsetType = UNSET
    list: ListId | UnsetType = UNSET
    assignee: UserId | UnsetType | None = UNSET
    priority: Priority | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    start_at: UtcTime | UnsetType | None = UNSET
    due_at: UtcTime | UnsetType | None = UNSET
    is_done: bool | UnsetType = UNSET


class AssignTask(TaskChange, tag="task.assign"):
    """Give a task to a member of its team, or to nobody."""

    assignee: UserId | None


class MoveTask(TaskChange, tag="task.move"):
    """Put a task into a list of its team, before another task there, or last."""

    list: ListId
    before: TaskId | None = None


class CompleteTask(TaskChange, tag="task.complete"):
    """Mark a task as done; one that is done stays as it is."""


class ReopenTask(TaskChange, tag="task.reopen"):
    """Mark a task as open; one that is open stays as it is."""


class ArchiveTask(TaskChange, tag="task.archive"):
    """Put a task away; one that is away stays so."""


class UnarchiveTask(TaskChange, tag="task.unarchive"):
    """Take a task back that was put away."""


class DeleteTask(TaskChange, tag="task.delete"):
    """Put a task into the trash."""


class RestoreTask(TaskChange, tag="task.restore"):
    """Take a task back from the trash, to where it was."""


class WatchTask(TaskChange, tag="task.watch"):
    """Hear of what happens to a task; viewers may, too."""


class UnwatchTask(TaskChange, tag="task.unwatch"):
    """Hear no more of what happens to a task."""


class AddItem(TaskChange, tag="checklist.add"):
    """Add a step at the end of a task's checklist."""

    text: Title


class ChangeItem(TaskChange, tag="checklist.change"):
    """Change a step of a checklist: what it says, or whether it is done."""

    item: ItemId
    text: Title | UnsetType = UNSET
    is_done: bool | UnsetType = UNSET


class MoveItem(TaskChange, tag="checklist.move"):
    """Put a step of a checklist before another one, or last."""

    item: ItemId
    before: ItemId | None = None


class RemoveItem(TaskChange, tag="checklist.remove"):
    """Take a step off a checklist."""

    item: ItemId


class TaskFields(Record):
    """What a change of many tasks sets; what is absent stays."""

    list: ListId | UnsetType = UNSET
    assignee: UserId | UnsetType | None = UNSET
    priority: Priority | UnsetType = UNSET
    add_labels: Labels = ()
    remove_labels: Labels = ()
    start_at: UtcTime | UnsetType | None = UNSET
    due_at: UtcTime | UnsetType | None = UNSET
    is_done: bool | UnsetType = UNSET
    is_archived: bool | UnsetType = UNSET
    is_deleted: bool | UnsetType = UNSET


class ChangeTasks(BoardChange[list[TaskView]], tag="task.change_many"):
    """Change many tasks of one team in the same way: all of them, or, when one may not be, none."""

    team: TeamId
    tasks: TaskIds
    fields: TaskFields


class TaskEvent(TeamEvent):
    """Something happened to a task; it comes whole, as it is now."""

    task: Task


class TaskCreated(TaskEvent, tag="task.created"):
    """A task exists that did not before."""


class TaskUpdated(TaskEvent, tag="task.updated"):
    """A task's title, description, priority, labels, start or deadline changed."""


class TaskAssigned(TaskEvent, tag="task.assigned"):
    """A task has another assignee, or none."""

    previous: UserId | None


class TaskMoved(TaskEvent, tag="task.moved"):
    """A task stands elsewhere."""

    previous: ListId


class TaskCompleted(TaskEvent, tag="task.completed"):
    """A task is done."""


class TaskReopened(TaskEvent, tag="task.reopened"):
    """A task is open again."""


class TaskArchived(TaskEvent, tag="task.archived"):
    """A task was put away."""


class TaskUnarchived(TaskEvent, tag="task.unarchived"):
    """A task that was put away is back."""


class TaskDeleted(TaskEvent, tag="task.deleted"):
    """A task went into the trash."""


class TaskRestored(TaskEvent, tag="task.restored"):
    """A task came back from the trash."""


class ChecklistChanged(TaskEvent, tag="checklist.changed"):
    """A task's checklist changed."""


class WatchersChanged(TaskEvent, tag="watchers.changed"):
    """Somebody began or ceased to watch a task."""


Rank = Annotated[tuple[TaskId, int], msgspec.Meta(description="A task and its new rank.")]


class TasksReranked(TeamEvent, tag="task.reranked"):
    """A list's tasks have other ranks and the same order."""

    list: ListId
    ranks: tuple[Rank, ...]
