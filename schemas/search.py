"""Finding tasks, and keeping what one looks for."""

from datetime import UTC, datetime

from msgspec.structs import replace

from schemas.base import Record, UtcTime
from schemas.boards import BoardCommand, Limit, Offset
from schemas.errors import invalid
from schemas.ids import FilterId, LabelId, ListId, TaskId, TeamId, UserId
from schemas.tasks import Priority, TaskView
from schemas.text import Key, Name, Query

_YEARS = range(1970, 9999)


def in_utc(moment: datetime, field: str) -> datetime:
    """The same moment in UTC; raises BusError INVALID for one that the stores could not hold."""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        utc = None
    if utc is None or utc.year not in _YEARS:
        raise invalid("a date lies between the years 1970 and 9998", field)
    return utc


class GetTask(BoardCommand[TaskView], tag="task.get"):
    """One task."""

    task: TaskId


class TaskFilter(Record):
    """What to look for; all that is given must hold."""

    team: TeamId | None = None
    list: ListId | None = None
    assignee: UserId | None = None
    label: LabelId | None = None
    priority: Priority | None = None
    mine: bool = False
    watched: bool = False
    is_done: bool | None = None
    is_overdue: bool = False
    due_from: UtcTime | None = None
    """At or after this moment."""
    due_before: UtcTime | None = None
    archived: bool = False
    """Also those that were put away."""
    q: Query = ""
    """Words, in Russian or English, in any of their forms; `"a phrase"`, `or` and `-not` are understood."""

    def dated(self) -> "TaskFilter":
        """The same with its moments in UTC; raises BusError INVALID."""
        given = {"due_from": self.due_from, "due_before": self.due_before}
        return replace(self, **{name: in_utc(moment, name) for name, moment in given.items() if moment})


COUNT_LIMIT = 10_000
OFFSET_LIMIT = 10_000


class TaskPage(Record):
    """`count` is exact up to COUNT_LIMIT; above that it is COUNT_LIMIT."""

    count: int
    tasks: list[TaskView]
    cursor: TaskId | None = None
    """Gets the page after this one, if there is one."""
    before: TaskId | None = None
    """Gets the page before this one, if there is one."""
    tag: str | None = None
    """Stands for the page as long as nothing changes in the asker's teams; None where time alone may change it."""
    same: bool = False
    """It is the page that the asker knows, and nothing else is said of it."""


class ListTasks(BoardCommand[TaskPage], tag="task.list"):
    """Tasks of the asker's teams, newest first: those after `cursor`, those before `before`, or from the first on.

    `offset` passes over some of them, OFFSET_LIMIT at most; `cursor` and `before` go as far as there are tasks.
    """

    filter: TaskFilter = TaskFilter()
    deleted: bool = False
    """Those in the trash instead; only for administrators of the site, who ask as such."""
    cursor: TaskId | None = None
    before: TaskId | None = None
    limit: Limit = 50
    offset: Offset = 0
    known: Key | None = None
    """The `tag` of the answer to the same question that the asker holds."""


class SavedFilter(Record):
    """What somebody looks for again and again; nobody else sees it."""

    id: FilterId
    name: Name
    filter: TaskFilter


class SaveFilter(BoardCommand[SavedFilter], tag="filter.save"):
    """Keep a filter under a name; one that has the name already is replaced."""

    name: Name
    filter: TaskFilter


class DeleteFilter(BoardCommand[SavedFilter], tag="filter.delete"):
    """Keep a filter no longer."""

    filter: FilterId


class ListFilters(BoardCommand[list[SavedFilter]], tag="filter.list"):
    """The asker's filters, by name."""
