"""What a store still knows of the teams that it wrote last, so that making tasks there begins without reading.

Whatever changes a team moves it on, and writing compares: on what is remembered of a team that has moved on since,
nothing is written. That vouches for what is done, not for what is refused, so a refusal must be looked up.
"""

import time
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.needs import Loaded, Needs, PlacedTeam
from actors.task_store.ledger import Ledger
from infra.mailbox import Envelope
from schemas.boards import BoardChange
from schemas.ids import LabelId, ListId, TaskId, TeamId, UserId
from schemas.labels import Label
from schemas.lists import TaskList
from schemas.members import Member
from schemas.tasks import CreateTask

_TEAMS = 200
"""How many are remembered; with one more, all are forgotten."""

_AHEAD = 8
_AHEAD_AT_MOST = 1000
"""Under load, ids of tasks are taken for so many batches like the one at hand."""

_FRESH_SECONDS = 1.0
"""For so long, since ids are to tell which task is the newer one, and other stores take theirs meanwhile."""


class _Known(msgspec.Struct):
    """A team as it stood when it was last read or written."""

    team: PlacedTeam
    members: dict[UserId, Member] = msgspec.field(default_factory=dict[UserId, Member])
    """Those who had to do with it."""
    lists: dict[ListId, TaskList] = msgspec.field(default_factory=dict[ListId, TaskList])
    labels: dict[LabelId, Label] = msgspec.field(default_factory=dict[LabelId, Label])
    tails: dict[ListId, int] = msgspec.field(default_factory=dict[ListId, int])
    """The highest rank of each list whose end is known; 0 for an empty one."""
    loads: dict[ListId, int] = msgspec.field(default_factory=dict[ListId, int])

    def has_place(self, list_id: ListId) -> bool:
        """Whether it is known where a new task of this list stands, and whether there is room for it."""
        row = self.lists.get(list_id)
        return row is not None and list_id in self.tails and (row.wip_limit is None or list_id in self.loads)


class Memory:
    """Of one store, whose batches go one after another."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._teams: dict[TeamId, _Known] = {}
        self._team_of: dict[ListId, TeamId] = {}
        self._ids: list[TaskId] = []
        self._ids_taken_at = 0.0

    def watch(self, engine: AsyncEngine) -> None:
        """Forget whenever it connects: a database that comes back may be behind, and catch up by another way."""
        listen(engine.sync_engine, "connect", lambda *_: self.forget())

    def lend_ids(self, needs: Needs) -> None:
        """Ids that are left; whatever becomes of the batch, they are not lent again."""
        if self._clock() < self._ids_taken_at + _FRESH_SECONDS:
            needs.task_ids = self._ids
        self._ids = []

    def recall(self, changes: Iterable[Envelope[BoardChange[Any]]], needs: Needs) -> Loaded | None:
        """What loading would say to commands that make tasks; None for others, and where something is not known."""
        if len(needs.task_ids) < needs.new_tasks or not _only_make(changes):
            return None
        ids = {team for list_id in needs.lists if (team := self._team_of.get(list_id)) is not None}
        teams = [self._teams[team] for team in ids]
        if not all(any(known.has_place(list_id) for known in teams) for list_id in needs.lists):
            return None
        return Loaded(
            teams=[known.team for known in teams],
            members=[*chain.from_iterable(known.members.values() for known in teams)],
            lists=[*chain.from_iterable(known.lists.values() for known in teams)],
            labels=[*chain.from_iterable(known.labels.values() for known in teams)],
            tails=[*chain.from_iterable(known.tails.items() for known in teams)],
            loads=[*chain.from_iterable(known.loads.items() for known in teams)],
            task_ids=needs.task_ids,
        )

    def look_ahead(self, needs: Needs) -> None:
        """Ask for the ids of the next batches, too, where more than one command waits and new ones are due."""
        if max(len(needs.task_ids), 1) < needs.new_tasks:
            needs.new_tasks += min(needs.new_tasks * _AHEAD, _AHEAD_AT_MOST)
            self._ids_taken_at = self._clock()

    def learn(self, ledger: Ledger, needs: Needs) -> None:
        """What the ledger says is written and true."""
        self._ids = [*ledger.new_task_ids]
        for team in ledger.teams.values():
            known = self._teams.get(team.id)
            if known is None or ledger.teams.loaded.get(team.id) != known.team:
                known = self._teams[team.id] = _Known(team)
            known.team = team
        self._learn_members(ledger)
        self._learn_lists(ledger, needs)
        for label in ledger.labels.values():
            self._teams[label.team].labels[label.id] = label
        if len(self._teams) > _TEAMS:
            self.forget()

    def _learn_members(self, ledger: Ledger) -> None:
        for team, user in ledger.members.removed():
            self._teams[team].members.pop(user, None)
        for (team, user), member in ledger.members.items():
            self._teams[team].members[user] = member

    def _learn_lists(self, ledger: Ledger, needs: Needs) -> None:
        for row in ledger.lists.values():
            known = self._teams[row.team]
            known.lists[row.id] = row
            self._team_of[row.id] = row.team
            if row.id in needs.lists or row.id in ledger.tails:
                known.tails[row.id] = ledger.tails.get(row.id, 0)
            if row.wip_limit is None:
                known.loads.pop(row.id, None)  # nobody counts them
            elif row.id in ledger.loads:
                known.loads[row.id] = ledger.loads[row.id]

    def forget(self) -> None:
        """Whatever is known of teams may be wrong by now."""
        self._teams.clear()
        self._team_of.clear()


def _only_make(changes: Iterable[Envelope[BoardChange[Any]]]) -> bool:
    """Whether they only make tasks, and none of them could have been carried out before."""
    return all(isinstance(change.message, CreateTask) and change.message.key is None for change in changes)
