"""Who asks: the sessions, which live in Redis."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from redis.exceptions import RedisError

from infra.log import get_logger
from infra.redis import Redis
from schemas.accounts import User
from schemas.base import Record, UtcTime
from schemas.errors import BusError, ErrorCode
from schemas.ids import UserId

log = get_logger(__name__)


_LIFE = 14 * 24 * 3600
_RENEW_AFTER = 3600
_CACHE_SECONDS = 1.0
_CACHE_SIZE = 10_000


class Caller(Record):
    """Who asks."""

    id: UserId
    username: str
    name: str
    is_admin: bool


class Session(Record):
    """What Redis keeps, under a digest of the session's id."""

    user: UserId
    username: str
    name: str
    is_admin: bool
    created_at: UtcTime

    def caller(self) -> Caller:
        return Caller(id=self.user, username=self.username, name=self.name, is_admin=self.is_admin)


_sessions = msgspec.json.Decoder(Session)


class Sessions:
    """Opens, reads and closes sessions. Reads are cached for a second: docs/decisions/0002-session-cache.md."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._clock = clock
        self._cache: dict[str, tuple[float, Caller | None]] = {}
        self._reading: dict[str, asyncio.Future[Caller | None]] = {}
        self._on_close: list[Callable[[str], None]] = []

    def on_close(self, callback: Callable[[str], None]) -> None:
        """Call `callback` with the id of each session that is closed here."""
        self._on_close.append(callback)

    async def ping(self) -> None:
        """Raises BusError when Redis does not answer."""
        await _answered(self._redis.execute_command("PING"))

    async def open(self, user: User) -> str:
        """A new session's id: 256 bits that nobody can guess."""
        token = secrets.token_urlsafe(32)
        session = Session(
            user=user.id,
            username=user.username,
            name=user.name,
            is_admin=user.is_admin,
            created_at=datetime.now(UTC),
        )
        await _answered(self._redis.execute_command("SET", _key(token), msgspec.json.encode(session), "EX", _LIFE))
        return token

    async def find(self, token: str) -> Caller | None:
        """Whose session this is; None once it has ended. Raises BusError when that cannot be known."""
        cached = self._cache.get(token)
        if cached is not None and cached[0] > self._clock():
            return cached[1]
        caller = await self._read_once(token)
        # Whoever signed out while we were reading stays signed out.
        cached = self._cache.get(token)
        if cached is not None and cached[1] is None and cached[0] > self._clock():
            return None
        if caller is not None:
            self._remember(token, caller)
        return caller

    async def _read_once(self, token: str) -> Caller | None:
        """Many calls of one session that come at once share one look into Redis."""
        reading = self._reading.get(token)
        if reading is None:
            reading = self._reading[token] = asyncio.ensure_future(self._read(token))
            reading.add_done_callback(partial(self._have_read, token))
        # One caller who gives up must not take the others along.
        return await asyncio.shield(reading)

    def _have_read(self, token: str, reading: asyncio.Future[Caller | None]) -> None:
        del self._reading[token]
        if not reading.cancelled():
            reading.exception()  # asked for here too, in case nobody waits any more

    async def _read(self, token: str) -> Caller | None:
        key = _key(token)
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.execute_command("GET", key)
            pipeline.execute_command("TTL", key)
            body, life = await _answered(pipeline.execute())
        if body is None:
            return None
        if life < _LIFE - _RENEW_AFTER:
            await _answered(self._redis.execute_command("EXPIRE", key, _LIFE))
        try:
            return _sessions.decode(body).caller()
        except msgspec.DecodeError:
            # Written by another version of this program: signing in again costs less than guessing.
            return None

    def _remember(self, token: str, caller: Caller | None) -> None:
        self._cache.pop(token, None)
        while len(self._cache) >= _CACHE_SIZE:
            del self._cache[next(iter(self._cache))]
        self._cache[token] = (self._clock() + _CACHE_SECONDS, caller)

    async def close(self, token: str) -> None:
        """End a session: at once here, within a second elsewhere."""
        self._remember(token, None)
        await _answered(self._redis.execute_command("DEL", _key(token)))
        for callback in self._on_close:
            callback(token)


async def _answered(question: Awaitable[Any]) -> Any:
    """Without Redis nobody can be told apart: that is "try again", not "signed out"."""
    try:
        return await question
    except (RedisError, OSError) as error:
        log.warning("Redis does not answer", error=str(error) or type(error).__name__)
        raise BusError(ErrorCode.OVERLOADED, "sessions cannot be read just now; nothing was done") from error


def _key(token: str) -> str:
    """Only a digest is kept, so that a look into Redis lets nobody in."""
    return "session:" + hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
