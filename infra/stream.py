"""JetStream: events published with an id that tells duplicates, and durable consumers that pull them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import uuid4

import msgspec
from mode import Service
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from infra.bus import Bus, RawMessage, Subscription
from infra.cancelled import told_to_stop
from infra.inbox import inbox_prefix
from infra.log import get_logger
from infra.telemetry import HEADER
from schemas.base import ACCOUNT_SUBJECTS, EVENTS_STREAM, EVENTS_SUBJECTS, OUTBOUND_STREAM, OUTBOUND_SUBJECTS

log = get_logger(__name__)

_DAY = 24 * 60 * 60
_BATCH = 100
_FETCH_SECONDS = 5
_PAUSE = 1.0
"""Seconds before what failed is tried again."""

_START, _APPEND, _COMMIT = range(3)
_FLOW = 1000
"""After so many messages of a batch the server says how far it has come, which nobody here waits for."""

EVENTS = StreamConfig(
    name=EVENTS_STREAM,
    subjects=[EVENTS_SUBJECTS, ACCOUNT_SUBJECTS],
    storage=StorageType.FILE,
    retention=RetentionPolicy.LIMITS,
    max_age=7 * _DAY,
    max_bytes=1920 * 1024**2,
    duplicate_window=120,
    allow_batched=True,
)
"""A window on the history: Postgres keeps all of it. Both streams together fit into NATS_MAX_FILE_STORE, 2 GB."""

OUTBOUND = StreamConfig(
    name=OUTBOUND_STREAM,
    subjects=[OUTBOUND_SUBJECTS],
    storage=StorageType.FILE,
    retention=RetentionPolicy.WORK_QUEUE,
    max_age=_DAY,
    max_bytes=64 * 1024**2,
    max_msgs_per_subject=1,
    duplicate_window=120,
)
"""Work for the edges: each message says only that there is some, so one for an address says it all."""


async def ensure_stream(bus: Bus, config: StreamConfig) -> None:
    """Create the stream, or bring an existing one up to `config`. Raises nats.errors.Error when JetStream is away."""
    stream = bus.client.jetstream()
    try:
        info = await stream.update_stream(config)
    except NotFoundError:
        info = await stream.add_stream(config)
    if config.allow_batched and not info.config.allow_batched:
        log.error("nats-server is too old to say that it has stored a batch", stream=config.name, least="2.14")


class _Answer(msgspec.Struct):
    """What the server says of a batch: an acknowledgement, a notice of how far it has come, or an error."""

    type: str = ""
    count: int = 0


_answer = msgspec.json.Decoder(_Answer)


class Outgoing(NamedTuple):
    """A message for a stream."""

    subject: str
    payload: bytes
    message_id: str
    """Tells duplicates: the stream takes in what has the same only once."""
    trace: str = ""


class StreamPublisher:
    """Publishes without waiting, a batch at a time; `on_stored` gets the number of each that the stream holds whole.

    A batch is what NATS calls fast ingest (ADR-50): its messages are stored as they come, and what the server has to
    know stands in their reply subjects. It answers the last one, if it missed none. Nothing is kept here for what is
    under way, so a batch whose answer is lost costs nothing.
    """

    def __init__(self, bus: Bus, on_stored: Callable[[int], None]) -> None:
        self._bus = bus
        self._on_stored = on_stored
        self._id = uuid4().hex
        self._inbox = f"{inbox_prefix(bus.role)}.{self._id}"
        self._subscription: Subscription | None = None

    async def open(self) -> None:
        self._subscription = await self._bus.listen(f"{self._inbox}.>", self._hear)

    async def close(self) -> None:
        if self._subscription is not None:
            await self._bus.leave(self._subscription)
            self._subscription = None

    async def publish(self, number: int, messages: Sequence[Outgoing]) -> None:
        """Live subscribers get them now; each number must be used once."""
        batch = f"{self._inbox}.{self._id}-{number}.{_FLOW}.fail"
        for place, message in enumerate(messages, 1):
            step = _COMMIT if place == len(messages) else _START if place == 1 else _APPEND
            headers = {"Nats-Msg-Id": message.message_id}
            if message.trace:
                headers[HEADER] = message.trace
            reply = f"{batch}.{place}.{step}.$FI"
            await self._bus.client.publish(message.subject, message.payload, reply=reply, headers=headers)

    async def _hear(self, raw: RawMessage) -> None:
        batch, _, _, place, step, _ = raw.subject[len(self._inbox) + 1 :].split(".")
        answer = _answer.decode(raw.data or b"{}")
        if int(step) == _COMMIT and answer.count == int(place):
            self._on_stored(int(batch.rpartition("-")[2]))
        elif answer.type != "ack":
            # No stream, or it refuses, or missed something: whoever published it has it still.
            log.warning("the stream did not take what it was sent", answer=raw.data.decode(errors="replace")[:200])


class StreamReader(Service):
    """Reads the stream EVENTS in order, each event at least once, whoever was away in between.

    It is the durable consumer of the bus's role: several processes of one role share its work. What `work` fails on
    comes again.
    """

    abstract = False

    def __init__(
        self, bus: Bus, subjects: Iterable[str], work: Callable[[Sequence[RawMessage]], Awaitable[None]]
    ) -> None:
        """`subjects` are patterns of what it reads."""
        super().__init__()
        self._bus = bus
        self._subjects = tuple(subjects)
        self._work = work

    @Service.task
    async def _run(self) -> None:
        while not self.should_stop:
            try:
                async for messages in consume(
                    self._bus, EVENTS_STREAM, self._bus.role.value, *self._subjects, batch=_BATCH
                ):
                    await self._work_off(messages)
            except (Exception, asyncio.CancelledError) as error:
                if told_to_stop():
                    raise
                log.warning("cannot read the stream yet", role=self._bus.role.value, error=repr(error))
            await self.sleep(_PAUSE)

    async def _work_off(self, messages: Sequence[RawMessage]) -> None:
        try:
            await self._work(messages)
        except Exception:
            log.exception("events could not be taken in; they come again", role=self._bus.role.value)
            for message in messages:
                await message.nak(delay=_PAUSE)
        else:
            for message in messages:
                await message.ack()


async def consume(bus: Bus, stream: str, durable: str, *subjects: str, batch: int) -> AsyncGenerator[list[RawMessage]]:
    """Batches for a durable consumer, for as long as the bus is open; each message must be acknowledged.

    What is not acknowledged comes again after 30 s; several processes with one `durable` share the work.
    """
    context: JetStreamContext = bus.client.jetstream()
    config = ConsumerConfig(name=durable, durable_name=durable, filter_subjects=[*subjects], ack_wait=30)
    config.max_ack_pending = batch * 4
    # Made, or brought up to these subjects.
    await context.add_consumer(stream, config)
    subscription = await context.pull_subscribe_bind(durable, stream)
    try:
        while not bus.client.is_closed:
            if messages := await _fetch(subscription, batch):
                yield messages
            if told_to_stop():
                # Together with a message, it was lost in the client: in `asyncio.wait_for` of Python 3.11.
                raise asyncio.CancelledError
    finally:
        # What is left comes again. Draining would wait for the client to count down to nothing, and it does not count
        # what came in the moment in which a fetch gave up.
        await bus.forget(subscription._sub)


async def _fetch(subscription: JetStreamContext.PullSubscription, batch: int) -> list[RawMessage]:
    """All that waits, `batch` at most; nothing after a while in which nothing came.

    Asked for many at once, the client waits until it has so many or the time is over; so it is asked for one, which
    says how many more there are.
    """
    messages: list[RawMessage] = []
    with suppress(TimeoutError):
        messages += await subscription.fetch(1, timeout=_FETCH_SECONDS)
        if waiting := min(messages[0].metadata.num_pending, batch - 1):
            messages += await subscription.fetch(waiting, timeout=1)
    return messages
