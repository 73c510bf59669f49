"""The intake: each event of each team counts once, in order, whatever the bus loses, repeats or brings out of order."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.notifier.asking import contacts, standings
from actors.notifier.cancels import cancelled, left
from actors.notifier.concerns import concerned, for_groups
from actors.notifier.drafts import Knowledge, drafts
from actors.notifier.events import Step, read_step
from actors.sql import groups as groups_sql
from actors.sql import intake as sql
from actors.sql.intake import Cancel, Draft, Listener
from actors.sql.recipients import Recipient
from infra.bus import Bus
from infra.db import statements, transaction
from infra.log import get_logger
from schemas.base import TeamEvent
from schemas.clock import Lead, TaskDueSoon
from schemas.comments import CommentEdited
from schemas.errors import BusError, ErrorCode
from schemas.ids import Seq, TaskId, TeamId, UserId
from schemas.notices import Preferences
from schemas.replay import Position, ReadEvents
from schemas.teams import TeamRenamed

log = get_logger(__name__)

_AT_ONCE = 200
"""So many events of a team are written in one transaction."""

_NO_WISHES = Preferences(kinds={})


class Wanted(msgspec.Struct):
    """Of one team: what is known of its history, and how far that goes at least."""

    upto: Seq = Seq(0)
    known: dict[Seq, Step] = msgspec.field(default_factory=dict[Seq, Step])

    def reach(self, seq: Seq) -> None:
        """There is an event in this place."""
        self.upto = max(self.upto, seq)

    def add(self, step: Step) -> None:
        """Here is one."""
        self.reach(step.seq)
        self.known[step.seq] = step


class Intake:
    """Writes notices, takes back what became pointless, and moves on, all in one transaction."""

    def __init__(self, bus: Bus, engine: AsyncEngine, told: Callable[[Iterable[Recipient]], None]) -> None:
        """`told` hears for whom there is something new."""
        self._bus = bus
        self._engine = engine
        self._told = told

    async def work_off(self, wanted: Mapping[TeamId, Wanted]) -> None:
        """Everything up to what is wanted of each team; what cannot be done for one does not keep others waiting.

        Raises when something cannot be done now.
        """
        try:
            await self._work_off(dict(wanted))
        except BusError:
            raise
        except Exception:
            if len(wanted) == 1:
                raise
            log.exception("a batch failed; its teams go one by one", teams=len(wanted))
            failures = [one for team in wanted if (one := await self._failure(team, wanted[team])) is not None]
            if failures:
                raise failures[0] from None

    async def _failure(self, team: TeamId, wanted: Wanted) -> Exception | None:
        try:
            await self._work_off({team: wanted})
        except Exception as error:  # noqa: BLE001 - the first one is raised when all had their turn
            return error
        return None

    async def _work_off(self, wanted: dict[TeamId, Wanted]) -> None:
        """In bounded steps."""
        while wanted:
            async with statements(self._engine) as connection:
                standpoint = await sql.stand(connection, wanted)
            steps: list[Step] = []
            for position in standpoint.positions:
                chain = await self._chain(position, wanted[position.team])
                steps += chain
                if not chain or chain[-1].seq >= wanted[position.team].upto:
                    del wanted[position.team]
            if steps:
                await self._write(steps, standpoint.groups)

    async def _chain(self, position: Position, wanted: Wanted) -> list[Step]:
        """What comes next in a team, without a hole; what did not come is asked for."""
        chain: list[Step] = []
        seq = position.seq
        while seq < wanted.upto and len(chain) < _AT_ONCE:
            if (step := wanted.known.get(Seq(seq + 1))) is not None:
                chain.append(step)
                seq = step.seq
                continue
            missing = await self._read(position.team, seq, wanted)
            if not missing:
                break
            chain += missing
            seq = missing[-1].seq
        return chain

    async def _read(self, team: TeamId, after: Seq, wanted: Wanted) -> list[Step]:
        end = min((seq for seq in wanted.known if seq > after), default=wanted.upto + 1)
        limit = min(end - after - 1, _AT_ONCE)
        events = await self._ask(team, after, limit)
        if events is None:
            # It can be told to nobody.
            log.error("an event is larger than the bus carries", team=team, seq=after + 1)
            return [Step(team, Seq(after + 1), None)]
        steps = [step for event in events if (step := read_step(event)) is not None]
        if not steps:
            # What the stream brought of it cannot be trusted; a later comparison finds what there really is.
            log.error("the history of a team ends too early", team=team, after=after, upto=wanted.upto)
        return steps

    async def _ask(self, team: TeamId, after: Seq, limit: int) -> list[msgspec.Raw] | None:
        """The next events, `limit` at most; None when not even one of them can be carried."""
        while True:
            try:
                return (await self._bus.request(ReadEvents(team=team, after=after, limit=limit))).events
            except BusError as error:
                if error.code is ErrorCode.NOT_FOUND:
                    return []
                if error.code is not ErrorCode.TOO_LARGE:
                    raise
            if limit == 1:
                return None
            limit = max(1, limit // 8)

    async def _write(self, steps: Sequence[Step], groups: Sequence[Listener]) -> None:
        events = [step.event for step in steps if step.event is not None]
        known = await self._learn(events, groups)
        rows = list(drafts(events, known, datetime.now(UTC)))
        ends = {step.team: step.seq for step in steps}
        positions = [Position(team=team, seq=seq) for team, seq in sorted(ends.items())]
        written = await self._commit(positions, rows, events)
        if written.recipients:
            self._told(written.recipients)

    async def _commit(
        self, positions: Sequence[Position], rows: Sequence[Draft], events: Sequence[TeamEvent]
    ) -> sql.Written:
        renamed = [{"team": e.team, "team_name": e.name} for e in events if isinstance(e, TeamRenamed)]
        async with transaction(self._engine) as connection:
            written = await sql.write(connection, positions, rows, renamed)
            before = {position.team: position.seq for position in written.positions}
            pointless = [one for one in _cancels(events) if one.seq > before[one.team]]
            if pointless:
                await sql.cancel(connection, pointless)
            for one in left(events):
                if one.seq > before[one.team]:
                    await groups_sql.leave(connection, one.team, one.member.user, one.at)
        return written

    async def _learn(self, events: Sequence[TeamEvent], groups: Sequence[Listener]) -> Knowledge:
        pairs = {(event.team, user) for event in events for user in concerned(event)}
        known = Knowledge(groups=groups)
        people = {event.by for event in events if event.by is not None and (concerned(event) or groups)}
        if groups:
            people |= {one.user for event in events for one in for_groups(event)}
        # Asked for nothing, they ask nobody.
        known.standings, found, _ = await asyncio.gather(
            standings(self._bus, pairs), contacts(self._bus, people), self._look_up(events, known)
        )
        known.names = {user: one.name for user, one in found.items()}
        return known

    async def _look_up(self, events: Sequence[TeamEvent], known: Knowledge) -> None:
        coming = [event for event in events if isinstance(event, TaskDueSoon)]
        edited = {event.comment.id for event in events if isinstance(event, CommentEdited)}
        if not (coming or edited):
            return
        users = {user for event in coming for user in concerned(event)}
        tasks = {event.task.id for event in coming}
        async with statements(self._engine) as connection:
            if edited:
                known.mentioned = await sql.mentioned(connection, edited)
            if coming:
                known.leads = _leads(await sql.wishes(connection, users, tasks), tasks)


def _cancels(events: Iterable[TeamEvent]) -> list[Cancel]:
    return [cancel for event in events for cancel in cancelled(event)]


def _leads(wishes: Iterable[sql.Wish], tasks: Iterable[TaskId]) -> Mapping[tuple[UserId, TaskId], Lead | None]:
    leads: dict[tuple[UserId, TaskId], Lead | None] = {}
    for wish in wishes:
        usual = (wish.wishes or _NO_WISHES).remind
        for task in tasks:
            minutes = wish.reminders.get(task, usual)
            leads[wish.user, task] = None if minutes is None else Lead(minutes)
    return leads
