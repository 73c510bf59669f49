"""The bus: one NATS connection of one role, speaking the messages of `schemas`."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Self

import msgspec
import nats
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg as RawMessage
from nats.aio.subscription import Subscription

from infra.config import Settings
from infra.inbox import Inbox
from infra.log import get_logger
from infra.telemetry import HEADER, current_trace
from schemas.base import Command, Event, R, Role
from schemas.errors import BusError, ErrorCode

__all__ = ["Bus", "RawMessage", "Subscription"]

log = get_logger(__name__)

ERROR = "Nats-Service-Error"
ERROR_CODE = "Nats-Service-Error-Code"
INBOX = "_INBOX"

_RECONNECT_SECONDS = 0.2
# The server counts headers as payload, and hangs up on whoever sends too much.
_HEADER_BYTES = 1024
_NO_RESPONDER_PAUSE = 0.05
_FLUSH_SECONDS = 3

Listener = Callable[[RawMessage], Awaitable[None]]
Callback = Callable[[], None]


def inbox_prefix(role: Role) -> str:
    """Where a role gets its answers; no other role may listen there."""
    return f"{INBOX}_{role}"


class Bus:
    """A connection that comes back by itself for as long as it is open."""

    def __init__(self, settings: Settings, role: Role, *, name: str = "") -> None:
        self.client = Client()
        self.role = role
        self._inbox = Inbox(self.client, inbox_prefix(role))
        self._settings = settings
        self._name = name or role.value
        self._connected = asyncio.Event()
        self._leaving = False
        self._last_error = ""
        self._reconnect_callbacks: list[Callback] = []
        self._drop_callbacks: list[Callback] = []
        self._reply_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}

    @property
    def connected(self) -> bool:
        return self._connected.is_set()

    def on_reconnect(self, callback: Callback) -> None:
        """Call `callback` after each reconnect: what was published meanwhile has been missed."""
        self._reconnect_callbacks.append(callback)

    def on_drop(self, callback: Callback) -> None:
        """Call `callback` whenever messages were dropped because we read too slowly."""
        self._drop_callbacks.append(callback)

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def connect(self) -> None:
        """Try until NATS lets us in."""
        while True:
            try:
                await self._connect()
            except (TimeoutError, OSError, nats.errors.Error) as error:
                log.warning("cannot reach NATS yet", role=self._name, error=str(error) or type(error).__name__)
                await asyncio.sleep(_RECONNECT_SECONDS)
            else:
                self._last_error = ""
                self._connected.set()
                return

    async def _connect(self) -> None:
        password = self._settings.nats_password(self.role)
        self.client = Client()
        await self.client.connect(
            self._settings.nats_url.split(","),
            name=self._name,
            user=self.role.value if password else None,
            password=password or None,
            inbox_prefix=inbox_prefix(self.role),
            max_reconnect_attempts=-1,
            reconnect_time_wait=_RECONNECT_SECONDS,  # pyright: ignore[reportArgumentType] - a float is fine for sleep
            ping_interval=5,  # seconds; after two without an answer the connection counts as dead
            skip_subject_validation=True,  # subjects are derived, never typed
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnect,
            reconnected_cb=self._on_reconnect,
            closed_cb=self._on_close,
        )
        self._inbox = Inbox(self.client, inbox_prefix(self.role))
        await self._inbox.open()

    # These four run inside the client's own loops and must not wait for anything.

    async def _on_error(self, error: Exception) -> None:
        if isinstance(error, nats.errors.SlowConsumerError):
            log.warning("messages dropped", role=self._name, subject=error.subject)
            for callback in self._drop_callbacks:
                callback()
        elif (text := str(error) or type(error).__name__) != self._last_error:
            # Each attempt to reconnect comes here; the first that fails says it all.
            self._last_error = text
            log.warning("bus error", role=self._name, error=text)

    async def _on_disconnect(self) -> None:
        self._connected.clear()

    async def _on_reconnect(self) -> None:
        self._connected.set()
        self._last_error = ""
        log.info("bus is back", role=self._name)
        for callback in self._reconnect_callbacks:
            callback()

    async def _on_close(self) -> None:
        """After some errors of the server's the client gives up; then a new process does better than this one."""
        if not self._leaving:
            log.critical("the server has closed the bus for good; this process ends", role=self._name)
            signal.raise_signal(signal.SIGTERM)

    async def close(self) -> None:
        """Send what is still to be sent, if somebody takes it, then leave."""
        self._leaving = True
        await self.flush()
        if not self.client.is_closed:
            await self.client.close()

    async def flush(self) -> bool:
        """Wait until the server has taken in all that was said and asked; False when it is away."""
        try:
            if self.client.is_connected:
                # nats-py writes its ping ahead of what is still pending: only the second answer comes after all that.
                await self._round_trip()
                await self._round_trip()
                return True
        except (OSError, nats.errors.Error) as error:
            log.warning("cannot flush", role=self._name, error=str(error) or type(error).__name__)
        return False

    async def _round_trip(self) -> None:
        """A ping and its pong.

        The client's own `flush`, when it is cancelled or late, leaves a cancelled future behind; the pong that meets
        it ends the client's reading loop, and with that the connection, without a word.
        """
        pong = asyncio.get_running_loop().create_future()
        await self.client._send_ping(pong)
        await asyncio.wait_for(asyncio.shield(pong), _FLUSH_SECONDS)

    async def settle(self) -> None:
        """As `flush`, but waits for a server that is away; a reconnect repeats all subscriptions."""
        while not await self.flush():
            await asyncio.sleep(_RECONNECT_SECONDS)
            await self._connected.wait()

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
                await asyncio.wait_for(subscription.drain(), _FLUSH_SECONDS)
        except (TimeoutError, nats.errors.Error) as error:
            log.warning("cannot drain", role=self._name, error=str(error) or type(error).__name__)
        finally:
            # Otherwise a reconnect would bring it back to life.
            self.client._remove_sub(subscription._id)
            subscription._stop_processing()
