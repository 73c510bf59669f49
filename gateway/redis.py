"""Redis as the gateway asks it."""

from collections.abc import Awaitable
from typing import Any

from redis.exceptions import RedisError

from infra.log import get_logger
from schemas.errors import BusError, ErrorCode

log = get_logger(__name__)


async def answered(question: Awaitable[Any]) -> Any:
    """The answer. Without Redis nobody can be told apart: that is "try again", not "signed out" or "go ahead"."""
    try:
        return await question
    except (RedisError, OSError) as error:
        log.warning("Redis does not answer", error=str(error) or type(error).__name__)
        raise BusError(ErrorCode.OVERLOADED, "sessions cannot be read just now; nothing was done") from error
