"""JetStream: events published with an id that tells duplicates, and durable consumers that pull them."""

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import nats.errors
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from infra.bus import Bus, RawMessage, Subscription, inbox_prefix
from infra.log import get_logger
from infra.telemetry import HEADER
from schemas.base import EVENTS_STREAM, EVENTS_SUBJECTS

log = get_logger(__name__)

_DAY = 24 * 60 * 60

EVENTS = StreamConfig(
    name=EVENTS_STREAM,
    subjects=[EVENTS_SUBJECTS],
    storage=StorageType.FILE,
    retention=RetentionPolicy.LIMITS,
    max_age=7 * _DAY,
    max_bytes=2 * 1024**3,
    duplicate_window=120,
)
"""A window on the history: Postgres keeps all of it."""


async def ensure_stream(bus: Bus, config: StreamConfig) -> None:
    """Create the stream, or bring an existing one up to `config`. Raises nats.errors.Error when JetStream is away."""
    stream = bus.client.jetstream()
    try:
        await stream.update_stream(config)
    except NotFoundError:
        await stream.add_stream(config)


class StreamPublisher:
    """Publishes without waiting; each acknowledgement comes to `on_ack` with the message's id.

    The id is the tail of the reply subject, so nothing has to be kept for a message under way, and one whose
    acknowledgement is lost costs nothing.
    """

    def __init__(self, bus: Bus, on_ack: Callable[[str], None]) -> None:
        self._bus = bus
        self._on_ack = on_ack
        self._inbox = f"{inbox_prefix(bus.role)}.{uuid4().hex}"
        self._subscription: Subscription | None = None

    async def open(self) -> None:
        self._subscription = await self._bus.listen(f"{self._inbox}.>", self._acknowledge)

    async def close(self) -> None:
        if self._subscription is not None:
            await self._bus.leave(self._subscription)
            self._subscription = None

    async def publish(self, subject: str, payload: bytes, *, message_id: str, trace: str = "") -> None:
        """Live subscribers get it now; the stream takes it once however often it is published."""
        headers = {"Nats-Msg-Id": message_id}
        if trace:
            headers[HEADER] = trace
        await self._bus.client.publish(subject, payload, reply=f"{self._inbox}.{message_id}", headers=headers)

    async def _acknowledge(self, raw: RawMessage) -> None:
        if raw.data.startswith(b'{"stream"'):
            self._on_ack(raw.subject[len(self._inbox) + 1 :])
        else:
            # No stream, or it refuses: the outbox still holds the event.
            log.warning("the stream did not take an event", answer=raw.data.decode(errors="replace")[:200])


async def consume(bus: Bus, stream: str, durable: str, subject: str, *, batch: int) -> AsyncIterator[list[RawMessage]]:
    """Batches for a durable consumer, for as long as the bus is open; each message must be acknowledged.

    What is not acknowledged comes again after 30 s; several processes with one `durable` share the work.
    """
    context: JetStreamContext = bus.client.jetstream()
    config = ConsumerConfig(durable_name=durable, ack_wait=30, max_ack_pending=batch * 4)
    subscription = await context.pull_subscribe(subject, durable=durable, stream=stream, config=config)
    while not bus.client.is_closed:
        try:
            yield await subscription.fetch(batch, timeout=5)
        except nats.errors.TimeoutError:
            continue
