"""Whether the servers answer, which versions they are, and whether the schema is ours."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import nats
from redis.asyncio import Redis

from infra.cli.ready import Finding
from infra.config import Settings
from infra.migrate import pending
from schemas.base import Role

_SECONDS = 5
_START = "Start `ttm up`, or correct the variable"


async def look_at_servers(settings: Settings) -> list[Finding]:
    """One finding for each server, and one for the schema."""
    findings = [
        await _look("nats", settings.nats_url, _nats, settings),
        await _look("redis", settings.redis_url, _redis, settings),
        await _look("postgres", settings.database_url, _postgres, settings),
    ]
    if settings.database_url and findings[-1].ok:
        findings.append(await _schema(settings))
    return findings


async def _look(name: str, url: str, ask: Callable[[Settings], Awaitable[str]], settings: Settings) -> Finding:
    if not url:
        return Finding(name, ok=True, text="not running; `ttm up` starts it")
    try:
        async with asyncio.timeout(_SECONDS):
            return Finding(name, ok=True, text=await ask(settings))
    except Exception as error:  # noqa: BLE001 - whatever it was, it is the finding
        reason = str(error) or type(error).__name__
        return Finding(name, ok=False, text=f"does not answer ({reason})", remedy=_START)


async def _nats(settings: Settings) -> str:
    async def quiet(_error: Exception) -> None: ...

    password = settings.nats_password(Role.CONSOLE)
    client = await nats.connect(
        settings.nats_url.split(","),
        user=Role.CONSOLE.value if password else None,
        password=password or None,
        allow_reconnect=False,
        error_cb=quiet,
    )
    try:
        version = client.connected_server_version
        return f"answers, version {version.major}.{version.minor}.{version.patch}"
    finally:
        await client.close()


async def _redis(settings: Settings) -> str:
    async with Redis.from_url(settings.redis_url) as client:
        return f"answers, version {(await client.info('server'))['redis_version']}"


async def _postgres(settings: Settings) -> str:
    connection = await asyncpg.connect(settings.database_url, timeout=_SECONDS)
    try:
        return f"answers, version {await connection.fetchval('SHOW server_version')}"
    finally:
        await connection.close()


async def _schema(settings: Settings) -> Finding:
    try:
        missing = await pending(settings)
    except Exception as error:  # noqa: BLE001 - as above
        return Finding("schema", ok=False, text=str(error), remedy="Install the version that made this database")
    text = f"lacks {', '.join(missing)}" if missing else "is the one of this version"
    return Finding("schema", not missing, text, "Run `ttm migrate`")
