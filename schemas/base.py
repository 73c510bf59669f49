"""How a message is declared: once, as a frozen struct, from which all else about it derives.

A message's tag is its name (`task.create`). It travels in the JSON as `"type"`, and subject, permissions and the
contract's documentation are read off the class, so no one types a subject anywhere else.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, TypeVar, dataclass_transform, get_args

import msgspec

from schemas.ids import Seq, TeamId, UserId

R = TypeVar("R")

UtcTime = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment; text without a zone is refused, and the stores keep UTC."""


class Role(StrEnum):
    """Who speaks on the bus; each is one NATS user with its own permissions."""

    GATEWAY = "gateway"
    BOT = "bot"
    ACCOUNTS = "accounts"
    TASK_STORE = "task-store"
    PRESENCE = "presence"
    NOTIFIER = "notifier"
    OVERDUE = "overdue"
    """The ticker: says once a second what time it is."""
    CONSOLE = "console"
    """The person at the machine's own command line: creates users, fills the demo."""
    OPERATOR = "operator"
    LOADTEST = "loadtest"


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class RecordMeta(msgspec.StructMeta):
    """Makes every record frozen and keyword-only; msgspec does not inherit these two."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> "RecordMeta":
        options: dict[str, Any] = {"frozen": True, "kw_only": True, **config}
        return super().__new__(mcls, name, bases, namespace, **options)


class Record(msgspec.Struct, metaclass=RecordMeta):
    """A value that crosses a border: of a process, a table or a socket. Readers ignore unknown fields."""


class Message(Record):
    """A record with a name of its own on the bus."""

    @classmethod
    def tag(cls) -> str:
        """The name, `<noun>.<verb>` or `<noun>.<past>`."""
        return str(cls.__struct_config__.tag)

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring: what the contract says of this message."""
        return (cls.__doc__ or "").strip().split("\n")[0]


class Command(Message, Generic[R]):
    """Asks one actor to do or to tell something; the answer is an `R` or a BusError."""

    owner: ClassVar[Role]
    """The actor that answers."""
    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY, Role.BOT, Role.CONSOLE})
    confidential: ClassVar[bool] = False
    """Carries a secret, so not even the operator may watch it, nor is it shown in logs."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)" if self.confidential else super().__repr__()

    @classmethod
    def subject(cls) -> str:
        return f"cmd.{cls.tag()}"

    @classmethod
    def reply_type(cls) -> Any:
        """The `R` of this command."""
        for ancestor in cls.__mro__:
            for base in ancestor.__dict__.get("__orig_bases__", ()):
                if (args := get_args(base)) and not isinstance(args[0], TypeVar):
                    return args[0]
        raise TypeError(f"{cls.__name__} names no reply type")


class Event(Message):
    """Says that something has happened; nobody answers."""

    owner: ClassVar[Role]
    """The only actor that publishes it."""
    selector: ClassVar[str] = ""
    """What the id at the end of its subject is of; empty where there is none."""

    @classmethod
    def subjects(cls) -> str:
        """The pattern of all events of this type."""
        raise NotImplementedError


def event_subject(tag: str, team: TeamId) -> str:
    """Where one event of a team goes."""
    return f"evt.{tag}.{team}"


def event_id(team: TeamId, seq: Seq) -> str:
    """What the stream tells duplicates by."""
    return f"{team}.{seq}"


class TeamEvent(Event):
    """One step of a team's history, durable in the stream EVENTS, read by position."""

    owner: ClassVar[Role] = Role.TASK_STORE
    selector: ClassVar[str] = "team"

    team: TeamId
    seq: Seq
    at: UtcTime
    by: UserId | None
    """None where nobody did it: a deadline passed."""
    change: Seq = Seq(0)
    """The `seq` of the first event of the same command: what one command did belongs together."""
    undoes: Seq | None = None
    """The `change` that this one takes back."""

    @classmethod
    def subjects(cls) -> str:
        """The pattern of every team's events of this type."""
        return f"evt.{cls.tag()}.*"

    @property
    def subject(self) -> str:
        return event_subject(self.tag(), self.team)


class UserEvent(Event):
    """Something is new about one person; the stream EVENTS keeps those of the noun `account`."""

    selector: ClassVar[str] = "user"

    @classmethod
    def subjects(cls) -> str:
        return f"usr.{cls.tag()}.*"

    @classmethod
    def subject_of(cls, user: UserId) -> str:
        """Where the events of one person go."""
        return f"usr.{cls.tag()}.{user}"


class OutboundEvent(Event):
    """Work for an edge that speaks to the world outside; the work queue OUTBOUND keeps it until that is done."""

    selector: ClassVar[str] = "address"
    channel: ClassVar[str]

    @classmethod
    def subjects(cls) -> str:
        return f"out.{cls.channel}.*"

    @classmethod
    def subject_of(cls, address: int) -> str:
        """Where the work for one address goes."""
        return f"out.{cls.channel}.{address}"


class OperationsEvent(Event):
    """What operators watch live; nothing keeps it."""

    @classmethod
    def subjects(cls) -> str:
        return f"ops.{cls.tag()}"


EVENTS_STREAM = "EVENTS"
EVENTS_SUBJECTS = "evt.>"
ACCOUNT_SUBJECTS = "usr.account.*.*"
"""These too lie in the stream EVENTS."""
OUTBOUND_STREAM = "OUTBOUND"
OUTBOUND_SUBJECTS = "out.>"


def team_subjects(team: TeamId) -> str:
    """The pattern of all events of one team."""
    return f"evt.*.*.{team}"


def team_event_subjects(tag: str) -> str:
    """The pattern of all teams' events of one type."""
    return f"evt.{tag}.*"


def user_subjects(user: UserId) -> str:
    """The pattern of all that is told about one person."""
    return f"usr.*.*.{user}"


def leaves(root: type[Message]) -> Iterator[type[Message]]:
    """Every message that this package declares below `root`, in the order of declaration."""
    for child in root.__subclasses__():
        if child.__struct_config__.tag is not None and child.__module__.startswith(f"{__package__}."):
            yield child
        yield from leaves(child)
