"""Deliveries to Telegram: the notifier says what is next for a chat, the bot sends it and reports.

`out.telegram.<chat>` only says that something waits. What it is, the bot claims: one delivery of a chat after
another, in order, each held for it alone for a while. So what was cancelled meanwhile is never sent, a lost message of
the stream costs nothing, and two bots do not overtake each other.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from schemas.accounts import Language, TimeZone
from schemas.base import Command, OutboundEvent, R, Record, Role, UtcTime
from schemas.boards import Limit
from schemas.ids import ChatId, DeliveryId, MessageId, TeamId, ThreadId, UserId
from schemas.notices import Kind, Notice, State
from schemas.text import Title

LEASE_SECONDS = 60
"""So long a claimed delivery is held for the bot that claimed it."""

TRIES = 10
"""After so many a delivery is given up."""


class Delivery(Record):
    """One message to one chat: several notices are sent as one summary."""

    id: DeliveryId
    chat: ChatId
    thread: ThreadId | None
    """The topic of a group, where it has topics."""
    user: UserId | None
    """None for a group."""
    language: Language | None
    time_zone: TimeZone
    notices: tuple[Notice, ...]
    """The first ten; read, done and taken back ones are not among them."""
    more: int = 0
    """How many others there are."""
    is_digest: bool = False
    attempt: int = 1


class Claim(Record):
    """What is next for a chat; without a delivery, `retry_in` says after how many seconds to ask again, if at all."""

    delivery: Delivery | None
    retry_in: float | None = None


class DeliveryCommand(Command[R]):
    """Asked by the bot, in nobody's name."""

    owner: ClassVar[Role] = Role.NOTIFIER
    senders: ClassVar[frozenset[Role]] = frozenset({Role.BOT})


class ClaimDelivery(DeliveryCommand[Claim], tag="delivery.claim"):
    """Take the oldest delivery of a chat that is not settled, for a minute."""

    chat: ChatId


class Outcome(StrEnum):
    """What Telegram said."""

    SENT = "sent"
    RETRY = "retry"
    """Too many requests, or no answer that could be had: try again."""
    UNREACHABLE = "unreachable"
    """The person, or the group, does not let the bot write."""
    TOPIC_GONE = "topic_gone"
    """The group is there, and its topic is not."""
    REFUSED = "refused"
    """It will never take this."""


class ReportDelivery(DeliveryCommand[None], tag="delivery.report"):
    """What became of a delivery that was claimed; a report that comes twice counts once."""

    delivery: DeliveryId
    attempt: int
    outcome: Outcome
    message: MessageId | None = None
    """What it is called in its chat."""
    retry_after: float | None = None
    """Seconds that Telegram wants to be left alone."""
    error: str | None = None


class FindDelivery(DeliveryCommand[Delivery | None], tag="delivery.find"):
    """What a message in a chat told of."""

    chat: ChatId
    message: MessageId


class DeliveryQueued(OutboundEvent, tag="delivery.queued"):
    """Something waits for a chat."""

    owner: ClassVar[Role] = Role.NOTIFIER
    channel: ClassVar[str] = "telegram"

    address: ChatId


class DeliveryRow(Record):
    """One delivery, as administrators see it."""

    id: DeliveryId
    chat: ChatId
    user: UserId | None
    state: State
    notices: int
    tries: int
    created_at: UtcTime
    next_at: UtcTime | None
    error: str | None


class DeliveryPage(Record):
    """The newest first; `before` asks for those that follow, unless it is None."""

    deliveries: list[DeliveryRow]
    before: DeliveryId | None


class AdminDeliveryCommand(Command[R]):
    """Asked in somebody's name; FORBIDDEN unless they administrate the site."""

    owner: ClassVar[Role] = Role.NOTIFIER
    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})

    by: UserId


class ListDeliveries(AdminDeliveryCommand[DeliveryPage], tag="delivery.list"):
    """Deliveries in a state, newest first: the dead letters are those that failed."""

    state: State = State.FAILED
    limit: Limit = 50
    before: DeliveryId | None = None


class RetryDelivery(AdminDeliveryCommand[DeliveryRow], tag="delivery.retry"):
    """Send once more what had been given up."""

    delivery: DeliveryId


Kinds = Annotated[tuple[Kind, ...], msgspec.Meta(max_length=len(Kind))]
GROUP_KINDS: tuple[Kind, ...] = (Kind.ASSIGNED, Kind.COMPLETED, Kind.OVERDUE)
"""What a group is told unless it is said otherwise."""


class Group(Record):
    """A group chat, or one topic of it, that hears what happens in a team."""

    chat: ChatId
    thread: ThreadId | None
    title: Title
    team: TeamId
    team_name: str
    kinds: Kinds
    bound_by: UserId
    bound_at: UtcTime


class GroupCommand(Command[R]):
    """Asked in somebody's name; binding and changing takes an admin of the team."""

    owner: ClassVar[Role] = Role.NOTIFIER
    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY, Role.BOT})

    by: UserId


class BindGroup(GroupCommand[Group], tag="group.bind"):
    """Let a group, or a topic of it, hear of a team; a chat and topic hear of one team at a time."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.BOT})

    chat: ChatId
    thread: ThreadId | None = None
    title: Title
    team: TeamId
    kinds: Kinds = GROUP_KINDS


class UnbindGroup(GroupCommand[None], tag="group.unbind"):
    """Let a group hear of its team no more."""

    chat: ChatId
    thread: ThreadId | None = None


class ChangeGroup(GroupCommand[Group], tag="group.change"):
    """Choose the kinds that a group hears of."""

    chat: ChatId
    thread: ThreadId | None = None
    kinds: Kinds | UnsetType = UNSET


class ListGroups(GroupCommand[list[Group]], tag="group.list"):
    """The groups that hear of a team, for its members."""

    team: TeamId


class GetGroup(DeliveryCommand[Group | None], tag="group.get"):
    """What a chat, or a topic of it, hears of."""

    chat: ChatId
    thread: ThreadId | None = None


class MoveGroup(DeliveryCommand[None], tag="group.move"):
    """Telegram has given a group another id."""

    chat: ChatId
    to: ChatId
