"""Sending the updates to the bot's webhook, instead of waiting until it asks.

https://core.telegram.org/bots/api#setwebhook
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from bot.simulator.bot_api import unpack
from bot.simulator.errors import BotApiError
from bot.simulator.performing import ConnectionBroken, perform
from bot.simulator.telegram import Telegram
from bot.simulator.update import Update, Webhook
from bot.simulator.updates import Trouble
from infra.log import get_logger

log = get_logger(__name__)

PATIENCE = aiohttp.ClientTimeout(total=60)
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds until an update is sent once more; the last counts for all further times."""

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header


class Postman:
    """One update after another, each until it is taken: with 2xx, or because the webhook is gone."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._updates = telegram.updates

    async def deliver(self) -> None:
        """Until cancelled."""
        failures = 0
        async with aiohttp.ClientSession(timeout=PATIENCE) as http:
            while True:
                hook, update = await self._next()
                trouble = await self._send(http, hook, update)
                if hook is not self._updates.webhook:
                    failures = 0
                elif trouble is None:
                    failures = 0
                    self._updates.confirm(update.update_id + 1)
                else:
                    self._updates.trouble = Trouble(int(time.time()), trouble)
                    await self._pause(PAUSES[min(failures, len(PAUSES) - 1)])
                    failures += 1

    async def _next(self) -> tuple[Webhook, Update]:
        while True:
            if (hook := self._updates.webhook) and (waiting := self._updates.oldest(1)):
                return hook, waiting[0]
            self._updates.changed.clear()
            await self._updates.changed.wait()

    async def _send(self, http: aiohttp.ClientSession, hook: Webhook, update: Update) -> str | None:
        """What went wrong, if anything did."""
        headers = {"Content-Type": "application/json", SECRET_HEADER: hook.secret_token}
        if not hook.secret_token:
            del headers[SECRET_HEADER]
        try:
            await self._telegram.journal.settle()
            async with http.post(URL(hook.url), data=msgspec.json.encode(update), headers=headers) as response:
                if not response.ok:
                    return f"Wrong response from the webhook: {response.status} {response.reason}"
                parameters = await _call_in(response)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"Connection failed: {type(error).__name__}"
        await self._obey(parameters)
        return None

    async def _obey(self, parameters: dict[str, Any]) -> None:
        """The bot may call a method in its answer; it never hears what became of that."""
        if isinstance(name := parameters.get("method"), str):
            try:
                await perform(self._telegram, name, parameters)
            except (BotApiError, ConnectionBroken) as error:
                log.info("a call in a webhook's answer failed", method=name, error=str(error))

    async def _pause(self, seconds: float) -> None:
        """Shorter, if the webhook changes meanwhile."""
        hook, until = self._updates.webhook, time.monotonic() + seconds
        while self._updates.webhook is hook and (left := until - time.monotonic()) > 0:
            self._updates.changed.clear()
            try:
                await asyncio.wait_for(self._updates.changed.wait(), left)
            except TimeoutError:
                return


async def _call_in(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The parameters in an answer, with the method among them; empty where there are none. Raises ValueError."""
    if response.content_type.startswith("multipart/"):
        form: dict[str, Any] = {}
        async for each in aiohttp.MultipartReader.from_response(response):
            if isinstance(each, aiohttp.BodyPartReader) and each.name:
                form[each.name] = await each.text()
        return unpack(form)
    try:
        return msgspec.json.decode(await response.read(), type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


@asynccontextmanager
async def postman(telegram: Telegram) -> AsyncGenerator[None]:
    """Delivers while the context is open."""
    delivering = asyncio.ensure_future(Postman(telegram).deliver())
    try:
        yield
    finally:
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
