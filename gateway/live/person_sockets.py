"""`/ws/user/`: what concerns one person, whichever page they look at.

The browser sends a heartbeat every 20 s and acknowledges what it shows. It hears `{"type": "account", ...}` with what
`/api/auth/me/` would say whenever that is new, what the notifier has to tell (`gateway/live/notices.py`), and
`{"type": "signed_out"}` before the socket is closed with 4401.
"""

from functools import partial

import msgspec

from gateway.access.door import proof_of
from gateway.auth import Caller
from gateway.live.frames import control_frame, text_frame
from gateway.live.person_line import PersonLine
from gateway.live.sockets import POLICY_VIOLATION, Socket
from gateway.me import Me
from gateway.reading import read_query
from infra.language import choose
from schemas.accounts import User
from schemas.base import Record
from schemas.ids import NoticeId, UserId
from schemas.sockets import CLOSE_SIGNED_OUT, Acknowledgement, Heartbeat, SignedOut

_said = msgspec.json.Decoder(Heartbeat | Acknowledgement).decode
_SIGNED_OUT = control_frame(SignedOut())


class AccountFrame(Me, tag="account"):
    """The account of the person is another one now."""


class NoQuery(Record, forbid_unknown_fields=True):
    """It takes no parameters."""


class PersonSocket(Socket[PersonLine]):
    """Takes heartbeats and acknowledgements, and tells what is new about the person."""

    def read(self) -> None:
        read_query(NoQuery, self.request)

    def line(self, caller: Caller) -> PersonLine:
        browser = choose(self.request.headers.get("Accept-Language", ""))
        return PersonLine(caller, proof_of(self.request), browser, partial(self._shown, caller.id))

    def hear(self, line: PersonLine, text: str) -> None:
        try:
            said = _said(text)
        except msgspec.DecodeError:
            line.close(POLICY_VIOLATION)
            return
        if isinstance(said, Heartbeat):
            self.fanout.beats.heard(line, is_active=line.beat(said))
        else:
            self._shown(line.caller.id, said.notices)

    def _shown(self, user: UserId, notices: tuple[NoticeId, ...]) -> None:
        self.fanout.acknowledgements.add(user, notices)

    def farewell(self, line: PersonLine) -> bytes:
        return _SIGNED_OUT if line.code == CLOSE_SIGNED_OUT else b""


def account_frame(user: User) -> bytes:
    """What the sockets of a person are told of their account."""
    return text_frame(msgspec.json.encode(AccountFrame.of(user)))
