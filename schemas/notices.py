"""Notices: what somebody should know of, and where they are told."""

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from schemas.base import Command, R, Record, Role, UserEvent, UtcTime
from schemas.boards import Limit
from schemas.clock import Lead
from schemas.ids import CommentId, NoticeId, Seq, TaskId, TeamId, UserId

AT_ONCE = 500
SHOWN_AT_ONCE = 10
"""So many notices a summary names; of the rest it says how many."""


class Kind(StrEnum):
    """Why somebody is told."""

    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    MENTIONED = "mentioned"
    COMMENTED = "commented"
    COMPLETED = "completed"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    ADDED = "added"


class Channel(StrEnum):
    """Where somebody is told, beside the inbox that keeps everything."""

    TOAST = "toast"
    TELEGRAM = "telegram"


class State(StrEnum):
    """How far a delivery is."""

    WAITING = "waiting"
    """For its turn, for the end of quiet hours, for the digest, or for another try."""
    SENDING = "sending"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    """Read, done or otherwise settled before it went out."""
    FAILED = "failed"
    """Given up after the last try, or refused for good."""


class Attempt(Record):
    """What became of a notice in one channel."""

    channel: Channel
    state: State
    reason: str
    """Why there and why so: `last heartbeat 47 s ago`."""
    at: UtcTime
    tries: int = 0
    error: str | None = None


class Notice(Record):
    """One event, told to one person; there is one notice for each event and person."""

    id: NoticeId
    user: UserId
    """Who is told; in a group, whom it concerns."""
    kind: Kind
    team: TeamId
    team_name: str
    seq: Seq
    """Of the event that it tells of."""
    at: UtcTime
    by: UserId | None = None
    """Who did it; None where time did."""
    by_name: str | None = None
    user_name: str | None = None
    """Of the person told, for others to read: in a group."""
    task: TaskId | None = None
    title: str | None = None
    """Of the task, as it was then."""
    comment: CommentId | None = None
    text: str | None = None
    """The beginning of the comment, as it was written."""
    due_at: UtcTime | None = None
    lead: Lead | None = None
    read_at: UtcTime | None = None
    snoozed_until: UtcTime | None = None
    attempts: tuple[Attempt, ...] = ()
    """Where it was told, or why it was not, the oldest first; in the inbox it lies in any case."""


class NoticePage(Record):
    """The newest first; `before` asks for those that follow, unless it is None."""

    unread: int
    notices: list[Notice]
    before: NoticeId | None


class Unread(Record):
    unread: int


class NoticeCommand(Command[R]):
    """Asked in somebody's name about what is theirs."""

    owner: ClassVar[Role] = Role.NOTIFIER
    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY, Role.BOT})

    by: UserId


class ListNotices(NoticeCommand[NoticePage], tag="notice.list"):
    """The asker's inbox, newest first."""

    unread: bool = False
    """Only those that are not read yet."""
    limit: Limit = 50
    before: NoticeId | None = None


class ReadNotices(NoticeCommand[Unread], tag="notice.read"):
    """These notices are read, or all about a task, or all; what was still to be sent of them is cancelled."""

    notices: Annotated[tuple[NoticeId, ...], msgspec.Meta(max_length=AT_ONCE)] = ()
    task: TaskId | None = None
    all: bool = False


class AcknowledgeToasts(NoticeCommand[None], tag="notice.acknowledge"):
    """The browser has shown these toasts, so they need not go elsewhere."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})

    notices: Annotated[tuple[NoticeId, ...], msgspec.Meta(min_length=1, max_length=AT_ONCE)]


class SnoozeNotice(NoticeCommand[Notice], tag="notice.snooze"):
    """Tell the asker once more at a later moment; INVALID when that lies in the past or over a year ahead."""

    notice: NoticeId
    until: UtcTime


class Toasted(UserEvent, tag="notice.raised"):
    """There is something to show at once, in any tab of the person; several notices are shown as one."""

    owner: ClassVar[Role] = Role.NOTIFIER

    user: UserId
    notices: tuple[Notice, ...]
    """The first ten."""
    more: int = 0
    """How many others there are."""
    toast: bool = True
    """False: the inbox has more, and nothing is to be shown over the page."""
    unread: int = 0


class Settled(UserEvent, tag="notice.settled"):
    """Notices were read elsewhere: so many are left."""

    owner: ClassVar[Role] = Role.NOTIFIER

    user: UserId
    unread: int


class TelegramMode(StrEnum):
    """When Telegram tells of a kind, to those who are not active in the web."""

    NOW = "now"
    DIGEST = "digest"
    OFF = "off"


class KindPreference(Record):
    """Where somebody is told of one kind; the inbox has it in any case."""

    web: bool = True
    telegram: TelegramMode = TelegramMode.NOW


ClockTime = Annotated[
    str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)", description="HH:MM in the person's time zone.")
]


class QuietHours(Record):
    """From and until when nothing is sent to Telegram; over midnight where `until` is the earlier one."""

    start: ClockTime
    until: ClockTime


class Preferences(Record):
    """How somebody wants to be told; all kinds are named."""

    kinds: dict[Kind, KindPreference]
    quiet_hours: QuietHours | None = None
    digest_at: ClockTime = "09:00"
    """When what is kept for the digest is sent, once a day."""
    remind: Lead | None = Lead.ONE_HOUR
    """How long before a deadline; None is never."""
    muted_until: UtcTime | None = None
    """Until then nothing is sent to Telegram; it lies in the inbox."""


class GetPreferences(NoticeCommand[Preferences], tag="preference.get"):
    """How the asker wants to be told."""


class ChangePreferences(NoticeCommand[Preferences], tag="preference.change"):
    """Change any of it; kinds that are not named stay as they are."""

    kinds: dict[Kind, KindPreference] | UnsetType = UNSET
    quiet_hours: QuietHours | UnsetType | None = UNSET
    digest_at: ClockTime | UnsetType = UNSET
    remind: Lead | UnsetType | None = UNSET
    muted_until: UtcTime | UnsetType | None = UNSET


class Reminder(Record):
    """When the asker is reminded of a task; `own` says that it is for this task alone."""

    task: TaskId
    remind: Lead | None
    own: bool


class GetReminder(NoticeCommand[Reminder], tag="reminder.get"):
    """When the asker is reminded of a task."""

    task: TaskId


class ChangeReminder(NoticeCommand[Reminder], tag="reminder.change"):
    """Be reminded of this task at another time than of others, or never; without `remind`, as of others again."""

    task: TaskId
    remind: Lead | UnsetType | None = UNSET
