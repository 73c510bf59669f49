"""What the gateway and a browser say to each other over `/ws/team/<id>/?after=<seq>` and `/ws/user/`.

Over the first, the gateway sends the team's events as they are on the bus, with `action` (`created`, `updated` or
`deleted`) put in front, and between them frames of its own. The browser says nothing: it comes back with a later
`after`. Over the second, the browser sends heartbeats and hears what concerns the person.
"""

from typing import Annotated, Literal

import msgspec

from schemas.base import Record
from schemas.ids import NoticeId, Seq
from schemas.notices import Notice
from schemas.presence import Viewer
from schemas.telegram import TelegramLink

Action = Literal["created", "updated", "deleted"]


class Frame(Record):
    """Anything the gateway says of the stream itself."""


class Ready(Frame, tag="ready"):
    """Everything up to `seq` has been sent; what follows is live."""

    seq: Seq


class Recovered(Frame, tag="recovered", rename={"from_": "from"}):
    """The events from `from` to `to` follow at once: what the browser missed."""

    from_: Seq
    to: Seq


class Reset(Frame, tag="reset"):
    """Too much was missed to send it: take a fresh snapshot."""


class Position(Frame, tag="position"):
    """Where the team stands; comes every 15 s, so silence of 40 s means a dead line."""

    seq: Seq


class SignedOut(Frame, tag="signed_out"):
    """The session has ended, and with it this socket."""


class Viewers(Frame, tag="viewers"):
    """Who has the board open; comes when the socket is ready and whenever it is new, once a second at most."""

    viewers: tuple[Viewer, ...]
    """Fifty at most, the active ones first."""
    more: int = 0
    """How many others there are."""


class Notify(Frame, tag="notify"):
    """Something to show over the page: `text` in the person's language, and what it tells of.

    The browser answers with an acknowledgement. `text` is empty where only the inbox has more.
    """

    text: str
    notices: tuple[Notice, ...] = ()
    more: int = 0
    unread: int = 0


class Inbox(Frame, tag="inbox"):
    """So many notices are unread now."""

    unread: int


class Telegram(Frame, tag="telegram"):
    """The person's link to Telegram is another one now."""

    link: TelegramLink | None


class Heartbeat(Record, tag="heartbeat", forbid_unknown_fields=True):
    """The browser is there; and, where it says so, whether somebody can see the page and when it was last touched."""

    visible: bool | None = None
    idle: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """Seconds without any input."""


class Acknowledgement(Record, tag="ack", forbid_unknown_fields=True):
    """These notices have been shown."""

    notices: Annotated[tuple[NoticeId, ...], msgspec.Meta(min_length=1, max_length=100)]


CLOSE_SIGNED_OUT = 4401
CLOSE_FORBIDDEN = 4403
CLOSE_NOT_FOUND = 4404
CLOSE_TOO_SLOW = 4408
CLOSE_TRY_AGAIN = 4503
