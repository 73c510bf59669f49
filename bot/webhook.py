"""Updates that Telegram sends by itself, where the bot has an address that it can reach."""

import asyncio
import hmac
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiogram import Bot, Dispatcher
from aiogram.types import Update
from aiohttp import web
from pydantic import ValidationError

from bot.arriving import arrive, patiently
from infra.config import ConfigError, Settings
from infra.log import get_logger

log = get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_AT_ONCE = 40
_LARGEST_UPDATE = 1024**2


def check(settings: Settings) -> None:
    """Raises ConfigError unless nobody but Telegram could send updates there."""
    settings.require("webhook_secret")
    if urlsplit(settings.webhook_url).scheme not in ("http", "https"):
        raise ConfigError("WEBHOOK_URL is no http:// or https:// address")
    if not _SECRET.fullmatch(settings.webhook_secret):
        raise ConfigError("WEBHOOK_SECRET has 16 to 256 letters, digits, _ and -")


async def receive(bot: Bot, dispatcher: Dispatcher, settings: Settings) -> None:
    """Answer the updates that come until cancelled; then finish those begun. Telegram keeps what comes later.

    Raises ConfigError when Telegram does not know the token.
    """
    check(settings)
    await arrive(bot)
    async with serving(bot, dispatcher, settings):
        await patiently(
            lambda: bot.set_webhook(
                settings.webhook_url,
                secret_token=settings.webhook_secret,
                allowed_updates=dispatcher.resolve_used_update_types(),
                max_connections=_AT_ONCE,
            )
        )
        log.info("telegram sends updates", to=settings.webhook_url)
        try:
            await asyncio.Event().wait()
        finally:
            await dispatcher.emit_shutdown(bot=bot, **dispatcher.workflow_data)


@asynccontextmanager
async def serving(bot: Bot, dispatcher: Dispatcher, settings: Settings) -> AsyncGenerator[int]:
    """Listen while the context is open; gives the port, of which 0 picks a free one."""
    app = web.Application(client_max_size=_LARGEST_UPDATE)
    app.add_routes([web.post(urlsplit(settings.webhook_url).path or "/", _Door(bot, dispatcher, settings).take)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.webhook_host, settings.webhook_port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class _Door:
    """Lets in whoever shows the secret, and answers once the update is handled: without that it would come again."""

    def __init__(self, bot: Bot, dispatcher: Dispatcher, settings: Settings) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._secret = settings.webhook_secret.encode()

    async def take(self, request: web.Request) -> web.Response:
        shown = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(shown, self._secret):
            return web.Response(status=401, text="wrong secret")
        try:
            update = Update.model_validate_json(await request.read(), context={"bot": self._bot})
        except ValidationError:
            return web.Response(status=400, text="this is no update")
        await self._dispatcher.feed_update(self._bot, update)
        return web.Response()
