"""Keeps the gateway up with what becomes of people's accounts."""

from collections.abc import Iterable, Sequence

import msgspec
from mode import Service

from gateway.access.session_index import SessionIndex
from gateway.access.sessions import Sessions
from gateway.access.tokens import Tokens
from gateway.live.fanout import Fanout
from gateway.live.person_sockets import account_frame
from infra.bus import Bus, RawMessage, Subscription
from infra.log import get_logger
from infra.stream import StreamReader
from schemas.accounts import AccountUpdated, User

log = get_logger(__name__)

_read = msgspec.json.Decoder(AccountUpdated).decode


class People(Service):
    """Hears of every change of an account twice.

    Live, as every gateway does: what is remembered of the person is forgotten, and their sockets are told. And from
    the stream, where the gateways share the work and miss nothing: their sessions in Redis are ended or rewritten.
    """

    def __init__(self, bus: Bus, sessions: Sessions, index: SessionIndex, tokens: Tokens, fanout: Fanout) -> None:
        super().__init__()
        self._bus = bus
        self._sessions = sessions
        self._index = index
        self._tokens = tokens
        self._fanout = fanout
        self._subscription: Subscription | None = None
        self._reader = StreamReader(bus, [AccountUpdated.subjects()], self._follow)

    def on_init_dependencies(self) -> Iterable[Service]:
        return [self._reader]

    async def on_start(self) -> None:
        self._subscription = await self._bus.listen(AccountUpdated.subjects(), self._hear)

    async def on_stop(self) -> None:
        if self._subscription is not None:
            await self._bus.leave(self._subscription)
            self._subscription = None

    async def _hear(self, raw: RawMessage) -> None:
        if (user := _user_of(raw)) is not None:
            self._pass_on(user)

    def _pass_on(self, user: User) -> None:
        self._sessions.account_changed(user)
        self._tokens.forget(user.id)
        self._fanout.account_changed(user.id)
        frame = account_frame(user)
        for line in self._fanout.pages(user.id):
            line.speak(user.language, user.time_zone)
            line.say(frame)

    async def _follow(self, messages: Sequence[RawMessage]) -> None:
        for raw in messages:
            # One that cannot be read will be no better when it comes again.
            if (user := _user_of(raw)) is not None:
                await self._index.follow(user)


def _user_of(raw: RawMessage) -> User | None:
    """Whom the event is about; None, and a line in the log, when it cannot be read."""
    try:
        return _read(raw.data).user
    except msgspec.DecodeError:
        log.exception("an event cannot be read", subject=raw.subject)
        return None
