"""What surrounds every handler."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, User

from bot.texts import texts_for
from infra.telemetry import start_trace

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Introduction(BaseMiddleware):
    """Gives handlers `texts` in the person's language and begins a trace; what comes from no person is left alone."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        person: User | None = data.get("event_from_user")
        if person is None:
            return None
        start_trace()
        data["texts"] = texts_for(person.language_code)
        return await handler(event, data)


class InProgress(BaseMiddleware):
    """Counts the updates being handled, so that a stop can wait for them."""

    def __init__(self) -> None:
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        self._count += 1
        self._idle.clear()
        try:
            return await handler(event, data)
        finally:
            self._count -= 1
            if not self._count:
                self._idle.set()

    async def finish(self, timeout: float = 5.0) -> None:
        """Wait up to `timeout` seconds until nothing is being handled."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), timeout)
