"""What surrounds every handler."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message, TelegramObject, Update
from aiogram.types import User as TelegramUser
from msgspec.structs import replace

from bot.moments import known_zone
from bot.refusals import refusal
from bot.rewriting import alert
from bot.texts import Texts, texts_for, texts_of
from infra.bus import Bus
from infra.log import get_logger
from infra.telemetry import start_trace
from schemas.accounts import User
from schemas.errors import BusError, ErrorCode
from schemas.ids import TelegramId
from schemas.telegram import FindTelegramUser, ListContacts, MarkReachable

log = get_logger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Introduction(BaseMiddleware):
    """Begins a trace and gives handlers `person`, `texts` in their language and `key`; what nobody sent is left alone.

    `person` is None when nobody here has linked the Telegram account, or when that cannot be found out: then
    `trouble` says why. `key` makes a change that is asked for twice happen once: Telegram repeats updates.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        sender: TelegramUser | None = data.get("event_from_user")
        if sender is None or not isinstance(event, Update):
            return None
        start_trace()
        person, trouble = await self._look_up(TelegramId(sender.id)) if _concerns_us(event) else (None, None)
        texts = texts_for(sender.language_code)
        data |= {
            "person": person,
            "trouble": trouble,
            "texts": texts_of(person, texts) if person else texts,
            "key": f"tg-{event.update_id}",
        }
        if person and event.message and event.message.chat.type == ChatType.PRIVATE:
            await self._mark(person, TelegramId(sender.id))
        return await handler(event, data)

    async def _look_up(self, telegram: TelegramId) -> tuple[User | None, BusError | None]:
        if not self._bus.connected:
            return None, BusError(ErrorCode.UNAVAILABLE, "the bus is away; nothing was done")
        try:
            person = await self._bus.request(FindTelegramUser(telegram=telegram))
        except BusError as error:
            return None, None if error.code is ErrorCode.NOT_FOUND else error
        return replace(person, time_zone=await known_zone(person.time_zone)), None

    async def _mark(self, person: User, telegram: TelegramId) -> None:
        """Whoever writes to the bot lets it answer."""
        try:
            for contact in await self._bus.request(ListContacts(users=(person.id,))):
                if contact.telegram == telegram and not contact.is_reachable:
                    await self._bus.request(MarkReachable(telegram=telegram, is_reachable=True))
        except BusError as error:
            log.warning("cannot say that somebody is reachable again", user=person.id, error=str(error))


def _concerns_us(update: Update) -> bool:
    """In groups people talk to each other; who they are is looked up when they turn to us."""
    message = update.message
    if message is None or message.chat.type == ChatType.PRIVATE:
        return True
    replied = message.reply_to_message
    return (message.text or "").startswith("/") or bool(replied and replied.from_user and replied.from_user.is_bot)


class BusOnly(BaseMiddleware):
    """Lets anybody in while it can be found out who they are; otherwise says why it cannot."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if sentence := self.objection(data):
            return await _object(event, sentence)
        return await handler(event, data)

    def objection(self, data: dict[str, Any]) -> str | None:
        """What is said instead of an answer."""
        trouble: BusError | None = data["trouble"]
        return refusal(trouble, data["texts"]) if trouble else None


class LinkedOnly(BusOnly):
    """Lets those in whom we know; tells the others what to do about it."""

    def objection(self, data: dict[str, Any]) -> str | None:
        if data["person"]:
            return None
        texts: Texts = data["texts"]
        return super().objection(data) or texts.say("link-first")


async def _object(event: TelegramObject, sentence: str) -> None:
    if isinstance(event, CallbackQuery):
        await alert(event, sentence)
    elif isinstance(event, Message):
        await event.answer(sentence)


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
