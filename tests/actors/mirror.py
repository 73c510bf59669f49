"""A reader's own copy of a board: a snapshot, led on by events. What the web client does, in thirty lines."""

from typing import Any

import msgspec
from msgspec.structs import replace

from schemas.base import TeamEvent, leaves
from schemas.history import Board, ListRestored
from schemas.invites import InviteCreated, InviteRevoked
from schemas.labels import LabelCreated, LabelDeleted, LabelRestored, LabelUpdated
from schemas.lists import ListCreated, ListDeleted, ListMoved, ListUpdated
from schemas.members import MemberAdded, MemberChanged, MemberRemoved
from schemas.tasks import Task, TaskEvent, TasksReranked
from schemas.teams import TeamCreated, TeamDeleted, TeamRenamed, TeamRestored, TeamTransferred

KINDS = {kind.tag(): kind for kind in leaves(TeamEvent)}


class Mirror:
    """Applies events in order; the same content as a fresh snapshot at the same position."""

    def __init__(self, board: Board) -> None:
        self.seq = board.seq
        self.team = board.team
        self.members = {member.user: member for member in board.members}
        self.lists = {row.id: row for row in board.lists}
        self.labels = {label.id: label for label in board.labels}
        self.tasks = {task.id: task for task in board.tasks}

    def apply(self, raw: bytes) -> None:  # noqa: C901, PLR0912 - one case for each kind of event
        tag = msgspec.json.decode(raw)["type"]
        event: Any = msgspec.json.decode(raw, type=KINDS[tag])
        assert event.seq == self.seq + 1
        self.seq = event.seq
        match event:
            case TaskEvent():
                self._show(event.task)
            case TasksReranked():
                for task, rank in event.ranks:
                    self.tasks[task] = replace(self.tasks[task], rank=rank)
            case ListCreated() | ListUpdated() | ListMoved():
                self.lists[event.list.id] = event.list
            case ListDeleted():
                del self.lists[event.list.id]
                self.tasks = {i: task for i, task in self.tasks.items() if task.list != event.list.id}
            case ListRestored():
                self.lists[event.list.id] = event.list
                for task in event.tasks:
                    self._show(task)
            case LabelCreated() | LabelUpdated() | LabelRestored():
                self.labels[event.label.id] = event.label
            case LabelDeleted():
                del self.labels[event.label.id]
            case MemberAdded() | MemberChanged() | TeamTransferred():
                self.members[event.member.user] = event.member
            case MemberRemoved():
                del self.members[event.member.user]
            case TeamRenamed():
                self.team = replace(self.team, name=event.name, version=self.team.version + 1)
            case TeamCreated():
                self.team = replace(self.team, name=event.name)
            case TeamDeleted():
                self.team = replace(self.team, deleted_at=event.deleted_at, version=self.team.version + 1)
            case TeamRestored():
                self.team = replace(self.team, deleted_at=None, version=self.team.version + 1)
            case InviteCreated() | InviteRevoked():
                pass  # they are not on the board
            case _:
                raise AssertionError(f"nobody mirrors {tag}")

    def _show(self, task: Task) -> None:
        """A board shows what is neither in the trash nor put away."""
        self.tasks.pop(task.id, None)
        if task.deleted_at is None and task.archived_at is None:
            self.tasks[task.id] = task

    def content(self) -> tuple[Any, ...]:
        return self.seq, self.team, dict(self.members), dict(self.lists), dict(self.labels), dict(self.tasks)
