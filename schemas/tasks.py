"""Tasks: what is to be done, by whom and until when."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from schemas.base import Record, TeamEvent, UtcTime
from schemas.boards import BoardChange, BoardCommand, Limit, Member, MyTeam, Offset, TaskList, Version
from schemas.ids import ListId, Seq, TaskId, TeamId, UserId
from schemas.text import Prose, Query, Title, Username


class Task(Record):
    """A task; within a list they stand in the order of `rank`, then `id`."""

    id: TaskId
    team: TeamId
    list: ListId
    title: Title
    description: Prose
    assignee: UserId | None
    due_at: UtcTime | None
    is_done: bool
    done_at: UtcTime | None
    rank: int
    version: Version
    created_by: UserId
    created_at: UtcTime
    updated_at: UtcTime
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
    due_at: UtcTime | None = None


class UpdateTask(TaskChange, tag="task.update"):
    """Change any of a task's fields at once; each aspect that changes is an event of its own."""

    title: Title | UnsetType = UNSET
    description: Prose | UnsetType = UNSET
    list: ListId | UnsetType = UNSET
    assignee: UserId | UnsetType | None = UNSET
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


class DeleteTask(TaskChange, tag="task.delete"):
    """Put a task into the trash."""


class RestoreTask(TaskChange, tag="task.restore"):
    """Take a task back from the trash, to where it was."""


class GetTask(BoardCommand[TaskView], tag="task.get"):
    """One task."""

    task: TaskId


class TaskPage(Record):
    count: int
    tasks: list[TaskView]


class ListTasks(BoardCommand[TaskPage], tag="task.list"):
    """Tasks of the asker's teams, newest first."""

    team: TeamId | None = None
    list: ListId | None = None
    mine: bool = False
    open: bool = False
    q: Query = ""
    limit: Limit = 50
    offset: Offset = 0


class Board(Record):
    """All of a team at the position `seq`; the events after it lead on from here."""

    seq: Seq
    team: MyTeam
    members: list[Member]
    lists: list[TaskList]
    tasks: list[Task]


class GetBoard(BoardCommand[Board], tag="team.board"):
    """A team's board and its position, both of one moment."""

    team: TeamId


class TaskEvent(TeamEvent):
    """Something happened to a task; it comes whole, as it is now."""

    task: Task


class TaskCreated(TaskEvent, tag="task.created"):
    """A task exists that did not before."""


class TaskUpdated(TaskEvent, tag="task.updated"):
    """A task's title, description or deadline changed."""


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


class TaskDeleted(TaskEvent, tag="task.deleted"):
    """A task went into the trash."""


class TaskRestored(TaskEvent, tag="task.restored"):
    """A task came back from the trash."""


Rank = Annotated[tuple[TaskId, int], msgspec.Meta(description="A task and its new rank.")]


class TasksReranked(TeamEvent, tag="task.reranked"):
    """A list's tasks have other ranks and the same order."""

    list: ListId
    ranks: tuple[Rank, ...]


class ListRestored(TeamEvent, tag="list.restored"):
    """A list came back from the trash, with what is on it."""

    list: TaskList
    tasks: tuple[Task, ...]
