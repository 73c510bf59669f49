"""The way out: the stream says for which chats something waits; what it is, is claimed, sent and reported in order."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramMigrateToChat
from mode import Service
from msgspec.structs import replace

from bot.links import Links
from bot.moments import known_zone
from bot.outbound.limits import Limits
from bot.outbound.rendering import render
from bot.outbound.telling import report, tell
from bot.outbound.turns import Turns
from infra.actor import every
from infra.bus import Bus, RawMessage
from infra.cancelled import told_to_stop
from infra.log import get_logger
from infra.stream import consume
from infra.telemetry import HEADER, start_trace
from schemas.base import OUTBOUND_STREAM
from schemas.deliveries import (
    LEASE_SECONDS,
    ClaimDelivery,
    Delivery,
    DeliveryQueued,
    MoveGroup,
    Outcome,
    ReportDelivery,
)
from schemas.errors import BusError, ErrorCode
from schemas.ids import ChatId, TelegramId
from schemas.telegram import MarkReachable

log = get_logger(__name__)

WORKERS = 16
BATCH = 250
_PAUSE = 1.0
"""Seconds before what failed is tried again."""
_FINISH_SECONDS = 10.0
_PASSING = (ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED, ErrorCode.INTERNAL)


class Outbound(Service):
    """Sends what waits: in a chat one message after another, and no chat waits for another one's limits."""

    abstract = False

    def __init__(self, bot: Bot, bus: Bus, links: Links, limits: Limits | None = None) -> None:
        super().__init__()
        self._bot = bot
        self._bus = bus
        self._links = links
        self._limits = limits or Limits()
        self._turns = Turns()
        self._at_work = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def on_start(self) -> None:
        # After a crash nobody knows who had which chat; the stream says it all again.
        self._turns = Turns()
        for _ in range(WORKERS):
            self.add_future(self._work())

    async def on_stop(self) -> None:
        """What was begun is sent and reported; the rest keeps."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), _FINISH_SECONDS)
        await self._bus.flush()

    @Service.task
    async def _read(self) -> None:
        while not self.should_stop:
            # What is asked before the first connection, nats-py asks in the words of an old server.
            await self._bus.settle()
            try:
                async for messages in consume(
                    self._bus, OUTBOUND_STREAM, self._bus.role.value, DeliveryQueued.subjects(), batch=BATCH
                ):
                    self._take_in(messages)
            except (Exception, asyncio.CancelledError) as error:
                if told_to_stop():
                    raise
                log.warning("cannot read what is to be sent yet", error=repr(error))
            await self.sleep(_PAUSE)

    def _take_in(self, messages: Sequence[RawMessage]) -> None:
        for message in messages:
            self._turns.hint(ChatId(int(message.subject.rpartition(".")[2])), message)

    @every(seconds=10)
    async def _hold(self) -> None:
        """The stream gives what it hears nothing of to somebody else."""
        for message in self._turns.held():
            await message.in_progress()
        self._limits.forget()

    async def _work(self) -> None:
        while not self.should_stop:
            chat = await self._turns.take()
            if self.should_stop:
                return
            self._begin()
            try:
                await self._turn(chat)
            except (Exception, asyncio.CancelledError):
                if told_to_stop():
                    raise
                log.exception("a turn failed", chat=chat)
                self._turns.again(chat, _PAUSE)
            finally:
                self._end()

    def _begin(self) -> None:
        self._at_work += 1
        self._idle.clear()

    def _end(self) -> None:
        self._at_work -= 1
        if not self._at_work:
            self._idle.set()

    async def _turn(self, chat: ChatId) -> None:
        """Send the next message of a chat, or find that there is none."""
        if wait := self._limits.wait(chat):
            self._turns.again(chat, wait)
            return
        await asyncio.sleep(self._limits.take(chat))
        hints = self._turns.hints(chat)
        start_trace((hints[-1].headers or {}).get(HEADER))
        try:
            claim = await self._bus.request(ClaimDelivery(chat=chat))
        except BusError as error:
            log.warning("cannot claim yet", chat=chat, error=str(error))
            self._turns.again(chat, _PAUSE)
            return
        if claim.delivery is None:
            await self._settle(chat, hints)
        else:
            await self._deliver(claim.delivery)
            self._turns.again(chat, 0.0)

    async def _settle(self, chat: ChatId, hints: list[RawMessage]) -> None:
        """Also where something waits for its time: it is named again then.

        The stream gives only so many hints that are not acknowledged; waiting chats must not keep others' from coming.
        """
        self._limits.give_back(chat)
        for message in hints:
            await message.ack()
        self._turns.finish(chat, hints)

    async def _deliver(self, delivery: Delivery) -> None:
        until = asyncio.get_running_loop().time() + LEASE_SECONDS
        came_of_it = await self._send(delivery)
        if came_of_it.retry_after:
            self._limits.obey(delivery.chat, came_of_it.retry_after)
        if came_of_it.outcome is not Outcome.SENT:
            log.warning("not sent", chat=delivery.chat, outcome=came_of_it.outcome.value, error=came_of_it.error)
        await self._report(came_of_it, until)
        if came_of_it.outcome is Outcome.UNREACHABLE and delivery.chat > 0:
            await self._mark_unreachable(TelegramId(delivery.chat))

    async def _send(self, delivery: Delivery) -> ReportDelivery:
        delivery = replace(delivery, time_zone=await known_zone(delivery.time_zone))
        try:
            rendered = render(delivery, self._links)
        except (KeyError, ValueError):
            log.exception("a delivery cannot be put into words", delivery=delivery.id)
            return report(delivery, Outcome.REFUSED)
        try:
            return await tell(self._bot, delivery, rendered)
        except TelegramMigrateToChat as error:
            await self._move(delivery.chat, ChatId(error.migrate_to_chat_id))
            return report(delivery, Outcome.RETRY)

    async def _move(self, chat: ChatId, to: ChatId) -> None:
        try:
            await self._bus.request(MoveGroup(chat=chat, to=to))
        except BusError as error:
            # The next try meets the same answer.
            log.warning("cannot move a group yet", chat=chat, error=str(error))

    async def _report(self, came_of_it: ReportDelivery, until: float) -> None:
        """Until it is taken; what did not arrive may as well be claimed anew once the claim has run out.

        That a message has arrived counts even then: it comes before whatever this bot claims next for the chat.
        """
        loop = asyncio.get_running_loop()
        while came_of_it.outcome is Outcome.SENT or loop.time() < until:
            try:
                await self._bus.request(came_of_it)
                return
            except BusError as error:
                if error.code not in _PASSING:
                    log.exception("a report was refused", delivery=came_of_it.delivery)
                    return
                log.warning("cannot report yet", delivery=came_of_it.delivery, error=str(error))
                await asyncio.sleep(_PAUSE)

    async def _mark_unreachable(self, telegram: TelegramId) -> None:
        try:
            await self._bus.request(MarkReachable(telegram=telegram, is_reachable=False))
        except BusError as error:
            log.warning("cannot say that somebody is not reachable", error=str(error))
