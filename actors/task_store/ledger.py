"""The ledger of one batch: what was loaded, what the rules made of it, and the events that say so."""

from datetime import datetime
from typing import Any

import msgspec

from actors.sql.changes import EventRow, Loaded, Outcome, PlacedTeam, Writes
from schemas.base import TeamEvent
from schemas.boards import Member, MemberRole, MyTeam, TaskList
from schemas.errors import BusError, ErrorCode, conflict, forbidden, not_found
from schemas.ids import ListId, Seq, TaskId, TeamId, UserId
from schemas.tasks import Task, TaskView

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

    A rule checks first and changes afterwards: once it has changed something it must not refuse.
    """

    def __init__(self, loaded: Loaded, now: datetime) -> None:
        self.now = now
        self.teams = {team.id: team for team in loaded.teams}
        self._loaded_teams = dict(self.teams)
        self.members = {(member.team, member.user): member for member in loaded.members}
        self.lists = {row.id: row for row in loaded.lists}
        self.tasks = {task.id: task for task in loaded.tasks}
        self.tails = dict(loaded.tails)
        self.neighbours = dict(loaded.neighbours)
        self.outcomes = {(outcome.by, outcome.key): outcome for outcome in loaded.outcomes}
        self.new_team_ids = iter(loaded.team_ids)
        self.new_list_ids = iter(loaded.list_ids)
        self.new_task_ids = iter(loaded.task_ids)
        self.trace = ""
        self._rows: list[EventRow] = []
        self._new_outcomes: list[Outcome] = []
        self._changed_teams: set[TeamId] = set()
        self._changed_members: set[tuple[TeamId, UserId]] = set()
        self._removed_members: set[tuple[TeamId, UserId]] = set()
        self._changed_lists: set[ListId] = set()
        self._changed_tasks: set[TaskId] = set()

    # What the rules ask

    def team(self, team: TeamId, by: UserId, least: MemberRole) -> PlacedTeam:
        """The team, if `by` may do there what `least` may; whoever is not in it is told that it does not exist."""
        member = self.members.get((team, by))
        if member is None or team not in self.teams:
            raise not_found("team")
        self._require(member, least)
        return self.teams[team]

    def list_(self, list_id: ListId, by: UserId, least: MemberRole, *, deleted: bool = False) -> TaskList:
        """A list that is on its board, or, with `deleted`, one that may be in the trash."""
        row = self.lists.get(list_id)
        member = self.members.get((row.team, by)) if row else None
        if row is None or member is None or (row.deleted_at is not None and not deleted):
            raise not_found("list")
        self._require(member, least)
        return row

    def task(self, task_id: TaskId, by: UserId, version: int | None, *, deleted: bool = False) -> Task:
        """A task that `by` may change, at the version that they know; CONFLICT brings the task as it is."""
        task = self.tasks.get(task_id)
        member = self.members.get((task.team, by)) if task else None
        if task is None or member is None or (task.deleted_at is not None and not deleted):
            raise not_found("task")
        if self.lists[task.list].deleted_at is not None and not deleted:
            raise not_found("task")
        self._require(member, MemberRole.MEMBER)
        self.check_version(version, task.version, self.view(task))
        return task

    @staticmethod
    def check_version(known: int | None, actual: int, current: Any) -> None:
        if known is not None and known != actual:
            detail = f"somebody changed it meanwhile: you know version {known}, it is at {actual}"
            raise BusError(ErrorCode.CONFLICT, detail, field="version", current=_encoder.encode(current))

    def role(self, team: TeamId, by: UserId) -> MemberRole:
        return self.members[team, by].role

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
        return MyTeam(
            id=team.id, name=team.name, version=team.version, created_at=team.created_at, role=self.role(team.id, by)
        )

    @staticmethod
    def _require(member: Member, least: MemberRole) -> None:
        if _ORDER.index(member.role) < _ORDER.index(least):
            raise forbidden(f"your role here is {member.role}; this takes {least} or more")

    # What the rules do

    def save_team(self, team: PlacedTeam) -> None:
        self.teams[team.id] = team
        self._changed_teams.add(team.id)

    def save_member(self, member: Member) -> None:
        place = (member.team, member.user)
        self.members[place] = member
        self._changed_members.add(place)
        self._removed_members.discard(place)

    def remove_member(self, member: Member) -> None:
        place = (member.team, member.user)
        del self.members[place]
        self._changed_members.discard(place)
        self._removed_members.add(place)

    def save_list(self, row: TaskList) -> None:
        self.lists[row.id] = row
        self._changed_lists.add(row.id)

    def save_task(self, task: Task) -> None:
        self.tasks[task.id] = task
        self._changed_tasks.add(task.id)
        self.tails[task.list] = max(task.rank, self.tails.get(task.list, 0))

    def emit(self, kind: type[TeamEvent], team: TeamId, by: UserId, **fields: Any) -> None:
        """Add the next event to a team's history; it is encoded here, once, for table, bus and sockets."""
        row = self.teams[team]
        seq = Seq(row.seq + 1)
        self.save_team(msgspec.structs.replace(row, seq=seq))
        event = kind(team=team, seq=seq, at=self.now, by=by, **fields)
        payload = _encoder.encode(event)
        self._rows.append(EventRow(team, seq, self.now, by, kind.tag(), payload=msgspec.Raw(payload), trace=self.trace))

    def remember(self, by: UserId, key: str, digest: str, outcome: bytes) -> None:
        """Keep an outcome for whoever asks again with the same key."""
        row = Outcome(by, key, self.now, digest, msgspec.Raw(outcome))
        self.outcomes[by, key] = row
        self._new_outcomes.append(row)

    def recall(self, by: UserId, key: str, digest: str) -> msgspec.Raw | None:
        """The outcome that a command with this key had; CONFLICT when that was another command."""
        kept = self.outcomes.get((by, key))
        if kept is None:
            return None
        if kept.digest != digest:
            raise conflict("this idempotency key was used for something else", field="key")
        return kept.outcome

    def writes(self) -> Writes:
        """All rows as they are to be; nothing when every command was refused or changed nothing."""
        return Writes(
            expected=[self._loaded_teams[i] for i in sorted(self._changed_teams) if i in self._loaded_teams],
            teams=[self.teams[i] for i in sorted(self._changed_teams)],
            members=[self.members[i] for i in sorted(self._changed_members)],
            removed=sorted(self._removed_members),
            lists=[self.lists[i] for i in sorted(self._changed_lists)],
            tasks=[self.tasks[i] for i in sorted(self._changed_tasks)],
            events=self._rows,
            outcomes=self._new_outcomes,
        )
