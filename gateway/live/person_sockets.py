"""`/ws/user/`: what concerns one person, whichever page they look at.

The browser sends a heartbeat every 20 s. It hears `{"type": "account", ...}` with what `/api/auth/me/` would say
whenever that is new, and `{"type": "signed_out"}` before the socket is closed with 4401.
"""

import msgspec

from gateway.access.door import proof_of
from gateway.auth import Caller
from gateway.live.frames import control_frame, text_frame
from gateway.live.line import Line
from gateway.live.sockets import POLICY_VIOLATION, Socket
from gateway.me import Me
from gateway.reading import read_query
from schemas.accounts import User
from schemas.base import Record
from schemas.sockets import CLOSE_SIGNED_OUT, Heartbeat, SignedOut

_heartbeat = msgspec.json.Decoder(Heartbeat).decode
_SIGNED_OUT = control_frame(SignedOut())


class AccountFrame(Me, tag="account"):
    """The account of the person is another one now."""


class NoQuery(Record, forbid_unknown_fields=True):
    """It takes no parameters."""


class PersonLine(Line):
    """What one person is told."""


class PersonSocket(Socket[PersonLine]):
    """Takes heartbeats and tells what is new about the person."""

    def read(self) -> None:
        read_query(NoQuery, self.request)

    def line(self, caller: Caller) -> PersonLine:
        return PersonLine(caller, proof_of(self.request))

    def hear(self, line: PersonLine, text: str) -> None:
        try:
            _heartbeat(text)
        except msgspec.DecodeError:
            line.close(POLICY_VIOLATION)

    def farewell(self, line: PersonLine) -> bytes:
        return _SIGNED_OUT if line.code == CLOSE_SIGNED_OUT else b""


def account_frame(user: User) -> bytes:
    """What the sockets of a person are told of their account."""
    return text_frame(msgspec.json.encode(AccountFrame.of(user)))
