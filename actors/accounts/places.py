"""Places, in Redis: how many more may register with an invite, which itself says only how many may enter its team."""

import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from typing import Any

from redis.exceptions import RedisError

from infra.log import get_logger
from infra.redis import Redis
from schemas.errors import BusError, ErrorCode, forbidden
from schemas.invites import InviteCode, InviteView

log = get_logger(__name__)

_MARGIN = 60
"""Seconds by which the count outlives its invite, so that whoever is just registering still finds it."""


class Places:
    """An invite has as many places as it had uses left when the first one registered. All keys begin with `accounts:`.

    Uses themselves cannot be counted on: somebody may register and then enter no team.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @asynccontextmanager
    async def taken(self, code: InviteCode, invite: InviteView) -> AsyncGenerator[None]:
        """One place, which is free again when the body fails. Raises BusError FORBIDDEN when there is none."""
        if invite.uses_left is None:
            yield
            return
        key = f"accounts:places:{sha256(code.encode()).hexdigest()}"
        until = math.ceil(invite.expires_at.timestamp()) + _MARGIN
        await self._ask("SET", key, invite.uses_left, "NX", "EXAT", until)
        if await self._ask("DECR", key) < 0:
            await self._give_back(key)
            raise forbidden("as many as may have registered with this invite; ask for another one")
        try:
            yield
        except BaseException:
            await self._give_back(key)
            raise

    async def _give_back(self, key: str) -> None:
        """Where Redis is away the place is lost: what went wrong before is what they must be told."""
        with suppress(BusError):
            await self._ask("INCR", key)

    async def _ask(self, *command: Any) -> Any:
        try:
            return await self._redis.execute_command(*command)
        except (RedisError, OSError) as error:
            log.warning("Redis does not answer", error=str(error) or type(error).__name__)
            raise BusError(ErrorCode.OVERLOADED, "invites cannot be counted just now; try again") from error
