"""The base of all actors: what a class says with `@handle` becomes subscriptions, mailboxes and discovery.

nats-py runs the callbacks of one subscription one after another, so a callback only puts the message into a bounded
mailbox. Batches form by themselves: whatever waits, up to the limit, goes to a batch handler at once.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from types import UnionType
from typing import Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from mode import Service

from infra.bus import Bus, RawMessage, Subscription
from infra.cancelled import told_to_stop
from infra.discovery import Discovery
from infra.log import get_logger
from infra.mailbox import Endpoint, Envelope, Letter, Mailbox, Outcome
from schemas.base import Command, Message, Role, TeamEvent, leaves

log = get_logger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

_STOP_SECONDS = 10.0


class Handling(msgspec.Struct, frozen=True):
    """What `@handle` says of a method."""

    kinds: tuple[type[Message], ...]
    batch: int
    workers: int
    capacity: int


def handle(method: F) -> F:
    """Handle one message at a time, sixteen at once; the parameter's annotation is the subscription."""
    return handle_few(workers=16, capacity=1024)(method)


def handle_few(*, workers: int, capacity: int) -> Callable[[F], F]:
    """As `handle`, for what is dear: `workers` at once while `capacity` wait."""

    def decorate(method: F) -> F:
        return _mark(method, Handling(_kinds(_parameter(method)), batch=1, workers=workers, capacity=capacity))

    return decorate


def handle_batch(*, limit: int, capacity: int = 4096) -> Callable[[F], F]:
    """Handle all that waits at once, `limit` at most: `list[Envelope[X]]` in, one outcome each out, in order."""

    def decorate(method: F) -> F:
        (envelope,) = get_args(_parameter(method))
        return _mark(method, Handling(_kinds(get_args(envelope)[0]), batch=limit, workers=1, capacity=capacity))

    return decorate


def every(seconds: float) -> Callable[[Callable[[Any], Awaitable[None]]], Any]:
    """Call the method again and again; when it fails that is logged, and the next time comes all the same."""

    def decorate(method: Callable[[Any], Awaitable[None]]) -> Any:
        async def guarded(self: Any) -> None:
            try:
                await method(self)
            except (Exception, asyncio.CancelledError):
                if told_to_stop():
                    raise
                log.exception("a timer failed", timer=method.__qualname__)

        return Service.timer(seconds, name=method.__qualname__)(guarded)

    return decorate


def _mark(method: F, handling: Handling) -> F:
    method.__dict__["handling"] = handling
    return method


def _parameter(method: Callable[..., Any]) -> Any:
    name = list(inspect.signature(method).parameters)[1]
    return get_type_hints(method)[name]


def _kinds(annotation: Any) -> tuple[type[Message], ...]:
    """A message, a union of them, or a base class that stands for all below it."""
    kinds: list[type[Message]] = []
    for kind in get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,):
        message = get_origin(kind) or kind
        kinds += [message] if message.__struct_config__.tag is not None else leaves(message)
    if not kinds:
        raise TypeError(f"{annotation} names no message")
    return tuple(dict.fromkeys(kinds))


class Actor(Service):
    """An actor: `role` is its name on the bus and its queue group, so any number of each may run."""

    abstract = True
    role: ClassVar[Role]

    def __init__(self, bus: Bus) -> None:
        super().__init__()
        self.bus = bus
        self.endpoints: list[Endpoint] = []
        self._mailboxes: list[Mailbox] = []
        self._subscriptions: list[Subscription] = []

    @classmethod
    def handlings(cls) -> Iterator[tuple[str, Handling]]:
        """The surface of the actor: method name and what it handles."""
        for name, method in inspect.getmembers(cls, inspect.isfunction):
            if (handling := method.__dict__.get("handling")) is not None:
                yield name, handling

    async def on_start(self) -> None:
        """Listen; when this returns, requests from anywhere are heard."""
        self.endpoints, self._mailboxes, self._subscriptions = [], [], []
        for name, handling in self.handlings():
            await self._open(getattr(self, name), handling)
        discovery = Discovery(self.role, self.endpoints, (type(self).__doc__ or "").strip().split("\n")[0])
        for subject in discovery.subjects():
            self._subscriptions.append(await self.bus.client.subscribe(subject, cb=discovery.answer))
        await self.bus.settle()
        log.info("actor is ready", actor=self.role.value)

    async def _open(self, method: Callable[..., Awaitable[Any]], handling: Handling) -> None:
        work = partial(_all, method) if handling.batch > 1 else partial(_one, method)
        mailbox = Mailbox(work, batch=handling.batch, workers=handling.workers, capacity=handling.capacity)
        self._mailboxes.append(mailbox)
        for _ in range(mailbox.workers):
            self.add_future(mailbox.run())
        for kind in handling.kinds:
            endpoint = Endpoint(kind, _subject(kind))
            self.endpoints.append(endpoint)
            deliver = partial(_deliver, mailbox, endpoint)
            self._subscriptions.append(
                await self.bus.client.subscribe(endpoint.subject, queue=self.role.value, cb=deliver)
            )

    async def on_stop(self) -> None:
        """Hear nothing new, finish what was heard, send it."""
        await asyncio.gather(*(self.bus.leave(subscription) for subscription in self._subscriptions))
        for mailbox in self._mailboxes:
            await mailbox.finish(_STOP_SECONDS)
        await self.bus.flush()


async def _deliver(mailbox: Mailbox, endpoint: Endpoint, raw: RawMessage) -> None:
    await mailbox.deliver(Letter(endpoint, raw))


async def _one(method: Callable[[Any], Awaitable[Outcome]], envelopes: Sequence[Envelope[Any]]) -> Sequence[Outcome]:
    return [await method(envelopes[0].message)]


async def _all(
    method: Callable[[Any], Awaitable[Sequence[Outcome]]], envelopes: Sequence[Envelope[Any]]
) -> Sequence[Outcome]:
    return await method(envelopes)


def _subject(kind: type[Message]) -> str:
    if issubclass(kind, Command):
        return kind.subject()
    if issubclass(kind, TeamEvent):
        return kind.subjects()
    raise TypeError(f"nobody can subscribe to {kind.__name__}")
