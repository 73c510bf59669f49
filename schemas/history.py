"""What happened, what it looked like then, and taking it back."""

from typing import Annotated

import msgspec

from schemas.base import Record, TeamEvent, UtcTime
from schemas.boards import BoardChange, BoardCommand, Limit
from schemas.ids import Seq, TaskId, TeamId
from schemas.labels import Label
from schemas.lists import TaskList
from schemas.members import Member
from schemas.tasks import Task, TaskView
from schemas.teams import MyTeam


class Board(Record):
    """All of a team at the position `seq`; the events after it lead on from here."""

    seq: Seq
    team: MyTeam
    members: list[Member]
    labels: list[Label]
    lists: list[TaskList]
    tasks: list[Task]


class GetBoard(BoardCommand[Board], tag="team.board"):
    """A team's board and its position, both of one moment."""

    team: TeamId


class GetPastBoard(BoardCommand[Board], tag="team.past_board"):
    """A team's board as it was at a moment, made from its history; the asker's role is today's."""

    team: TeamId
    at: UtcTime


class Activity(Record):
    """Events verbatim, newest first. `before` gets the next page; None when there is none."""

    events: list[msgspec.Raw]
    before: Seq | None


class ListActivity(BoardCommand[Activity], tag="team.activity"):
    """What happened in a team, or to one task of it, newest first."""

    team: TeamId
    task: TaskId | None = None
    before: Annotated[Seq, msgspec.Meta(ge=1, le=2**53 - 1)] | None = None
    limit: Limit = 50


class Undo(BoardChange[Seq], tag="team.undo"):
    """Take back the asker's last change that was not taken back yet; gives its `change`.

    CONFLICT when somebody else changed the same thing since, or when it is nothing that can be taken back.
    """

    team: TeamId


class Trash(Record):
    """What was deleted and can be restored, the newest first."""

    lists: list[TaskList]
    tasks: list[TaskView]
    """200 at most, of lists that are not in the trash themselves."""


class GetTrash(BoardCommand[Trash], tag="team.trash"):
    """What was deleted of a team's lists and tasks."""

    team: TeamId


class Visit(Record):
    """Where somebody was when they last left, and when."""

    seq: Seq
    at: UtcTime | None


class GetVisit(BoardCommand[Visit], tag="member.visit"):
    """Where the asker was when they last left the board: ask for the activity since."""

    team: TeamId


class MarkSeen(BoardCommand[Visit], tag="member.seen"):
    """The asker has seen all up to a position."""

    team: TeamId
    seq: Annotated[Seq, msgspec.Meta(ge=0, le=2**53 - 1)]


class ListRestored(TeamEvent, tag="list.restored"):
    """A list came back from the trash, with what is on it."""

    list: TaskList
    tasks: tuple[Task, ...]
