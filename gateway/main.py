"""The gateway's process."""

import logging
from collections.abc import Sequence

from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError, HttpProcessingError
from mode import Service

from gateway.app import PARTS, build
from gateway.protocol import Runner
from infra.bus import Bus
from infra.config import ConfigError, Settings
from infra.log import get_logger
from infra.process import run, supervise
from infra.redis import connect_redis
from schemas.base import Role

log = get_logger(__name__)

_SHUTDOWN_SECONDS = 10.0
_BACKLOG = 1024


class Server(Service):
    """Listens for HTTP; at the end it stops listening, closes the sockets and finishes what has begun."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        super().__init__()
        self._app = app
        self._host = host
        self._wanted_port = port
        self._runner: Runner | None = None
        self.port = 0
        """The one it listens on; where 0 was wanted the system has chosen."""

    async def on_start(self) -> None:
        self._runner = Runner(self._app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._wanted_port, backlog=_BACKLOG).start()
        self.port = self._runner.addresses[0][1]
        log.info("gateway is ready", host=self._host, port=self.port)

    async def on_stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


def _is_ours(record: logging.LogRecord) -> bool:
    """What is no HTTP is answered, and not worth a traceback: anybody can send it, as often as they like."""
    return not (record.exc_info and isinstance(record.exc_info[1], (HttpProcessingError, ContentEncodingError)))


def main(settings: Settings, names: Sequence[str] = ()) -> None:
    """Serve in this process until SIGTERM or SIGINT; the gateway is one part, so there are no `names` to choose by."""
    if names:
        raise ConfigError(f"the gateway has no parts: {', '.join(names)}")
    settings.require("nats_url", "redis_url")
    settings.refuse_examples("service_token")
    logging.getLogger("aiohttp.server").addFilter(_is_ours)

    async def until_stopped() -> None:
        async with Bus(settings, Role.GATEWAY) as bus, connect_redis(settings) as redis:
            app = build(bus, redis, settings)
            await supervise(*app[PARTS], Server(app, settings.gateway_host, settings.gateway_port))

    run(until_stopped, settings)
