"""The sessions, which live in Redis."""

import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from gateway.access.recent import Recent
from gateway.auth import Caller, OwnSession
from gateway.redis import answered
from infra.redis import Redis
from schemas.accounts import Language, TimeZone, User
from schemas.base import Record, UtcTime
from schemas.boards import Version
from schemas.ids import UserId

LIFE = 14 * 24 * 3600
"""Seconds from the last use."""

_RENEW_AFTER = 60
_AGENT_LENGTH = 200
_MARKS = 10_000


class Session(Record):
    """What Redis keeps, under a digest of the session's secret."""

    user: UserId
    username: str
    name: str
    is_admin: bool
    created_at: UtcTime
    version: Version = 1
    """Of the user, of whom this holds a copy."""
    address: str = ""
    agent: str = ""
    language: Language | None = None
    time_zone: TimeZone = "UTC"

    def caller(self) -> Caller:
        return Caller(
            id=self.user,
            username=self.username,
            name=self.name,
            is_admin=self.is_admin,
            language=self.language,
            time_zone=self.time_zone,
        )


_decode = msgspec.json.Decoder(Session).decode

Ended = Callable[[str, str], None]
"""Told the key of a session that has ended, and the secret of the one that goes on in its place, or nothing."""


def session_key(secret: str) -> str:
    """Only a digest is kept, so that a look into Redis lets nobody in."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def read_session(body: bytes | None) -> Session | None:
    """What Redis said; None also for one that another version of this program wrote: signing in again costs little."""
    try:
        return None if body is None else _decode(body)
    except msgspec.DecodeError:
        return None


def place_of(key: str) -> str:
    """Where Redis keeps a session."""
    return "session:" + key


def index_of(user: UserId) -> str:
    """Where Redis keeps the keys of all sessions of one person."""
    return f"sessions:{user}"


class Sessions:
    """Opens, finds and closes sessions."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._recent = Recent(self._read, clock)
        self._void_before: dict[UserId, datetime] = {}
        self._on_end: list[Ended] = []

    def on_end(self, callback: Ended) -> None:
        """Call `callback` for each session that is ended here."""
        self._on_end.append(callback)

    async def ping(self) -> None:
        """Raises BusError when Redis does not answer."""
        await answered(self._redis.execute_command("PING"))

    async def open(self, user: User, *, address: str = "", agent: str = "") -> str:
        """A new session's secret: 256 bits that nobody can guess."""
        secret = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        session = Session(
            user=user.id,
            username=user.username,
            name=user.name,
            is_admin=user.is_admin,
            version=user.version,
            # Whoever gives themselves another password signs in with it: clocks that differ must not undo that.
            created_at=max(now, user.signed_out_at or now),
            address=address,
            agent=agent[:_AGENT_LENGTH],
            language=user.language,
            time_zone=user.time_zone,
        )
        await self._write(session_key(secret), session)
        return secret

    async def _write(self, key: str, session: Session) -> None:
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.execute_command("SET", place_of(key), msgspec.json.encode(session), "EX", LIFE)
            pipeline.execute_command("SADD", index_of(session.user), key)
            pipeline.execute_command("EXPIRE", index_of(session.user), LIFE)
            await answered(pipeline.execute())

    async def find(self, secret: str) -> OwnSession | None:
        """Whose session this is; None once it has ended. Raises BusError when that cannot be known."""
        return await self._recent.find(secret)

    async def _read(self, secret: str) -> OwnSession | None:
        key = session_key(secret)
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.execute_command("GET", place_of(key))
            pipeline.execute_command("TTL", place_of(key))
            body, life = await answered(pipeline.execute())
        session = read_session(body)
        if session is None:
            return None
        void_before = self._void_before.get(session.user)
        if void_before is not None and session.created_at < void_before:
            return None
        if life < LIFE - _RENEW_AFTER:
            await self._renew(key, session.user)
        return OwnSession(caller=session.caller(), key=key, created_at=session.created_at)

    async def _renew(self, key: str, user: UserId) -> None:
        """It lives on; how long it still has to live also tells when it was last used."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.execute_command("EXPIRE", place_of(key), LIFE)
            pipeline.execute_command("SADD", index_of(user), key)
            pipeline.execute_command("EXPIRE", index_of(user), LIFE)
            await answered(pipeline.execute())

    async def close(self, secret: str) -> None:
        """End a session: at once here, within a second elsewhere."""
        own = await self.find(secret)
        if own is not None:
            await self.end(own.caller.id, own.key)

    async def end(self, user: UserId, key: str, *, heir: str = "") -> None:
        """As `close`, for whoever knows only the key. `heir` is the secret of a session that goes on in its place."""
        await self.erase(user, key)
        for callback in self._on_end:
            callback(key, heir)

    async def erase(self, user: UserId, key: str) -> None:
        """As `end`, but tells nobody here."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.execute_command("DEL", place_of(key))
            pipeline.execute_command("SREM", index_of(user), key)
            await answered(pipeline.execute())
        self._recent.forget_where(lambda own: own.key == key)

    def account_changed(self, user: User) -> None:
        """Believe nothing older of this person, and none of their sessions that they have signed out of since."""
        if user.signed_out_at is not None:
            self._void_before.pop(user.id, None)
            while len(self._void_before) >= _MARKS:
                del self._void_before[next(iter(self._void_before))]
            self._void_before[user.id] = user.signed_out_at
        self._recent.forget_where(lambda own: own.caller.id == user.id)
