"""The ledger of one batch: what was loaded, what the rules made of it, and the events that say so."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from actors.sql.invites import Invites
from actors.sql.needs import Loaded, Outcome, PlacedTeam, Undoable
from actors.sql.writing import EventRow, Writes
from actors.task_store.journal import Journal
from schemas.base import TeamEvent
from schemas.comments import CommentEvent
from schemas.errors import BusError, ErrorCode, conflict, forbidden, not_found
from schemas.ids import LabelId, ListId, Seq, TaskId, TeamId, UserId
from schemas.labels import Label
from schemas.lists import TaskList
from schemas.members import Member, MemberRole
from schemas.tasks import Task, TaskEvent, TasksReranked, TaskView
from schemas.teams import MyTeam, Team

STEP = 65536
"""The distance between two neighbours' ranks when there is room: 16 halvings before a list is arranged anew."""

_ORDER = [MemberRole.VIEWER, MemberRole.MEMBER, MemberRole.ADMIN, MemberRole.OWNER]
_encoder = msgspec.json.Encoder()


class ArrangementNeeded(Exception):
    """There is no rank left between two tasks: the command must come again with the whole list at hand."""

    def __init__(self, list_id: ListId) -> None:
        super().__init__(list_id)
        self.list = list_id


class Ledger:
    """Reads as if every change before had happened; writes nothing until the batch is over.

    A command that is refused half-way leaves no trace: `begin` and `take_back` stand around each.
    """

    def __init__(self, loaded: Loaded, past: Iterable[Undoable], now: datetime, invites: Invites | None = None) -> None:
        self.now = now
        self.trace = ""
        self.as_admin = False
        self.undoes: Seq | None = None
        journal = self._journal = Journal()
        self.teams = journal.table({team.id: team for team in loaded.teams})
        self.members = journal.table({(member.team, member.user): member for member in loaded.members})
        self.lists = journal.table({row.id: row for row in loaded.lists})
        self.labels = journal.table({label.id: label for label in loaded.labels})
        self.tasks = journal.table({task.id: task for task in loaded.tasks})
        self.comments = journal.table({comment.id: comment for comment in loaded.comments})
        self.invites = journal.table({invite.id: invite for invite in invites.known} if invites else {})
        self.tails = journal.table(dict(loaded.tails))
        self.loads = journal.table(dict(loaded.loads))
        self.outcomes = journal.table({(outcome.by, outcome.key): outcome for outcome in loaded.outcomes})
        self._firsts = journal.table(dict[TeamId, Seq]())
        self.neighbours = journal.table({task: (rank, before) for task, rank, before in loaded.neighbours})
        self.past = {(change.team, change.user): change for change in past}
        self.new_team_ids = iter(loaded.team_ids)
        self.new_list_ids = iter(loaded.list_ids)
        self.new_task_ids = iter(loaded.task_ids)
        self.new_label_ids = iter(loaded.label_ids)
        self.new_comment_ids = iter(loaded.comment_ids)
        self.new_invite_ids = iter(invites.ids if invites else ())
        self.events: list[EventRow] = []

    def begin(self, trace: str, *, as_admin: bool = False) -> None:
        """A command begins; with `as_admin`, of somebody who was found to be an administrator of the site."""
        self._journal.mark()
        self._firsts.clear()
        self._events_before = len(self.events)
        self.trace = trace
        self.as_admin = as_admin
        self.undoes = None

    def take_back(self) -> None:
        """The command is refused: all is as it was when it began."""
        self._journal.take_back()
        del self.events[self._events_before :]

    # What the rules ask

    def standing(self, team: TeamId, by: UserId) -> MemberRole | None:
        """What `by` is in a team that is not in the trash; None when to them it does not exist."""
        row = self.teams.get(team)
        return None if row is None or row.deleted_at is not None else self._role(team, by)

    def knows(self, team: TeamId, by: UserId) -> bool:
        """Whether `by` is in a team, be it in the trash or not."""
        return self._role(team, by) is not None

    def team(self, team: TeamId, by: UserId, least: MemberRole, *, deleted: bool = False) -> PlacedTeam:
        """The team, if `by` may do there what `least` may; with `deleted`, an owner finds it in the trash too."""
        role = self.standing(team, by)
        if role is None and deleted and team in self.teams and self._role(team, by) is MemberRole.OWNER:
            role = MemberRole.OWNER
        if role is None:
            raise not_found("team")
        self._require(role, least)
        return self.teams[team]

    def list_(self, list_id: ListId, by: UserId, least: MemberRole, *, deleted: bool = False) -> TaskList:
        """A list that is on its board, or, with `deleted`, one that may be in the trash."""
        row = self.lists.get(list_id)
        role = self.standing(row.team, by) if row else None
        if row is None or role is None or (row.deleted_at is not None and not deleted):
            raise not_found("list")
        self._require(role, least)
        return row

    def label(self, label_id: LabelId, by: UserId) -> Label:
        """A label that `by` may change."""
        label = self.labels.get(label_id)
        role = self.standing(label.team, by) if label else None
        if label is None or role is None or label.deleted_at is not None:
            raise not_found("label")
        self._require(role, MemberRole.MEMBER)
        return label

    def task(
        self,
        task_id: TaskId,
        by: UserId,
        version: int | None = None,
        *,
        least: MemberRole = MemberRole.MEMBER,
        deleted: bool = False,
    ) -> Task:
        """A task that `by` may change, at the version that they know; CONFLICT brings the task as it is."""
        task = self.tasks.get(task_id)
        role = self.standing(task.team, by) if task else None
        if task is None or role is None or (task.deleted_at is not None and not deleted):
            raise not_found("task")
        if self.lists[task.list].deleted_at is not None and not deleted:
            raise not_found("task")
        self._require(role, least)
        self.check_version(version, task.version, self.view(task))
        return task

    @staticmethod
    def check_version(known: int | None, actual: int, current: Any) -> None:
        if known is not None and known != actual:
            detail = f"somebody changed it meanwhile: you know version {known}, it is at {actual}"
            raise BusError(ErrorCode.CONFLICT, detail, field="version", current=_encoder.encode(current))

    def _role(self, team: TeamId, by: UserId) -> MemberRole | None:
        if self.as_admin:
            return MemberRole.OWNER
        member = self.members.get((team, by))
        return member.role if member else None

    def board_lists(self, team: TeamId) -> list[TaskList]:
        """The lists of a board, in order."""
        rows = (row for row in self.lists.values() if row.team == team and row.deleted_at is None)
        return sorted(rows, key=lambda row: (row.rank, row.id))

    def list_tasks(self, list_id: ListId) -> list[Task]:
        """The loaded tasks of a list, in order; all of them if the batch loaded the whole list."""
        tasks = (task for task in self.tasks.values() if task.list == list_id and task.deleted_at is None)
        return sorted(tasks, key=lambda task: (task.rank, task.id))

    def view(self, task: Task) -> TaskView:
        """The task with the names beside it."""
        assignee = self.members.get((task.team, task.assignee)) if task.assignee else None
        return TaskView(
            **msgspec.structs.asdict(task),
            list_name=self.lists[task.list].name,
            assignee_username=assignee.username if assignee else None,
        )

    def my_team(self, team: PlacedTeam, by: UserId) -> MyTeam:
        """The team as `by` sees it."""
        role = self._role(team.id, by)
        if role is None:
            raise not_found("team")
        return MyTeam(**{name: getattr(team, name) for name in Team.__struct_fields__}, role=role)

    @staticmethod
    def _require(role: MemberRole, least: MemberRole) -> None:
        if _ORDER.index(role) < _ORDER.index(least):
            raise forbidden(f"your role here is {role}; this takes {least} or more")

    # What the rules do

    def save_task(self, task: Task) -> None:
        """CONFLICT where the task takes up room that its list does not have."""
        before = self.tasks.get(task.id)
        self.tasks[task.id] = task
        self.tails[task.list] = max(task.rank, self.tails.get(task.list, 0))
        if before is not None and before.list in self.loads:
            self.loads[before.list] -= _takes_room(before)
        if task.list in self.loads:
            self.loads[task.list] += _takes_room(task)
            limit = self.lists[task.list].wip_limit
            came = _takes_room(task) and not (before and before.list == task.list and _takes_room(before))
            if came and limit is not None and self.loads[task.list] > limit:
                raise conflict(f"the list holds {limit} open tasks and is full", field="list")

    def emit(self, kind: type[TeamEvent], team: TeamId, by: UserId, **fields: Any) -> None:
        """Add the next event to a team's history; it is encoded here, once, for table, bus and sockets."""
        row = self.teams[team]
        seq = Seq(row.seq + 1)
        self.teams[team] = replace(row, seq=seq)
        change = self._firsts.setdefault(team, seq)
        event = kind(team=team, seq=seq, at=self.now, by=by, change=change, undoes=self.undoes, **fields)
        task, noun, noun_id = _about(event)
        self.events.append(
            EventRow(
                team=team,
                seq=seq,
                at=self.now,
                by=by,
                type=kind.tag(),
                change=change,
                undoes=self.undoes,
                task=task,
                noun=noun,
                noun_id=noun_id,
                payload=msgspec.Raw(_encoder.encode(event)),
                trace=self.trace,
            )
        )

    def next_seq(self, team: TeamId) -> Seq:
        """What the next event of the team will be called."""
        return Seq(self.teams[team].seq + 1)

    def remember(self, by: UserId, key: str, digest: str, outcome: bytes) -> None:
        """Keep an outcome for whoever asks again with the same key."""
        self.outcomes[by, key] = Outcome(by, key, self.now, digest, msgspec.Raw(outcome))

    def recall(self, by: UserId, key: str, digest: str) -> msgspec.Raw | None:
        """The outcome that a command with this key had; CONFLICT when that was another command."""
        kept = self.outcomes.get((by, key))
        if kept is None:
            return None
        if kept.digest != digest:
            raise conflict("this idempotency key was used for something else", field="key")
        return kept.outcome

    def restored(self) -> set[TeamId]:
        """The teams in which a list, or which themselves, have come back from the trash."""
        back = {t.id for t in self.teams.replaced() if t.deleted_at and not self.teams[t.id].deleted_at}
        return back | {r.team for r in self.lists.replaced() if r.deleted_at and not self.lists[r.id].deleted_at}

    def writes(self) -> Writes:
        """All rows as they are to be; nothing when every command was refused or changed nothing."""
        return Writes(
            expected=self.teams.replaced(),
            teams=self.teams.changed(),
            members=self.members.changed(),
            removed=self.members.removed(),
            lists=self.lists.changed(),
            labels=self.labels.changed(),
            tasks=self.tasks.changed(),
            comments=self.comments.changed(),
            events=self.events,
            outcomes=self.outcomes.changed(),
        )


def _takes_room(task: Task) -> int:
    return int(not task.is_done and task.archived_at is None and task.deleted_at is None)


def _about(event: Any) -> tuple[TaskId | None, str | None, int | None]:
    """What an event is about, for those who ask the history."""
    match event:
        case CommentEvent(comment=comment):
            return event.task.id, "comment", comment.id
        case TaskEvent():
            return event.task.id, "task", event.task.id
        case TasksReranked():
            return None, "ranks", event.list
        case _:
            for noun in ("label", "member", "list"):
                if isinstance(thing := getattr(event, noun, None), (Label, Member, TaskList)):
                    return None, noun, thing.user if isinstance(thing, Member) else thing.id
            return None, None, None
