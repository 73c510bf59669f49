"""The task store: teams, members, lists and tasks, and the history of all that happened to them."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from mode.types import ServiceT
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.alarms import AT_ONCE, Rung, lock_ringing, ring
from actors.sql.board import outcomes
from actors.sql.invites import forget_expired
from actors.task_store.admin import check_admin, check_admins
from actors.task_store.batch import Change, Outcome, Result, carry_out
from actors.task_store.finding import Finder
from actors.task_store.following import Following
from actors.task_store.ledger import ArrangementNeeded
from actors.task_store.memory import Memory
from actors.task_store.queries import Personal, Query, is_as_admin, look
from actors.task_store.relay import Relay
from infra.actor import Actor, every, handle, handle_batch, handle_few
from infra.bus import Bus
from infra.db import is_away, single_statements, statements, transaction
from infra.log import get_logger
from infra.mailbox import Envelope
from infra.stream import StreamReader
from infra.telemetry import current_trace
from schemas.accounts import AccountUpdated
from schemas.base import Role
from schemas.boards import BoardChange, BoardCommand
from schemas.clock import SweepTasks, Swept, TaskDueSoon, TaskOverdue
from schemas.errors import BusError, ErrorCode
from schemas.ids import ListId, UserId
from schemas.search import ListTasks, in_utc

log = get_logger(__name__)

_KEY_LIFE = timedelta(days=1)
_SWEEP_SECONDS = 0.5
"""So long, each time that it is asked, the store says what time has to say; the ticker waits for two seconds."""


class TaskStore(Actor):
    """Owns boards: teams, members, lists, tasks and their history; the only one who changes them."""

    role: ClassVar[Role] = Role.TASK_STORE

    def __init__(self, bus: Bus, engine: AsyncEngine, changes: AsyncEngine | None = None) -> None:
        """`changes` is the way to the database for batches, whose statements are always the same."""
        super().__init__(bus)
        self._engine = engine
        self._changes = changes or engine
        self._relay = Relay(bus, engine)
        self._following = Following(engine, self._change)
        self._reader = StreamReader(bus, [AccountUpdated.subjects()], self._following.take_in)
        self._finder = Finder(self._changes)
        # Commands and sweeps of one store go in turns: each would find that the other was quicker, and begin again.
        self._turns = asyncio.Lock()
        self._memory = Memory()
        self._memory.watch(self._changes)

    def on_init_dependencies(self) -> Iterable[ServiceT]:
        return [self._relay, self._reader]

    @handle_batch(limit=200)
    async def change(self, changes: list[Envelope[BoardChange[Any]]]) -> Sequence[Outcome]:
        """All commands that wait, at once; one outcome each, in order."""
        if any(change.message.as_admin for change in changes):
            return await self._change_with_admins(changes)
        return await self._change(changes)

    async def _change_with_admins(self, changes: Sequence[Change]) -> list[Outcome]:
        """While accounts says who may act as an administrator, what others ask is carried out."""
        others = [change for change in changes if not change.message.as_admin]
        refusals, done = await asyncio.gather(check_admins(self.bus, changes), self._change(others))
        allowed = [
            change
            for change, refusal in zip(changes, refusals, strict=True)
            if change.message.as_admin and refusal is None
        ]
        done_of_others, done_of_admins = iter(done), iter(await self._change(allowed))
        return [
            refusal or next(done_of_admins if change.message.as_admin else done_of_others)
            for change, refusal in zip(changes, refusals, strict=True)
        ]

    async def _change(
        self, changes: Sequence[Change], arranged: Mapping[ListId, UserId] | None = None
    ) -> list[Outcome]:
        if not changes:
            return []
        try:
            try:
                result = await self._carry_out(changes, arranged)
            except IntegrityError:
                # The same key came to another store too, which was quicker: now its outcome is there to be found.
                result = await self._carry_out(changes, arranged)
        except Exception as error:  # noqa: BLE001 - every command is answered, whatever happened
            return await self._recover(changes, arranged, error)
        self._relay.offer(result.events)
        outcomes = {i: o for i, o in enumerate(result.outcomes) if not isinstance(o, ArrangementNeeded)}
        late = {i: o.list for i, o in enumerate(result.outcomes) if isinstance(o, ArrangementNeeded)}
        if late:
            lists = {list_id: changes[i].message.by for i, list_id in late.items()}
            again = await self._change([changes[i] for i in late], lists)
            outcomes |= zip(late, again, strict=True)
        return [outcomes[i] for i in range(len(changes))]

    async def _carry_out(self, changes: Sequence[Change], arranged: Mapping[ListId, UserId] | None) -> Result:
        async with self._turns:
            return await carry_out(self._changes, changes, arranged, self._memory)

    async def _recover(
        self, changes: Sequence[Change], arranged: Mapping[ListId, UserId] | None, error: Exception
    ) -> list[Outcome]:
        """A command that the database chokes on must not take its neighbours along: each gets its own transaction."""
        if is_away(error):
            log.warning("the database is away", error=type(error).__name__)
            self._relay.sweep()
            return [BusError(ErrorCode.UNAVAILABLE, "the database is away; it may have been done")] * len(changes)
        if len(changes) > 1:
            log.warning("a batch failed; its commands go one by one", commands=len(changes), error=repr(error))
            return [outcome for change in changes for outcome in await self._change([change], arranged)]
        log.error("a command failed", command=changes[0].message.tag(), exc_info=error)
        return [BusError(ErrorCode.INTERNAL, "something went wrong here; it has been logged")]

    @handle
    async def answer(self, query: Query) -> Any:
        """What somebody may see; NOT_FOUND is also the answer to those who may not."""
        if is_as_admin(query) and isinstance(query, BoardCommand):
            await check_admin(self.bus, query)
        try:
            async with single_statements(self._engine).connect() as connection:
                return await look(connection, query)
        except Exception as error:
            if is_away(error):
                raise BusError(ErrorCode.UNAVAILABLE, "the database is away") from error
            raise

    @handle_few(workers=64, capacity=1024)
    async def find(self, query: ListTasks) -> Any:
        """Some of many tasks."""
        if is_as_admin(query):
            await check_admin(self.bus, query)
        try:
            return await self._finder.find(query)
        except Exception as error:
            if is_away(error):
                raise BusError(ErrorCode.UNAVAILABLE, "the database is away") from error
            raise

    @handle
    async def keep(self, change: Personal) -> Any:
        """What somebody keeps for themselves."""
        is_as_admin(change)
        async with transaction(self._engine) as connection:
            return await look(connection, change)

    @handle_few(workers=1, capacity=16)
    async def sweep(self, sweep: SweepTasks) -> Swept:
        """What time has to say, in batches, between which come the commands of people."""
        at = in_utc(sweep.at, "at")
        announced: Counter[str] = Counter()
        more, end = True, time.monotonic() + _SWEEP_SECONDS
        while more and time.monotonic() < end:
            async with self._turns:
                rung = await self._ring(at)
            # They are published while the database works on the next batch.
            self._relay.offer(rung.events)
            announced.update(event.type for event in rung.events)
            more = rung.met == AT_ONCE
        return Swept(overdue=announced[TaskOverdue.tag()], due_soon=announced[TaskDueSoon.tag()], more=more)

    async def _ring(self, at: datetime) -> Rung:
        async with statements(self._changes) as connection:
            rung = await ring(connection, at, datetime.now(UTC), current_trace())
        if rung is None:
            # Another store was quicker with one of these teams.
            async with transaction(self._changes) as connection:
                if not (teams := await lock_ringing(connection, at)):
                    return Rung(0, [])
                rung = await ring(connection, at, datetime.now(UTC), current_trace(), teams)
        if rung is None:
            raise RuntimeError("a locked team has changed")
        return rung

    @every(600)
    async def forget_old(self) -> None:
        """Idempotency keys are kept for a day, invites until they expire."""
        now = datetime.now(UTC)
        async with self._engine.begin() as connection:
            await connection.execute(delete(outcomes).where(outcomes.c.at < now - _KEY_LIFE))
            await forget_expired(connection, now)
