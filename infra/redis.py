"""Redis, for what may be lost: sessions, codes, presence."""

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.driver_info import DriverInfo

from infra.config import Settings

__all__ = ["Redis", "connect_redis"]


def connect_redis(settings: Settings) -> Redis:
    """A client that connects when first used and again whenever it must; raises `redis.RedisError` when it cannot."""
    pool = BlockingConnectionPool.from_url(
        settings.redis_url,
        max_connections=16,
        timeout=2,  # seconds to wait for a free one; a pool that raises instead would turn a rush into errors
        socket_timeout=2.0,
        socket_connect_timeout=2.0,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=3),
        retry_on_error=[exceptions.ConnectionError, exceptions.TimeoutError],
        health_check_interval=15,
        # Said here because the client would look for its own version on the disk, for each connection anew.
        driver_info=DriverInfo(name="ttm", lib_version=None),
    )
    return Redis.from_pool(pool)
