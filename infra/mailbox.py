"""A bounded mailbox: what an actor has been sent and not yet worked off, and the answers to it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter_ns
from typing import Any, Generic, TypeVar

import msgspec
import nats.errors

from infra.bus import ERROR, ERROR_CODE, RawMessage
from infra.cancelled import told_to_stop
from infra.inbox import INBOX
from infra.log import get_logger
from infra.telemetry import HEADER, follow_trace
from schemas.base import Command, Message
from schemas.errors import BusError, ErrorCode

log = get_logger(__name__)

M = TypeVar("M", bound=Message)

Outcome = Any
"""A Record (or `msgspec.Raw` of one), None, or the BusError that says why not."""

_encoder = msgspec.json.Encoder()


class Envelope(msgspec.Struct, Generic[M], frozen=True):
    """A message and the trace it came with."""

    message: M
    trace: str


class Endpoint:
    """One subject an actor listens to, and its numbers for the STATS of ADR-32."""

    def __init__(self, kind: type[Message], subject: str) -> None:
        self.kind = kind
        self.subject = subject
        self.answers = issubclass(kind, Command)
        self.decoder = msgspec.json.Decoder(kind)
        self.requests = 0
        self.errors = 0
        self.last_error = ""
        self.nanoseconds = 0

    @property
    def name(self) -> str:
        return self.kind.tag().replace(".", "-")


class Letter:
    """A message as it came, with where it came in."""

    __slots__ = ("endpoint", "raw")

    def __init__(self, endpoint: Endpoint, raw: RawMessage) -> None:
        self.endpoint = endpoint
        self.raw = raw

    def open(self) -> Envelope[Any] | BusError:
        """Decode; what is not JSON of the right form is INVALID, with the path of the fault."""
        headers = self.raw.headers
        try:
            return Envelope(self.endpoint.decoder.decode(self.raw.data), headers.get(HEADER, "") if headers else "")
        # Bad UTF-8 inside a string leaves msgspec as UnicodeDecodeError; RecursionError means absurd nesting.
        except (ValueError, RecursionError) as error:
            return refusal_of(error)

    async def answer(self, outcome: Outcome) -> None:
        """Send the outcome to whoever asked."""
        if isinstance(outcome, BusError):
            self.endpoint.errors += 1
            self.endpoint.last_error = f"{outcome.code.value}:{outcome.code.name}"
        # An actor may publish to whatever a request names as its reply; so only inboxes are answered.
        if not (self.endpoint.answers and self.raw.reply.startswith(INBOX)):
            return
        try:
            if isinstance(outcome, BusError):
                await self._refuse(outcome)
            else:
                await self._send(outcome)
        except nats.errors.Error as error:
            # The asker's time-out says that it may have been done, which is true.
            log.warning("an answer was lost", subject=self.endpoint.subject, error=type(error).__name__)

    async def _send(self, outcome: Outcome) -> None:
        try:
            await self.raw._client.publish(self.raw.reply, _encoder.encode(outcome))
        except nats.errors.MaxPayloadError:
            await self._refuse(BusError(ErrorCode.TOO_LARGE, "the answer is larger than the bus carries"))
        except (TypeError, ValueError, RecursionError):
            log.exception("an answer cannot be encoded", subject=self.endpoint.subject)
            await self._refuse(_internal())

    async def _refuse(self, error: BusError) -> None:
        headers = {ERROR: error.code.name, ERROR_CODE: str(error.code.value)}
        await self.raw._client.publish(self.raw.reply, error.encode(), headers=headers)


def refusal_of(error: Exception) -> BusError:
    """INVALID with what msgspec says, and the field when it names one (`... - at `$.title``)."""
    text = str(error) if isinstance(error, msgspec.DecodeError) else "not valid JSON text"
    reason, _, path = text.partition(" - at `$")
    return BusError(ErrorCode.INVALID, reason, field=path.rstrip("`").lstrip(".") or None)


class Mailbox:
    """Letters that wait, worked off by `workers` at once, each taking up to `batch` of them.

    `work` gets the opened envelopes and gives one outcome for each, in order. It may raise: then every one of them
    failed, with that BusError or with INTERNAL.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Envelope[Any]]], Awaitable[Sequence[Outcome]]],
        *,
        batch: int,
        workers: int,
        capacity: int,
    ) -> None:
        self._work = work
        self._batch = batch
        self.workers = workers
        self._letters: asyncio.Queue[Letter] = asyncio.Queue(capacity)

    async def deliver(self, letter: Letter) -> None:
        """Take a letter in, or refuse it at once when the box is full."""
        letter.endpoint.requests += 1
        try:
            self._letters.put_nowait(letter)
        except asyncio.QueueFull:
            await letter.answer(BusError(ErrorCode.OVERLOADED, "too much to do; try again; nothing was done"))

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            letters = [await self._letters.get()]
            while len(letters) < self._batch and not self._letters.empty():
                letters.append(self._letters.get_nowait())
            try:
                await self._work_off(letters)
            finally:
                for _ in letters:
                    self._letters.task_done()

    async def finish(self, timeout: float) -> None:
        """Wait until all that was taken in is answered, for `timeout` seconds at most."""
        try:
            await asyncio.wait_for(self._letters.join(), timeout)
        except TimeoutError:
            log.warning("stopped with letters unanswered", letters=self._letters.qsize())

    async def _work_off(self, letters: list[Letter]) -> None:
        started = perf_counter_ns()
        outcomes: list[Outcome] = [letter.open() for letter in letters]
        good = [i for i, opened in enumerate(outcomes) if not isinstance(opened, BusError)]
        if good:
            envelopes: list[Envelope[Any]] = [outcomes[i] for i in good]
            for i, outcome in zip(good, await self._outcomes(envelopes), strict=True):
                outcomes[i] = outcome
        share = (perf_counter_ns() - started) // len(letters)
        for letter, outcome in zip(letters, outcomes, strict=True):
            letter.endpoint.nanoseconds += share
            await letter.answer(outcome)

    async def _outcomes(self, envelopes: list[Envelope[Any]]) -> Sequence[Outcome]:
        follow_trace(envelopes[0].trace)
        try:
            outcomes = await self._work(envelopes)
            if len(outcomes) == len(envelopes):
                return outcomes
            log.error("not one outcome for each message", messages=len(envelopes), outcomes=len(outcomes))
        except BusError as error:
            return [error] * len(envelopes)
        except asyncio.CancelledError:
            if told_to_stop():
                raise
            log.exception("a handler was cancelled from within")
        except Exception:
            log.exception("a handler failed", messages=sorted({e.message.tag() for e in envelopes}))
        return [_internal()] * len(envelopes)


def _internal() -> BusError:
    return BusError(ErrorCode.INTERNAL, "something went wrong here; it has been logged")
