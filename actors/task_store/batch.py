"""One batch of commands in one transaction: lock, load, decide, write, commit."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.changes import EventRow, load, load_undoable, lock_teams, write
from actors.sql.outbox import Waiting
from actors.task_store import checklists, comments, labels, lists, tasks, teams, undo
from actors.task_store.ledger import ArrangementNeeded, Ledger
from actors.task_store.rules import decide, needs_of
from infra.mailbox import Envelope
from schemas.boards import BoardChange
from schemas.errors import BusError
from schemas.ids import ListId

RULES = (teams, lists, labels, tasks, checklists, comments, undo)
"""Importing these is what teaches `decide` its commands."""

Change = Envelope[BoardChange[Any]]
Outcome = msgspec.Raw | BusError


class Result(msgspec.Struct):
    """What a committed batch came to: one outcome for each command, in order, and the events to publish.

    ArrangementNeeded is no answer yet: that command must come again, with the list it names in `arranged`.
    """

    outcomes: list[Outcome | ArrangementNeeded]
    events: list[Waiting]


async def carry_out(engine: AsyncEngine, changes: Sequence[Change], arranged: Iterable[ListId] = ()) -> Result:
    """Carry out the commands, after making room between the tasks of the lists in `arranged`.

    Raises what the database raises: then nothing was done, or at worst the answer to the commit was lost.
    """
    needs = needs_of([change.message for change in changes])
    needs.arranged |= set(arranged)
    async with engine.begin() as connection:
        locked = await lock_teams(connection, needs)
        past = await load_undoable(connection, needs.undoers) if needs.undoers else []
        undo.need_past(past, needs)
        loaded = await load(connection, needs, [team.id for team in locked])
        ledger = Ledger(locked, loaded, past, datetime.now(UTC))
        ledger.begin(changes[0].trace)
        for list_id in arranged:
            tasks.arrange(list_id, changes[0].message.by, ledger)
        outcomes = [_decide(change, ledger) for change in changes]
        writes = ledger.writes()
        if writes.events or writes.outcomes:
            await write(connection, writes)
    return Result(outcomes, [_waiting(row) for row in writes.events])


def _waiting(row: EventRow) -> Waiting:
    return Waiting(row.team, row.seq, row.type, bytes(row.payload).decode(), row.trace)


def _decide(change: Change, ledger: Ledger) -> Outcome | ArrangementNeeded:
    command = change.message
    ledger.begin(change.trace)
    try:
        if command.key is None:
            return msgspec.Raw(msgspec.json.encode(decide(command, ledger)))
        return _decide_once(command, command.key, ledger)
    except (BusError, ArrangementNeeded) as refusal:
        ledger.take_back()
        return refusal


def _decide_once(command: BoardChange[Any], key: str, ledger: Ledger) -> Outcome:
    """A refusal changed nothing, so it is not remembered: the same command may succeed later."""
    digest = hashlib.blake2b(msgspec.json.encode(command), digest_size=16).hexdigest()
    kept = ledger.recall(command.by, key, digest)
    if kept is None:
        kept = msgspec.Raw(msgspec.json.encode(decide(command, ledger)))
        ledger.remember(command.by, key, digest, bytes(kept))
    return kept
