"""The notifier: what people should know of, told to each once, where they are."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec
from mode.types import ServiceT
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.notifier.catching_up import COMPARE_SECONDS, CatchUp
from actors.notifier.claims import Claims
from actors.notifier.dead_letters import DeadLetters
from actors.notifier.groups import Groups
from actors.notifier.hearing import GATHER_SECONDS, Hearing
from actors.notifier.inbox import Inbox
from actors.notifier.intake import Intake
from actors.notifier.nudger import NUDGE_SECONDS, Nudger
from actors.notifier.plans import USUAL, Lengths
from actors.notifier.router import Router
from actors.notifier.wishes import Wishes
from infra.actor import Actor, every, handle, handle_batch
from infra.bus import Bus, RawMessage, Subscription
from infra.log import get_logger
from infra.mailbox import Envelope
from schemas.base import Role
from schemas.deliveries import (
    LEASE_SECONDS,
    BindGroup,
    ChangeGroup,
    Claim,
    ClaimDelivery,
    Delivery,
    DeliveryPage,
    DeliveryRow,
    FindDelivery,
    GetGroup,
    Group,
    ListDeliveries,
    ListGroups,
    MoveGroup,
    ReportDelivery,
    RetryDelivery,
    UnbindGroup,
)
from schemas.errors import BusError
from schemas.notices import (
    AcknowledgeToasts,
    ChangePreferences,
    ChangeReminder,
    GetPreferences,
    GetReminder,
    ListNotices,
    Notice,
    NoticePage,
    Preferences,
    ReadNotices,
    Reminder,
    SnoozeNotice,
    Unread,
)
from schemas.presence import Moved, WentOffline

log = get_logger(__name__)

__all__ = ["USUAL", "Lengths", "Notifier"]


class Notifier(Actor):
    """Owns notices: who is told of what, where, and whether that has arrived; how people and groups want to be told.

    It keeps nothing in memory that the database does not hold, so any number of it may run, stop and start.
    """

    role: ClassVar[Role] = Role.NOTIFIER

    def __init__(
        self,
        bus: Bus,
        engine: AsyncEngine,
        *,
        lengths: Lengths = USUAL,
        lease: float = LEASE_SECONDS,
        nudge: float = NUDGE_SECONDS,
        compare: float = COMPARE_SECONDS,
        gather: float = GATHER_SECONDS,
    ) -> None:
        """All lengths are seconds."""
        super().__init__(bus)
        self._nudger = Nudger(bus, engine, again=nudge)
        self._router = Router(bus, engine, self._nudger, lengths)
        intake = Intake(bus, engine, self._router.offer)
        self._catch_up = CatchUp(bus, engine, intake, pause=compare)
        self._ear = Hearing(bus, intake, self._catch_up, gather=gather)
        self._claims = Claims(bus, engine, lease=lease)
        self._inbox = Inbox(bus, engine)
        self._wishes = Wishes(engine)
        self._groups = Groups(bus, engine)
        self._dead_letters = DeadLetters(bus, engine, self._nudger)
        self._hearing: list[Subscription] = []

    def on_init_dependencies(self) -> Iterable[ServiceT]:
        # It listens before it asks where teams stand, so nothing falls between the two.
        return [self._nudger, self._router, self._ear, self._catch_up]

    async def on_start(self) -> None:
        self._hearing = [
            await self.bus.listen(WentOffline.subjects(), self._hear_offline),
            await self.bus.listen(Moved.subjects(), self._hear_moved),
        ]
        await super().on_start()

    async def on_stop(self) -> None:
        for subscription in self._hearing:
            await self.bus.leave(subscription)
        await super().on_stop()

    async def _hear_offline(self, raw: RawMessage) -> None:
        self._router.left(msgspec.json.decode(raw.data, type=WentOffline).user)

    async def _hear_moved(self, raw: RawMessage) -> None:
        moved = msgspec.json.decode(raw.data, type=Moved)
        if not moved.is_active:
            self._router.left(moved.user)

    @handle
    async def notices(self, query: ListNotices) -> NoticePage:
        return await self._inbox.page(query)

    @handle
    async def read(self, command: ReadNotices) -> Unread:
        return await self._inbox.read(command)

    @handle_batch(limit=200)
    async def acknowledge(self, commands: list[Envelope[AcknowledgeToasts]]) -> Sequence[BusError | None]:
        return await self._inbox.acknowledge(commands)

    @handle
    async def snooze(self, command: SnoozeNotice) -> Notice:
        return await self._inbox.snooze(command)

    @handle
    async def preferences(self, query: GetPreferences) -> Preferences:
        return await self._wishes.get(query)

    @handle
    async def prefer(self, command: ChangePreferences) -> Preferences:
        return await self._wishes.change(command)

    @handle
    async def reminder(self, query: GetReminder) -> Reminder:
        return await self._wishes.reminder(query)

    @handle
    async def remind(self, command: ChangeReminder) -> Reminder:
        return await self._wishes.remind(command)

    @handle
    async def claim(self, command: ClaimDelivery) -> Claim:
        return await self._claims.claim(command)

    @handle
    async def report(self, command: ReportDelivery) -> None:
        await self._claims.report(command)

    @handle
    async def find(self, query: FindDelivery) -> Delivery | None:
        return await self._claims.find(query)

    @handle
    async def deliveries(self, query: ListDeliveries) -> DeliveryPage:
        return await self._dead_letters.page(query)

    @handle
    async def retry(self, command: RetryDelivery) -> DeliveryRow:
        return await self._dead_letters.retry(command)

    @handle
    async def bind(self, command: BindGroup) -> Group:
        return await self._groups.bind(command)

    @handle
    async def unbind(self, command: UnbindGroup) -> None:
        await self._groups.unbind(command)

    @handle
    async def change_group(self, command: ChangeGroup) -> Group:
        return await self._groups.change(command)

    @handle
    async def groups(self, query: ListGroups) -> list[Group]:
        return await self._groups.of_team(query)

    @handle
    async def group(self, query: GetGroup) -> Group | None:
        return await self._groups.get(query)

    @handle
    async def move_group(self, command: MoveGroup) -> None:
        await self._groups.move(command)

    @every(1800)
    async def forget_old(self) -> None:
        """Notices are kept for 90 days, and of those that were read the newest thousand."""
        await self._inbox.forget()
