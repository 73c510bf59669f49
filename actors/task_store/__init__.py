"""The task store: teams, members, lists and tasks, and the history of all that happened to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from mode.types import ServiceT
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.board import outcomes
from actors.sql.finding import find_tasks
from actors.sql.reads import read
from actors.task_store.batch import Change, Outcome, carry_out
from actors.task_store.ledger import ArrangementNeeded
from actors.task_store.relay import Relay
from infra.actor import Actor, every, handle, handle_batch
from infra.bus import Bus
from infra.db import is_away, single_statements, transaction
from infra.log import get_logger
from infra.mailbox import Envelope
from schemas.base import Role
from schemas.boards import (
    BoardChange,
    CatchUp,
    GetList,
    GetPositions,
    GetTeam,
    ListLists,
    ListMembers,
    ListTeams,
    ReplayEvents,
)
from schemas.comments import ListComments
from schemas.errors import BusError, ErrorCode, not_found
from schemas.history import GetBoard, GetPastBoard, GetVisit, ListActivity, MarkSeen
from schemas.ids import ListId, UserId
from schemas.search import DeleteFilter, GetTask, ListFilters, ListTasks, SaveFilter

log = get_logger(__name__)

Query = (
    ListTeams
    | GetTeam
    | ListMembers
    | ListLists
    | GetList
    | GetTask
    | ListTasks
    | GetBoard
    | ReplayEvents
    | CatchUp
    | GetPositions
    | GetPastBoard
    | ListActivity
    | ListComments
    | ListFilters
    | GetVisit
)

Personal = SaveFilter | DeleteFilter | MarkSeen
"""What concerns the asker alone: no event, no history."""

_KEY_LIFE = timedelta(days=1)


class TaskStore(Actor):
    """Owns boards: teams, members, lists, tasks and their history; the only one who changes them."""

    role: ClassVar[Role] = Role.TASK_STORE

    def __init__(self, bus: Bus, engine: AsyncEngine, changes: AsyncEngine | None = None) -> None:
        """`changes` is the way to the database for batches, whose statements are always the same."""
        super().__init__(bus)
        self._engine = engine
        self._changes = changes or engine
        self._relay = Relay(bus, engine)

    def on_init_dependencies(self) -> Iterable[ServiceT]:
        return [self._relay]

    @handle_batch(limit=200)
    async def change(self, changes: list[Envelope[BoardChange[Any]]]) -> Sequence[Outcome]:
        """All commands that wait, at once; one outcome each, in order."""
        return await self._change(changes, {})

    async def _change(self, changes: Sequence[Change], arranged: Mapping[ListId, UserId]) -> list[Outcome]:
        try:
            try:
                result = await carry_out(self._changes, changes, arranged)
            except IntegrityError:
                # The same key came to another store too, which was quicker: now its outcome is there to be found.
                result = await carry_out(self._changes, changes, arranged)
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

    async def _recover(
        self, changes: Sequence[Change], arranged: Mapping[ListId, UserId], error: Exception
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
        try:
            async with single_statements(self._engine).connect() as connection:
                reply = (
                    await find_tasks(connection, query)
                    if isinstance(query, ListTasks)
                    else await read(connection, query)
                )
        except Exception as error:
            if is_away(error):
                raise BusError(ErrorCode.UNAVAILABLE, "the database is away") from error
            raise
        if reply is None:
            raise not_found(query.tag().split(".")[0] if not isinstance(query, ListMembers) else "team")
        return reply

    @handle
    async def keep(self, change: Personal) -> Any:
        """What somebody keeps for themselves."""
        async with transaction(self._engine) as connection:
            reply = await read(connection, change)
        if reply is None:
            raise not_found(change.tag().split(".")[0] if not isinstance(change, MarkSeen) else "team")
        return reply

    @every(600)
    async def forget_old_keys(self) -> None:
        """Idempotency keys are kept for a day."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(outcomes).where(outcomes.c.at < datetime.now(UTC) - _KEY_LIFE))
