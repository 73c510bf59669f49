"""What becomes of all that waits for one recipient: told now, in one message, or held until a storm is over."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from actors.notifier.choices import Choice, Person, choose, why_absent
from actors.notifier.stages import DIGEST, HELD, NEW, QUEUED, SETTLED, SNOOZED, TOASTED
from actors.sql.recipients import Recipient
from actors.sql.routing import Group, Moved, Open, Pace, Tried
from schemas.ids import NoticeId
from schemas.notices import Channel, State


class Lengths(msgspec.Struct, frozen=True, kw_only=True):
    """How long things take, in seconds."""

    toast: float = 5.0
    """A toast that no browser has acknowledged by then was not seen."""
    gather: float = 0.5
    """When several notices come together, so long the others are waited for."""
    window: float = 10.0
    """At most `messages` in so long; what comes then is held until it is over, and told as one."""
    messages: int = 5


USUAL = Lengths()


class Plan(msgspec.Struct):
    """What is to be done for one recipient."""

    recipient: Recipient
    pace: Pace
    moved: list[Moved] = msgspec.field(default_factory=list[Moved])
    toast: list[Open] = msgspec.field(default_factory=list[Open])
    """Shown now, as one."""
    send: list[NoticeId] = msgspec.field(default_factory=list[NoticeId])
    """Sent now, as one."""
    is_digest: bool = False
    new: list[Open] = msgspec.field(default_factory=list[Open])
    """All that the inbox has more, but what is shown now."""


class Planner:
    """Decides for one recipient after another, at one moment."""

    def __init__(self, now: datetime, lengths: Lengths = USUAL) -> None:
        self._now = now
        self._lengths = lengths

    def for_person(self, recipient: Recipient, rows: Sequence[Open], person: Person, pace: Pace) -> Plan:
        """Nothing is told to those who read it meanwhile: such rows are not among these."""
        plan = Plan(recipient, pace)
        choices = {row.id: self._choose(row, person) for row in rows if row.stage != TOASTED}
        is_sent = any(choice.is_now and choice.channel is Channel.TELEGRAM for choice in choices.values())
        for row in rows:
            if row.stage == TOASTED and (missed := self._why_missed(row, person, is_sent=is_sent)) is not None:
                choices[row.id] = choose(row.kind, person, self._now, missed=missed)
        self._decide(plan, [(row, choices[row.id]) for row in rows if row.id in choices])
        return plan

    def for_group(self, recipient: Recipient, rows: Sequence[Open], group: Group | None, pace: Pace) -> Plan:
        """A group is told everything at once, unless that is too much."""
        plan = Plan(recipient, pace)
        if group is None or not group.is_reachable:
            reason = "the group hears of no team now" if group is None else "the bot may not write to this group"
            choice = Choice(reason=reason)
        else:
            choice = Choice(is_now=True, reason="the group hears of this team")
        self._decide(plan, [(row, choice) for row in rows])
        return plan

    def _choose(self, row: Open, person: Person) -> Choice:
        return choose(row.kind, person, self._now, is_for_digest=row.stage == DIGEST)

    def _why_missed(self, row: Open, person: Person, *, is_sent: bool) -> str | None:
        """None for a toast that may still be acknowledged; `is_sent`: something newer would overtake it."""
        if row.next_at is None or row.next_at <= self._now:
            return "the browser did not say that it was shown"
        if person.presence is None and not is_sent:
            return None
        return why_absent(person.presence, self._now)

    def _decide(self, plan: Plan, chosen: Sequence[tuple[Open, Choice]]) -> None:
        plan.new = [row for row, _ in chosen if row.stage in (NEW, SNOOZED)]
        until = self._held_until(plan, chosen)
        for row, choice in chosen:
            if not choice.is_now:
                self._put_off(plan, row, choice)
            elif until is not None:
                plan.moved.append(_moved(row, HELD, row.attempts, next_at=until))
            elif choice.channel is Channel.TOAST:
                plan.toast.append(row)
            else:
                plan.send.append(row.id)
        if until is None:
            self._tell(plan, [(row, choice) for row, choice in chosen if choice.is_now])

    def _held_until(self, plan: Plan, chosen: Iterable[tuple[Open, Choice]]) -> datetime | None:
        """The end of a storm; what was held for that, or goes elsewhere, takes along whatever is new."""
        ready = [row for row, choice in chosen if choice.is_now]
        if not ready or any(row.stage in (HELD, DIGEST, TOASTED) for row in ready):
            return None
        pace = plan.pace
        if pace.held_until is not None and pace.held_until > self._now:
            return pace.held_until
        until: datetime | None = None
        if self._told(pace) >= self._lengths.messages and pace.since is not None:
            until = pace.since + timedelta(seconds=self._lengths.window)
        elif len(ready) > 1:
            until = self._now + timedelta(seconds=self._lengths.gather)
        if until is not None:
            plan.pace = msgspec.structs.replace(pace, held_until=until)
        return until

    def _told(self, pace: Pace) -> int:
        """How many messages of late."""
        is_late = pace.since is None or pace.since + timedelta(seconds=self._lengths.window) <= self._now
        return 0 if is_late else pace.told

    def _tell(self, plan: Plan, told: Sequence[tuple[Open, Choice]]) -> None:
        if not told:
            return
        before = self._told(plan.pace)
        since = plan.pace.since if before else self._now
        messages = bool(plan.toast) + bool(plan.send)
        plan.pace = msgspec.structs.replace(plan.pace, since=since, told=before + messages, held_until=None)
        plan.is_digest = all(row.stage == DIGEST for row, choice in told if choice.channel is Channel.TELEGRAM)
        for row, choice in told:
            if choice.channel is Channel.TOAST:
                self._toast(plan, row, choice)
            else:
                self._send(plan, row, choice)

    def _toast(self, plan: Plan, row: Open, choice: Choice) -> None:
        until = self._now + timedelta(seconds=self._lengths.toast)
        attempts = (*_tried(row), self._attempt(choice, State.SENDING, tries=1))
        plan.moved.append(_moved(row, TOASTED, attempts, next_at=until, toast=plan.toast[0].id))

    def _send(self, plan: Plan, row: Open, choice: Choice) -> None:
        attempts = (*_tried(row), self._attempt(choice, State.WAITING))
        place = plan.recipient
        plan.moved.append(_moved(row, QUEUED, attempts, recipient=place.address, thread=place.thread))

    def _put_off(self, plan: Plan, row: Open, choice: Choice) -> None:
        state = State.CANCELLED if choice.stage == SETTLED else State.WAITING
        attempts = (*_tried(row), self._attempt(choice, state))
        plan.moved.append(_moved(row, choice.stage, attempts, next_at=choice.at))

    def _attempt(self, choice: Choice, state: State, tries: int = 0) -> Tried:
        return Tried(channel=choice.channel, state=state, reason=choice.reason, at=self._now, tries=tries)


def _tried(row: Open) -> tuple[Tried, ...]:
    """What was tried before: a toast that nobody saw has failed, and what has waited waits no more."""
    if not row.attempts:
        return ()
    *earlier, last = row.attempts
    if row.stage == TOASTED:
        return (*earlier, replace(last, state=State.FAILED, error="no acknowledgement"))
    return tuple(earlier) if last.state is State.WAITING and last.delivery is None else row.attempts


def _moved(row: Open, stage: str, attempts: tuple[Tried, ...], **rest: object) -> Moved:
    return Moved(id=row.id, stage=stage, attempts=attempts, wakes=row.stage == SNOOZED, **rest)  # pyright: ignore[reportArgumentType] - the fields that depend on the stage
