"""The connection of one role to NATS: how it comes about, comes back and ends."""

import asyncio
import signal
from collections.abc import Callable
from typing import Self

import nats.errors
from nats.aio.client import Client

from infra.config import Settings
from infra.inbox import Inbox, inbox_prefix
from infra.log import get_logger
from schemas.base import Role

log = get_logger(__name__)

_RECONNECT_SECONDS = 0.2
FLUSH_SECONDS = 3
"""So long a server that does not answer is waited for."""

Callback = Callable[[], None]


class Connection:
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
        await asyncio.wait_for(asyncio.shield(pong), FLUSH_SECONDS)

    async def settle(self) -> None:
        """As `flush`, but waits for a server that is away; a reconnect repeats all subscriptions."""
        while not await self.flush():
            await asyncio.sleep(_RECONNECT_SECONDS)
            await self._connected.wait()
