"""The router: right after a commit, and whenever something has waited long enough, it sends notices on their way."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from mode import Service
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.notifier.asking import chunks, contacts, presences
from actors.notifier.choices import Person
from actors.notifier.nudger import Nudger
from actors.notifier.plans import USUAL, Lengths, Plan, Planner
from actors.sql import routing as sql
from actors.sql.recipients import Recipient
from actors.sql.routing import Group, Open, Pace, Sending, Waiting
from infra.actor import every
from infra.bus import Bus
from infra.cancelled import told_to_stop
from infra.db import statements, transaction
from infra.language.zones import know_zones
from infra.log import get_logger
from schemas.deliveries import TRIES
from schemas.errors import BusError
from schemas.ids import ChatId, NoticeId, UserId
from schemas.notices import SHOWN_AT_ONCE, Preferences, State, Toasted
from schemas.presence import Presence
from schemas.telegram import Contact

log = get_logger(__name__)

_SWEEP_SECONDS = 0.25
_DUE_AT_ONCE = 1000
_PAUSE = 1.0
_PUT_OFF_SECONDS = 60.0


class Router(Service):
    """Tells people what is new, each of them in order; whatever it is kept from doing, the database still holds."""

    abstract = False

    def __init__(self, bus: Bus, engine: AsyncEngine, nudger: Nudger, lengths: Lengths = USUAL) -> None:
        super().__init__()
        self._bus = bus
        self._engine = engine
        self._nudger = nudger
        self._lengths = lengths
        self._offered: dict[Recipient, None] = {}
        self._gone: set[UserId] = set()
        self._wake = asyncio.Event()

    def offer(self, recipients: Iterable[Recipient]) -> None:
        """There is something new for them."""
        self._offered.update(dict.fromkeys(recipients))
        self._wake.set()

    def left(self, user: UserId) -> None:
        """Somebody is no longer there to see a toast."""
        self._gone.add(user)

    @Service.task
    async def _run(self) -> None:
        while not self.should_stop:
            await self._wake.wait()
            self._wake.clear()
            try:
                while self._offered:
                    some = tuple(self._offered)[: sql.AT_ONCE]
                    for one in some:
                        del self._offered[one]
                    await self._route_all(some)
            except (Exception, asyncio.CancelledError):
                if told_to_stop():
                    raise
                log.exception("notices could not be told; the sweep finds them again")
                await self.sleep(_PAUSE)

    async def sweep(self) -> None:
        """Take up what has waited long enough, and what nobody took up."""
        gone = set(self._gone)
        try:
            async with statements(self._engine) as connection:
                due = await sql.due(connection, datetime.now(UTC), gone, limit=_DUE_AT_ONCE)
        except BusError:
            return  # it has been logged, and the next time comes
        self._gone -= gone
        for some in chunks(due, sql.AT_ONCE):
            await self._route_all(some, waits=False)

    _sweeps = every(_SWEEP_SECONDS)(sweep)

    async def _route_all(self, recipients: Sequence[Recipient], *, waits: bool = True) -> None:
        """What the database chokes on for one of them must not keep others waiting."""
        try:
            await self.route(recipients, waits=waits)
        except BusError as error:
            log.warning("notices cannot be told yet; the sweep finds them again", error=error.detail)
        except Exception:
            log.exception("notices could not be told", recipients=len(recipients))
            if len(recipients) > 1:
                for one in recipients:
                    await self._route_all([one], waits=waits)
            else:
                await self._put_off(recipients[0])

    async def _put_off(self, recipient: Recipient) -> None:
        """The sweep takes up a bounded number: these shall not be among the first each time."""
        until = datetime.now(UTC) + timedelta(seconds=_PUT_OFF_SECONDS)
        async with transaction(self._engine) as connection:
            await sql.put_off(connection, recipient, until)

    async def route(self, recipients: Sequence[Recipient], *, waits: bool = True) -> None:
        """Tell them what there is to tell; without `waits`, those whom nobody else tells something right now."""
        users = [user for one in recipients if (user := one.user) is not None]
        binders = await self._binders([one for one in recipients if one.user is None])
        people = {*users, *binders.values()}
        here, known = await asyncio.gather(presences(self._bus, users), contacts(self._bus, people))
        await know_zones({contact.time_zone for contact in known.values()})
        watching = [user for user in users if user not in here or here[user].is_online]
        now = datetime.now(UTC)
        async with transaction(self._engine) as connection:
            paces = await sql.lock(connection, recipients, waits=waits)
            locked = [Recipient(pace.recipient, pace.thread) for pace in paces]
            waiting = await sql.load(connection, locked, watching, now)
            if not waiting.open:
                return
            plans = _plans(waiting, paces, here, known, Planner(now, self._lengths))
            sending = [self._sending(plan, known, waiting, now) for plan in plans if plan.send]
            moved = [one for plan in plans for one in plan.moved]
            if moved:
                await sql.write(connection, moved, sending, [plan.pace for plan in plans])
        await self._nudger.nudge({one.chat for one in sending})
        await self._show(plans, waiting.unread)

    async def _binders(self, groups: Sequence[Recipient]) -> Mapping[Recipient, UserId]:
        """Groups are spoken to as those who have bound them are."""
        if not groups:
            return {}
        async with statements(self._engine) as connection:
            return await sql.binders(connection, groups)

    def _sending(self, plan: Plan, known: Mapping[UserId, Contact], waiting: Waiting, now: datetime) -> Sending:
        contact, chat = _address(plan.recipient, known, waiting.groups)
        return Sending(
            chat=chat,
            recipient=plan.recipient.address,
            thread=plan.recipient.thread,
            language=contact.language if contact else None,
            time_zone=contact.time_zone if contact else "UTC",
            notices=tuple(NoticeId(notice) for notice in plan.send),
            is_digest=plan.is_digest,
            state=State.WAITING,
            tries_left=TRIES,
            created_at=now,
            next_at=now,
            nudge_at=now + timedelta(seconds=self._nudger.again),
        )

    async def _show(self, plans: Iterable[Plan], unread: Mapping[UserId, int]) -> None:
        """What is lost here counts as a toast that nobody acknowledged."""
        for plan in plans:
            user = plan.recipient.user
            if user is None or not self._bus.connected:
                continue
            count = unread.get(user, 0)
            if plan.toast:
                await self._raise(user, plan.toast, count, toast=True)
            shown = {row.id for row in plan.toast}
            if quiet := [row for row in plan.new if row.id not in shown]:
                await self._raise(user, quiet, count, toast=False)

    async def _raise(self, user: UserId, rows: Sequence[Open], unread: int, *, toast: bool) -> None:
        notices = tuple(row.whole for row in rows[:SHOWN_AT_ONCE] if row.whole is not None)
        event = Toasted(user=user, notices=notices, more=len(rows) - len(notices), toast=toast, unread=unread)
        await self._bus.publish(event, Toasted.subject_of(user))


def _plans(
    waiting: Waiting,
    paces: Iterable[Pace],
    here: Mapping[UserId, Presence],
    known: Mapping[UserId, Contact],
    planner: Planner,
) -> list[Plan]:
    wishes = {wish.user: wish.wishes for wish in waiting.wishes}
    groups = {Recipient(group.chat, group.thread): group for group in waiting.groups}
    pace_of = {Recipient(pace.recipient, pace.thread): pace for pace in paces}
    plans: list[Plan] = []
    for recipient, rows in sql.by_recipient(waiting.open).items():
        if (user := recipient.user) is None:
            plan = planner.for_group(recipient, rows, groups.get(recipient), pace_of[recipient])
        else:
            wish = wishes.get(user) or Preferences(kinds={})
            person = Person(contact=known.get(user), presence=here.get(user), wishes=wish)
            plan = planner.for_person(recipient, rows, person, pace_of[recipient])
        plans.append(plan)
    return plans


def _address(
    recipient: Recipient, known: Mapping[UserId, Contact], groups: Iterable[Group]
) -> tuple[Contact | None, ChatId]:
    if (user := recipient.user) is not None:
        contact = known[user]
        return contact, ChatId(contact.telegram or 0)
    binder = next(group.bound_by for group in groups if (group.chat, group.thread) == recipient)
    return known.get(binder), ChatId(recipient.address)
