"""All sessions of one person: to look at, to end, to keep up with what becomes of their account."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from gateway.access.sessions import LIFE, Session, Sessions, index_of, place_of, read_session
from gateway.redis import answered
from infra.redis import Redis
from schemas.accounts import User
from schemas.ids import UserId

MOST = 100
"""Sessions of one person."""


class Opened(NamedTuple):
    """A session as it lies in Redis; `seen_at` is exact to a minute."""

    key: str
    session: Session
    seen_at: datetime


class SessionIndex:
    """Finds sessions by whose they are."""

    def __init__(self, redis: Redis, sessions: Sessions) -> None:
        self._redis = redis
        self._sessions = sessions

    async def of(self, user: UserId) -> list[Opened]:
        """A person's sessions, the one used last first."""
        opened = [one async for one in self._read(user)]
        return sorted(opened, key=lambda one: one.seen_at, reverse=True)

    async def _read(self, user: UserId) -> AsyncIterator[Opened]:
        members = await answered(self._redis.execute_command("SMEMBERS", index_of(user)))
        keys = [member.decode() for member in members]
        if not keys:
            return
        async with self._redis.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.execute_command("GET", place_of(key))
                pipeline.execute_command("TTL", place_of(key))
            found = await answered(pipeline.execute())
        now = datetime.now(UTC)
        for key, body, life in zip(keys, found[::2], found[1::2], strict=True):
            session = read_session(body)
            if session is None:
                await answered(self._redis.execute_command("SREM", index_of(user), key))
            else:
                yield Opened(key, session, now - timedelta(seconds=LIFE - life))

    async def make_room(self, user: UserId) -> None:
        """One more will be opened: end those that were longest unused, so that nobody fills Redis."""
        for one in (await self.of(user))[MOST - 1 :]:
            await self._sessions.end(user, one.key)

    async def end_all(self, user: UserId, *, but: str = "") -> None:
        """End a person's sessions, but not the one with the key `but`."""
        for one in await self.of(user):
            if one.key != but:
                await self._sessions.end(user, one.key)

    async def follow(self, user: User) -> None:
        """Make a person's sessions agree with their account.

        Their sockets are left alone: each gateway looks after its own, a bit later, because a session that takes over
        from one of these may just be about to be opened.
        """
        for one in await self.of(user.id):
            is_void = user.signed_out_at is not None and one.session.created_at < user.signed_out_at
            if is_void or not user.is_active:
                await self._sessions.erase(user.id, one.key)
            elif one.session.version < user.version:
                await self._rewrite(one, user)

    async def _rewrite(self, one: Opened, user: User) -> None:
        """Only one that is still there, so that nobody who signs out just now comes back to life."""
        session = msgspec.structs.replace(
            one.session,
            username=user.username,
            name=user.name,
            is_admin=user.is_admin,
            language=user.language,
            time_zone=user.time_zone,
            version=user.version,
        )
        command = ("SET", place_of(one.key), msgspec.json.encode(session), "XX", "KEEPTTL")
        await answered(self._redis.execute_command(*command))
