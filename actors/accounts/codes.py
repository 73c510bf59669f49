"""Codes that link Telegram accounts, in Redis: six digits, good once, for five minutes, with few guesses."""

import hmac
import secrets
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.exceptions import RedisError

from infra.log import get_logger
from infra.redis import Redis
from schemas.errors import BusError, ErrorCode, forbidden, not_found
from schemas.ids import TelegramId, UserId
from schemas.telegram import TelegramCode

log = get_logger(__name__)

LIFE = 5 * 60
"""Seconds for which a code is good."""

GUESSES = 5
"""So many in ten minutes."""

_WINDOW = 10 * 60
_DRAWS = 20


class Kept:
    """What Redis keeps for a while. All keys begin with `accounts:`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def _guesses(self, key: str) -> int:
        """How many there were of late, with this one."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.execute_command("SET", key, 0, "NX", "EX", _WINDOW)
            pipeline.execute_command("INCR", key)
            _, guesses = await _answered(pipeline.execute())
        return int(guesses)

    async def _ask(self, *command: Any) -> Any:
        return await _answered(self._redis.execute_command(*command))


class Codes(Kept):
    """Whose Telegram account a code stands for."""

    async def create(self, telegram: TelegramId) -> TelegramCode:
        """A code that nobody has just now; it takes the place of the one that they had."""
        for _ in range(_DRAWS):
            code = f"{secrets.randbelow(1_000_000):06}"
            expires_at = datetime.now(UTC) + timedelta(seconds=LIFE)
            if await self._ask("SET", _of_code(code), telegram, "NX", "EX", LIFE):
                await self._ask("SET", _newest_of(telegram), code, "EX", LIFE)
                return TelegramCode(code=code, expires_at=expires_at)
        raise BusError(ErrorCode.OVERLOADED, "too many codes are in use just now; try again in some minutes")

    async def redeem(self, user: UserId, code: str) -> TelegramId:
        """Who was given this code, which is worth nothing from now on.

        Raises BusError: NOT_FOUND, or FORBIDDEN after too many guesses. The right one counts as a guess too;
        otherwise somebody could have more by confirming codes of their own in between.
        """
        if await self._guesses(f"accounts:telegram-guesses:{user}") > GUESSES:
            raise forbidden("too many codes were tried; try again in ten minutes")
        telegram = await self._ask("GETDEL", _of_code(code))
        newest = await self._ask("GET", _newest_of(int(telegram))) if telegram else None
        if newest is None or not hmac.compare_digest(newest, code.encode()):
            raise not_found("code; it may have expired: ask for a new one")
        return TelegramId(int(telegram))


async def _answered(question: Awaitable[Any]) -> Any:
    try:
        return await question
    except (RedisError, OSError) as error:
        log.warning("Redis does not answer", error=str(error) or type(error).__name__)
        raise BusError(ErrorCode.OVERLOADED, "codes cannot be looked up just now; try again") from error


def _of_code(code: str) -> str:
    return f"accounts:telegram-code:{code}"


def _newest_of(telegram: int) -> str:
    return f"accounts:telegram-code-of:{telegram}"
