"""The bus: what is said over one connection to NATS, in the messages of `schemas`."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec
import nats.errors
from nats.aio.msg import Msg as RawMessage
from nats.aio.subscription import Subscription

from infra.config import Settings
from infra.connection import FLUSH_SECONDS, Connection
from infra.log import get_logger
from infra.telemetry import HEADER, current_trace
from schemas.base import Command, Event, R, Role
from schemas.errors import BusError, ErrorCode

__all__ = ["Bus", "RawMessage", "Subscription"]

log = get_logger(__name__)

ERROR = "Nats-Service-Error"
ERROR_CODE = "Nats-Service-Error-Code"

# The server counts headers as payload, and hangs up on whoever sends too much.
_HEADER_BYTES = 1024
_NO_RESPONDER_PAUSE = 0.05

Listener = Callable[[RawMessage], Awaitable[None]]


class Bus(Connection):
    """Asks actors, tells whoever listens, and listens."""

    def __init__(self, settings: Settings, role: Role, *, name: str = "") -> None:
        super().__init__(settings, role, name=name)
        self._reply_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}

    async def request(self, command: Command[R], *, timeout: float = 5.0) -> R:
        """Ask the actor that owns `command`.

        Raises BusError. With nobody there yet it asks again until `timeout` (seconds) is over: no responder means
        that nobody can have done it. Silence after it was sent means UNAVAILABLE, and it may have been done.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        payload = msgspec.json.encode(command)
        subject = command.subject()
        while True:
            await self._wait_connected(deadline - loop.time())
            try:
                answer = await self._ask(subject, payload, deadline - loop.time())
            except nats.errors.NoRespondersError:
                if loop.time() + _NO_RESPONDER_PAUSE >= deadline:
                    raise BusError(ErrorCode.UNAVAILABLE, f"nobody answers {subject}; nothing was done") from None
                await asyncio.sleep(_NO_RESPONDER_PAUSE)
            else:
                return self._read(command, answer)

    async def _wait_connected(self, timeout: float) -> None:
        if self._connected.is_set():
            return
        try:
            await asyncio.wait_for(self._connected.wait(), max(timeout, 0))
        except TimeoutError:
            raise BusError(ErrorCode.UNAVAILABLE, "the bus is away; nothing was done") from None

    async def _ask(self, subject: str, payload: bytes, timeout: float) -> RawMessage:
        if not self.carries(payload):
            raise BusError(ErrorCode.TOO_LARGE, "the request is larger than the bus carries")
        trace = current_trace()
        headers = {HEADER: trace} if trace else None
        try:
            return await self._inbox.ask(subject, payload, max(timeout, 0.001), headers)
        except nats.errors.NoRespondersError:
            raise
        except nats.errors.Error as error:
            detail = "no answer in time; it may have been done"
            raise BusError(ErrorCode.UNAVAILABLE, detail) from error

    def _read(self, command: Command[R], answer: RawMessage) -> R:
        if answer.headers and (code := answer.headers.get(ERROR_CODE)):
            raise BusError.decode(int(code), answer.data)
        kind = type(command)
        decoder = self._reply_decoders.get(kind)
        if decoder is None:
            decoder = self._reply_decoders[kind] = msgspec.json.Decoder(kind.reply_type())
        try:
            return decoder.decode(answer.data)
        except ValueError as error:
            log.exception("an answer breaks the contract", subject=kind.subject())
            raise BusError(ErrorCode.INTERNAL, "the answer made no sense; it may have been done") from error

    def carries(self, payload: bytes) -> bool:
        """Whether the server takes a message of this size; it hangs up on whoever sends too much."""
        return len(payload) <= self.client.max_payload - _HEADER_BYTES

    async def publish(self, event: Event, subject: str) -> None:
        """Tell whoever listens now; nobody answers and nothing is kept."""
        trace = current_trace()
        await self.client.publish(subject, msgspec.json.encode(event), headers={HEADER: trace} if trace else None)

    async def listen(self, subject: str, listener: Listener, *, queue: str = "") -> Subscription:
        """Call `listener` with each message, one after another; when this returns the server knows of it."""
        subscription = await self.client.subscribe(subject, queue=queue, cb=listener)
        await self.flush()
        return subscription

    async def forget(self, subscription: Subscription) -> None:
        """Hear nothing new, nor what has come already."""
        with suppress(nats.errors.Error):
            await subscription.unsubscribe()

    async def leave(self, subscription: Subscription) -> None:
        """Hear nothing new, after the listener got what has come already."""
        try:
            if self.client.is_connected:
                # Its own flush would wait much longer for a server that died meanwhile.
                await asyncio.wait_for(subscription.drain(), FLUSH_SECONDS)
        except (TimeoutError, nats.errors.Error) as error:
            log.warning("cannot drain", role=self._name, error=str(error) or type(error).__name__)
        finally:
            # Otherwise a reconnect would bring it back to life.
            self.client._remove_sub(subscription._id)
            subscription._stop_processing()
