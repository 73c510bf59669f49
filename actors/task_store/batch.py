"""One batch of commands: load, decide, write, and all that is written is one transaction."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.sql import alarms
from actors.sql import invites as kept_invites
from actors.sql.loading import load, load_undoable, lock_teams
from actors.sql.needs import Loaded, Needs
from actors.sql.outbox import Waiting
from actors.sql.writing import EventRow, write
from actors.task_store import (
    checklists,
    comments,
    following,
    invites,
    labels,
    lists,
    members,
    tasks,
    teams,
    undo,
)
from actors.task_store.ledger import ArrangementNeeded, Ledger
from actors.task_store.memory import Memory
from actors.task_store.ranks import arrange
from actors.task_store.rules import decide, needs_of
from infra.db import single_statements
from infra.mailbox import Envelope
from schemas.boards import BoardChange
from schemas.errors import BusError
from schemas.ids import ListId, Seq, TeamId, UserId
from schemas.invites import CreateInvite
from schemas.members import RemoveMember

RULES = (teams, members, invites, lists, labels, tasks, checklists, comments, undo, following)
"""Importing these is what teaches `decide` its commands."""

Change = Envelope[BoardChange[Any]]
Outcome = msgspec.Raw | BusError


class Result(msgspec.Struct):
    """What a committed batch came to: one outcome for each command, in order, and the ledger that was written.

    ArrangementNeeded is no answer yet: that command must come again, with the list it names in `arranged`.
    """

    outcomes: list[Outcome | ArrangementNeeded]
    ledger: Ledger

    @property
    def events(self) -> list[Waiting]:
        """The events to publish."""
        return _to_publish(self.ledger.events)


async def carry_out(
    engine: AsyncEngine,
    changes: Sequence[Change],
    arranged: Mapping[ListId, UserId] | None = None,
    memory: Memory | None = None,
) -> Result:
    """Carry out the commands, after making room in the lists in `arranged`, for whom each names.

    Raises what the database raises: then nothing was done, or at worst the answer to the commit was lost.
    """
    needs = needs_of([change.message for change in changes])
    arranged = arranged or {}
    needs.arranged |= arranged.keys()
    memory = memory or Memory()
    memory.lend_ids(needs)
    result, new_tasks = None, needs.new_tasks
    if not (needs.undoers or needs.of_invites or needs.restores):
        async with single_statements(engine).connect() as connection:
            # Not before: whoever had to connect anew remembers nothing.
            if not arranged and (loaded := memory.recall(changes, needs)):
                result = await _from_memory(connection, loaded, changes)
            if result is None:
                memory.look_ahead(needs)
                result = await _attempt(connection, needs, changes, arranged)
    if result is not None:
        memory.learn(result.ledger, needs)
        return result
    # Another store was quicker with one of these teams, or past, invites and alarms must hold still: others wait.
    memory.forget()
    needs.new_tasks = new_tasks
    async with engine.begin() as connection:
        if needs.of_invites:
            await kept_invites.need_teams(connection, needs)
        await lock_teams(connection, needs)
        result = await _attempt(connection, needs, changes, arranged)
    if result is None:
        raise RuntimeError("a locked team has changed")
    return result


async def _from_memory(connection: AsyncConnection, loaded: Loaded, changes: Sequence[Change]) -> Result | None:
    """None when a team was changed by others, or a command would be refused; then nothing was written."""
    ledger = Ledger(loaded, (), datetime.now(UTC))
    outcomes = [_decide(change, ledger) for change in changes]
    if any(isinstance(outcome, (BusError, ArrangementNeeded)) for outcome in outcomes):
        return None
    return Result(outcomes, ledger) if await write(connection, ledger.writes()) else None


async def _attempt(
    connection: AsyncConnection, needs: Needs, changes: Sequence[Change], arranged: Mapping[ListId, UserId]
) -> Result | None:
    """None when a team was changed between reading and writing; then nothing was written."""
    past = await load_undoable(connection, needs.undoers) if needs.undoers else []
    undo.need_past(past, needs)
    doors = await kept_invites.load(connection, needs) if needs.of_invites else None
    ledger = Ledger(await load(connection, needs), past, datetime.now(UTC), doors)
    for list_id, by in arranged.items():
        ledger.begin(changes[0].trace)
        arrange(list_id, by, ledger)
    outcomes = [_decide(change, ledger) for change in changes]
    writes = ledger.writes()
    if (writes.events or writes.outcomes) and not await write(connection, writes):
        return None
    if restored := ledger.restored():
        await alarms.wake(connection, restored)
    if doors is not None:
        await kept_invites.save(connection, ledger.invites.changed(), ledger.invites.removed())
    return Result(outcomes, ledger)


def _to_publish(rows: Sequence[EventRow]) -> list[Waiting]:
    """The events in order, each with the first of its team, by which the outbox knows them."""
    firsts: dict[TeamId, Seq] = {}
    return [
        Waiting(
            row.team, firsts.setdefault(row.team, row.seq), row.seq, row.type, bytes(row.payload).decode(), row.trace
        )
        for row in rows
    ]


def _decide(change: Change, ledger: Ledger) -> Outcome | ArrangementNeeded:
    command = change.message
    ledger.begin(change.trace, as_admin=command.as_admin)
    try:
        if command.key is None or isinstance(command, CreateInvite):
            return msgspec.Raw(msgspec.json.encode(decide(command, ledger)))
        return _decide_once(command, command.key, ledger)
    except (BusError, ArrangementNeeded) as refusal:
        ledger.take_back()
        return refusal


def _decide_once(command: BoardChange[Any], key: str, ledger: Ledger) -> Outcome:
    """A refusal changed nothing, so it is not remembered: the same command may succeed later."""
    digest = hashlib.blake2b(msgspec.json.encode(command), digest_size=16).hexdigest()
    kept = ledger.recall(command.by, key, digest)
    if kept is not None and _may_know(command, kept, ledger):
        return kept
    outcome = msgspec.Raw(msgspec.json.encode(decide(command, ledger)))
    if kept is None:
        ledger.remember(command.by, key, digest, bytes(outcome))
    return outcome


class _OfTeam(msgspec.Struct):
    team: TeamId | None = None


_of_team = msgspec.json.Decoder(_OfTeam | list[_OfTeam] | int)


def _may_know(command: BoardChange[Any], outcome: msgspec.Raw, ledger: Ledger) -> bool:
    """Whether the asker is still in the team that the outcome tells of, as far as that can be told.

    Whoever left by this very command may know that they did.
    """
    if isinstance(command, RemoveMember) and command.user == command.by:
        return True
    team = getattr(command, "team", None)
    if team is None and isinstance(told := _of_team.decode(outcome), _OfTeam):
        team = told.team
    return team is None or team not in ledger.teams or ledger.knows(team, command.by)
