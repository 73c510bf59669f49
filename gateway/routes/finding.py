"""Finding tasks."""

from hashlib import blake2b
from typing import Any, Literal, cast

import msgspec
from msgspec.structs import replace
from yarl import URL

from gateway.api import Ask, Edge, Tagged, route
from gateway.auth import Caller
from gateway.pages import Page, Paging, linked
from schemas.base import Record, UtcTime
from schemas.ids import LabelId, ListId, TaskId, TeamId, UserId
from schemas.search import ListTasks, TaskFilter
from schemas.tasks import Priority, TaskView
from schemas.text import Query

_encode = msgspec.json.Encoder().encode


class TaskQuery(Paging):
    """Which tasks; all that is given must hold. `offset` goes to 10,000, `cursor` and `before` go everywhere."""

    team: TeamId | None = None
    list: ListId | None = None
    assignee: UserId | None = None
    label: LabelId | None = None
    priority: Priority | None = None
    filter: Literal["me", "open", "done", "overdue", "watched"] | None = None
    """`me`: assigned to you; `watched`: by you; `open`: not done."""
    due_from: UtcTime | None = None
    due_before: UtcTime | None = None
    archived: bool = False
    """Also those that were put away."""
    q: Query = ""
    """Words in any of their forms; `"a phrase"`, `or` and `-not` are understood."""
    cursor: TaskId | None = None
    """The last task of the page before."""
    before: TaskId | None = None
    """The first task of the page after."""

    def wanted(self) -> TaskFilter:
        """What the store is asked for; raises BusError."""
        wanted = TaskFilter(
            team=self.team,
            list=self.list,
            assignee=self.assignee,
            label=self.label,
            priority=self.priority,
            mine=self.filter == "me",
            watched=self.filter == "watched",
            is_done={"open": False, "done": True}.get(self.filter or ""),
            is_overdue=self.filter == "overdue",
            due_from=self.due_from,
            due_before=self.due_before,
            archived=self.archived,
            q=self.q,
        )
        return wanted.dated()


class TaskResults(Page[TaskView]):
    """`count` is exact up to 10,000; `cursor` and `before` get the pages after and before this one, as the links do."""

    cursor: TaskId | None
    before: TaskId | None


class Found(Record):
    """A TaskPage whose tasks are passed on as they came: reading and writing them would cost more than all the rest."""

    count: int
    tasks: msgspec.Raw
    cursor: TaskId | None
    before: TaskId | None
    tag: str | None = None
    same: bool = False


class FindTasks(ListTasks, tag=ListTasks.tag()):
    """ListTasks for which the answer is Found."""

    @classmethod
    def reply_type(cls) -> Any:
        return Found


# What is remembered under a tag looks different in another version.
_FORM = blake2b(_encode(msgspec.json.schema(TaskResults)), digest_size=4).hexdigest()


@route("GET", "/api/tasks/", also=(404,))
async def list_tasks(ask: Ask, edge: Edge, caller: Caller, url: URL, query: TaskQuery) -> Tagged[TaskResults]:
    """The tasks of your teams, newest first."""
    wanted = FindTasks(
        by=caller.id,
        filter=query.wanted(),
        cursor=query.cursor,
        before=query.before,
        limit=query.limit,
        offset=query.offset,
    )
    known, held = edge.pages.last((wanted, url)) or (None, None)
    found = cast("Found", await ask(replace(wanted, known=known)))
    if found.same and held is not None:
        return held
    tag = f'W/"tasks-{_FORM}-{found.tag}"' if found.tag else ""
    answer = Tagged[TaskResults](body=_encode(_results(found, url, query)), tag=tag)
    if found.tag:
        edge.pages.keep((wanted, url), found.tag, answer, len(answer.body))
    return answer


def _results(found: Found, url: URL, query: TaskQuery) -> TaskResults:
    counted = query.offset > 0 and query.cursor is None and query.before is None
    back = {"offset": max(query.offset - query.limit, 0)} if counted else {"before": found.before}
    return TaskResults(
        count=found.count,
        next=linked(url, query.limit, cursor=found.cursor),
        previous=linked(url, query.limit, **back),
        results=cast("list[TaskView]", found.tasks),
        cursor=found.cursor,
        before=found.before,
    )


@route("GET", "/api/tasks/my/")
async def my_tasks(ask: Ask, caller: Caller) -> list[TaskView]:
    """The open tasks that are assigned to you, newest first, 500 at most."""
    found = await ask(ListTasks(by=caller.id, filter=TaskFilter(mine=True, is_done=False), limit=500))
    return found.tasks
