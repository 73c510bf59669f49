"""Who is here: heartbeats come from the gateways, in bundles."""

from typing import Annotated, ClassVar

import msgspec

from schemas.base import Command, R, Record, Role, UserEvent, UtcTime
from schemas.ids import TeamId, UserId

ONLINE_SECONDS = 30
"""A connection counts for so long after its last heartbeat."""

IDLE_SECONDS = 300
"""Whoever has touched nothing for so long is not active, however visible the page."""

AT_ONCE = 1000

ConnectionId = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)", description="One socket, whichever gateway it hangs on.")
]


class Beat(Record):
    """One socket of one person is open.

    Those of `/ws/user/` say by their heartbeats that somebody is there. Those of a team name its `board`; they say
    which board is open, and not whether anybody sits before it.
    """

    user: UserId
    connection: ConnectionId
    is_active: bool = True
    """The page is visible, and was touched less than five minutes ago; older clients say neither."""
    board: TeamId | None = None


class Presence(Record):
    """How somebody is here: `is_online` with any connection, `is_active` where they would see a toast."""

    user: UserId
    is_online: bool
    is_active: bool
    is_leaving: bool = False
    """A page by which they were active was closed in the last five seconds, unless it is only loaded again."""
    seen_at: UtcTime | None
    """The last heartbeat, if one is remembered."""


class Viewer(Record):
    """Somebody who has a board open."""

    user: UserId
    is_active: bool


class PresenceCommand(Command[R]):
    """Asked of the actor that knows who is here."""

    owner: ClassVar[Role] = Role.PRESENCE
    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})


class TakeBeats(PresenceCommand[None], tag="presence.beat"):
    """These connections are alive, and those are gone."""

    beats: Annotated[tuple[Beat, ...], msgspec.Meta(max_length=AT_ONCE)] = ()
    gone: Annotated[tuple[ConnectionId, ...], msgspec.Meta(max_length=AT_ONCE)] = ()


class WhoIsHere(PresenceCommand[list[Presence]], tag="presence.who"):
    """How each of these people is here, in order."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY, Role.NOTIFIER, Role.BOT})

    users: Annotated[tuple[UserId, ...], msgspec.Meta(max_length=AT_ONCE)]


class WhoIsOnBoard(PresenceCommand[list[Viewer]], tag="presence.board"):
    """Who has the board of a team open; the edge has made sure that the asker may know."""

    team: TeamId


class WentOnline(UserEvent, tag="presence.online"):
    """Somebody is here who was not."""

    owner: ClassVar[Role] = Role.PRESENCE

    user: UserId
    at: UtcTime


class WentOffline(UserEvent, tag="presence.offline"):
    """Somebody is here no more; comes some seconds late, so that a reload of the page is no absence."""

    owner: ClassVar[Role] = Role.PRESENCE

    user: UserId
    seen_at: UtcTime


class Moved(UserEvent, tag="presence.moved"):
    """Somebody has other boards open than before, or is active there or no longer."""

    owner: ClassVar[Role] = Role.PRESENCE

    user: UserId
    boards: tuple[TeamId, ...]
    is_active: bool
