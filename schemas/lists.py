"""Lists: the columns of a board."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from schemas.base import Record, TeamEvent, UtcTime
from schemas.boards import BoardChange, BoardCommand, Limit, Offset, Version
from schemas.ids import ListId, TeamId
from schemas.text import Name, Query

WipLimit = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class TaskList(Record):
    """A column of the board; lists stand in the order of `rank`, then `id`."""

    id: ListId
    team: TeamId
    name: Name
    rank: int
    version: Version
    wip_limit: WipLimit | None = None
    """How many open tasks the list holds at most."""
    deleted_at: UtcTime | None = None


class CreateList(BoardChange[TaskList], tag="list.create"):
    """Create an empty list at the right end of a board."""

    team: TeamId
    name: Name


class UpdateList(BoardChange[TaskList], tag="list.update"):
    """Change a list's name or the number of open tasks that it holds."""

    list: ListId
    name: Name | UnsetType = UNSET
    wip_limit: WipLimit | UnsetType | None = UNSET
    version: Version | None = None


class MoveList(BoardChange[TaskList], tag="list.move"):
    """Put a list before another one of its board, or last."""

    list: ListId
    before: ListId | None = None
    version: Version | None = None


class DeleteList(BoardChange[TaskList], tag="list.delete"):
    """Put a list, with all that is on it, into the trash."""

    list: ListId
    version: Version | None = None


class RestoreList(BoardChange[TaskList], tag="list.restore"):
    """Take a list, with all that was on it, back from the trash."""

    list: ListId


class ListPage(Record):
    count: int
    lists: list[TaskList]


class ListLists(BoardCommand[ListPage], tag="list.list"):
    """The lists of one team, or of all of the asker's; `q` is a part of the name."""

    team: TeamId | None = None
    q: Query = ""
    deleted: bool = False
    """Those in the trash instead."""
    limit: Limit = 100
    offset: Offset = 0


class GetList(BoardCommand[TaskList], tag="list.get"):
    """One list."""

    list: ListId


class ListCreated(TeamEvent, tag="list.created"):
    """A list exists that did not before."""

    list: TaskList


class ListUpdated(TeamEvent, tag="list.updated"):
    """A list has another name or another limit."""

    list: TaskList


class ListMoved(TeamEvent, tag="list.moved"):
    """A list stands elsewhere on its board."""

    list: TaskList


class ListDeleted(TeamEvent, tag="list.deleted"):
    """A list and all that is on it went into the trash."""

    list: TaskList
