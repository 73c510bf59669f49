"""What time does: deadlines that come near, and pass."""

from enum import IntEnum
from typing import ClassVar

from schemas.base import Command, Record, Role, UtcTime
from schemas.tasks import TaskEvent


class Lead(IntEnum):
    """How many minutes before a deadline somebody may want to be told of it."""

    TEN_MINUTES = 10
    ONE_HOUR = 60
    ONE_DAY = 1440


class Swept(Record):
    """How many tasks were announced; `more` says that there are others still."""

    overdue: int
    due_soon: int
    more: bool = False


class SweepTasks(Command[Swept], tag="task.sweep"):
    """Announce every open task whose deadline, or a time before it, has come by `at`; each only once."""

    owner: ClassVar[Role] = Role.TASK_STORE
    senders: ClassVar[frozenset[Role]] = frozenset({Role.OVERDUE})

    at: UtcTime


class TaskOverdue(TaskEvent, tag="task.overdue"):
    """The deadline of an open task has passed; nobody did it."""


class TaskDueSoon(TaskEvent, tag="task.due_soon"):
    """The deadline of an open task is so many minutes away, or less; nobody did it."""

    lead: Lead
