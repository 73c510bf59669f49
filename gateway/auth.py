"""Who asks: what a route may have among its parameters to say who may use it."""

from schemas.accounts import Language, TimeZone
from schemas.base import Record, UtcTime
from schemas.ids import UserId


class Caller(Record):
    """Who asks, whether with a session or with an API token."""

    id: UserId
    username: str
    name: str
    is_admin: bool
    may_change: bool = True
    """False with an API token that only reads."""
    language: Language | None = None
    time_zone: TimeZone = "UTC"


class OwnSession(Record):
    """The session in which somebody asks; an API token will not do."""

    caller: Caller
    key: str
    """A digest of the session's secret."""
    created_at: UtcTime


class Service(Record):
    """A program of the house: it showed the SERVICE_TOKEN."""


class Linked(Caller):
    """Whom a service speaks for: the person linked to the Telegram account that it names."""
