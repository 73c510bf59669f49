"""Hearing: what the bus tells of teams now. Whatever it does not tell, catching up finds."""

import asyncio

from mode import Service

from actors.notifier.catching_up import CatchUp
from actors.notifier.events import Step, read_step
from actors.notifier.intake import Intake, Wanted
from infra.bus import Bus, RawMessage, Subscription
from infra.cancelled import told_to_stop
from infra.log import get_logger
from schemas.base import EVENTS_SUBJECTS
from schemas.ids import TeamId

log = get_logger(__name__)

GATHER_SECONDS = 0.2
"""So long an event of which nobody is told waits for more: most are such, and a hundred cost little more than one."""

_STORM = 200
"""After so many at once it waits for more, too: they are summed up for people anyway, and others need the processor."""

STORM_PAUSES = 10
"""It waits so many times at most for a storm to pass, in which so many events each time are for somebody."""

_KEPT = 10_000
"""So many events are kept while they cannot be worked off; of more only their places, and the store has the rest."""

_PAUSE = 1.0


class Storm:
    """Very many events, of which somebody is told. It is over when fewer come, or when it has lasted for too long."""

    def __init__(self, telling: int) -> None:
        """`telling` is how many such events there were until now."""
        self._telling = telling
        self._pauses = 0

    def is_over(self, telling: int) -> bool:
        """Whether it is after one more pause, when there were so many."""
        came, self._telling = telling - self._telling, telling
        self._pauses += 1
        return came < _STORM or self._pauses == STORM_PAUSES


class Hearing(Service):
    """Works off what it hears, each event in its place. Several processes share what there is to hear.

    There is no consumer of the stream behind this: the positions in Postgres say what was worked off, so it would
    only be told the same a second time. docs/decisions/0011-hearing.md has the numbers.
    """

    abstract = False

    def __init__(self, bus: Bus, intake: Intake, catch_up: CatchUp, *, gather: float = GATHER_SECONDS) -> None:
        super().__init__()
        self._gather = gather
        self._bus = bus
        self._intake = intake
        self._catch_up = catch_up
        self._wanted: dict[TeamId, Wanted] = {}
        self._kept = 0
        self._telling = 0
        """Events so far of which somebody is told."""
        self._wake = asyncio.Event()
        self._turns = asyncio.Lock()
        self._alarm: asyncio.TimerHandle | None = None
        self._subscription: Subscription | None = None

    async def on_start(self) -> None:
        self._subscription = await self._bus.listen(EVENTS_SUBJECTS, self._hear, queue=self._bus.role.value)

    async def on_stop(self) -> None:
        """What was heard is worked off first: others would learn of it late."""
        if self._subscription is not None:
            await self._bus.leave(self._subscription)
        if self._alarm is not None:
            self._alarm.cancel()
        if self._catch_up.has_stood.is_set():
            await self._work_off()

    async def _hear(self, raw: RawMessage) -> None:
        if (step := read_step(raw.data)) is None:
            return
        self._note(step)
        if step.event is not None:
            self._telling += 1
            self._wake.set()
        elif self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(self._gather, self._wake.set)

    def _note(self, step: Step) -> None:
        of_team = self._wanted.setdefault(step.team, Wanted())
        if self._kept < _KEPT:
            of_team.add(step)
            self._kept += 1
        else:
            of_team.reach(step.seq)

    @Service.task
    async def _run(self) -> None:
        await self._catch_up.has_stood.wait()
        while not self.should_stop:
            await self._wake.wait()
            self._wake.clear()
            if self._alarm is not None:
                self._alarm.cancel()
                self._alarm = None
            is_storm = self._kept >= _STORM
            if not await self._work_off():
                await self.sleep(_PAUSE)
                self._wake.set()
            elif is_storm:
                await self._let_pass()

    async def _let_pass(self) -> None:
        storm = Storm(self._telling)
        await self.sleep(self._gather)
        while not storm.is_over(self._telling):
            await self.sleep(self._gather)

    async def _work_off(self) -> bool:
        # Whoever stops waits for what is under way.
        async with self._turns:
            return await self._try_to_work_off()

    async def _try_to_work_off(self) -> bool:
        wanted, self._wanted, self._kept = self._wanted, {}, 0
        try:
            await self._intake.work_off(wanted)
        except (Exception, asyncio.CancelledError) as error:
            if told_to_stop():
                raise
            log.warning("events cannot be taken in yet; they are read again", error=repr(error))
            for team, of_team in wanted.items():
                self._wanted.setdefault(team, Wanted()).reach(of_team.upto)
            return False
        return True
