"""How a route is declared: a function whose annotations say all that there is to know about it.

    @route("POST", "/api/tasks/", status=201)
    async def create_task(ask: Ask, caller: Caller, body: NewTask) -> TaskView:
        \"\"\"Create an open task at the end of a list.\"\"\"

Path parameters go by their name; `body` is JSON and `query` what follows the question mark, each a struct; a `Caller`
must be signed in; what is returned is the JSON of the answer, and None is 204. The OpenAPI document says the same,
because it is made of the same annotations.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec
from aiohttp import web
from yarl import URL

from gateway.auth import Caller, Sessions
from gateway.door import SAFE_METHODS, Door
from infra.bus import Bus
from schemas.base import Command, R, Record
from schemas.boards import BoardChange
from schemas.text import Key

T = TypeVar("T")


class Ask:
    """Asks the bus on behalf of one call: each change carries the call's idempotency key."""

    __slots__ = ("_bus", "_key")

    def __init__(self, bus: Bus, key: Key | None) -> None:
        self._bus = bus
        self._key = key

    async def __call__(self, command: Command[R]) -> R:
        """Raises BusError."""
        if self._key is not None and isinstance(command, BoardChange):
            command = msgspec.structs.replace(command, key=self._key)
        return await self._bus.request(command)


@dataclass(frozen=True)
class Edge:
    """What the gateway stands on."""

    bus: Bus
    sessions: Sessions
    door: Door
    public_url: str = ""

    def address(self, request: web.Request) -> URL:
        """Where the caller sent this; behind a proxy only `PUBLIC_URL` knows, and without a good `Host` nobody."""
        try:
            site = URL(self.public_url or f"{request.scheme}://{request.headers['Host']}")
            return site.join(request.rel_url)
        except (KeyError, ValueError):
            return request.rel_url


class WithCookie(Record, Generic[T]):
    """An answer that leaves a cookie behind: `cookie` is the `Set-Cookie` header."""

    body: T
    cookie: str


GIVEN = (Ask, Caller, Edge, URL, web.Request)
"""What a function may ask for by type; the URL is the address of this call as the caller knows it."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a route's function: what it is called and what it holds."""

    name: str
    type: Any


@dataclass(frozen=True)
class Route:
    """One operation of the API."""

    method: str
    path: str
    function: Callable[..., Awaitable[Any]]
    status: HTTPStatus
    reply: Any
    """What the body of the answer holds; None means that there is no body."""
    ids: tuple[Parameter, ...]
    """The path parameters."""
    given: tuple[Parameter, ...]
    """What does not come from the text of the request, such as the caller."""
    query: type[Record] | None
    body: type[Record] | None
    example: Record | None
    """A body that works."""
    also: frozenset[HTTPStatus]
    """How else than usual it may be refused."""

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def changes(self) -> bool:
        return self.method not in SAFE_METHODS

    @property
    def signed_in(self) -> bool:
        return any(parameter.type is Caller for parameter in self.given)

    @property
    def problems(self) -> frozenset[HTTPStatus]:
        """Every status of a refusal."""
        may = {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE, *self.also}
        if self.query or self.body or self.changes:
            may.add(HTTPStatus.BAD_REQUEST)
        if self.body:
            may |= {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
        if self.signed_in:
            may.add(HTTPStatus.UNAUTHORIZED)
        if self.changes:
            may.add(HTTPStatus.FORBIDDEN)
        if self.changes and self.signed_in:
            may.add(HTTPStatus.CONFLICT)
        if self.ids:
            may.add(HTTPStatus.NOT_FOUND)
        return frozenset(may)


Decorator = Callable[[Callable[..., Awaitable[Any]]], Route]


def route(
    method: str, path: str, *, status: int = 200, example: Record | None = None, also: tuple[int, ...] = ()
) -> Decorator:
    """Declare a route; raises TypeError where the annotations leave something open."""

    def declare(function: Callable[..., Awaitable[Any]]) -> Route:
        hints = get_type_hints(function, include_extras=True)
        reply = hints.pop("return")
        ids = tuple(Parameter(name, hints.pop(name)) for name in re.findall(r"{(\w+)}", path))
        query, body = hints.pop("query", None), hints.pop("body", None)
        if strange := [name for name, kind in hints.items() if kind not in GIVEN]:
            raise TypeError(f"{function.__name__}: where should {', '.join(strange)} come from?")
        return Route(
            method=method,
            path=path,
            function=function,
            status=HTTPStatus(status),
            reply=None if reply is type(None) else reply,
            ids=ids,
            given=tuple(Parameter(name, kind) for name, kind in hints.items()),
            query=query,
            body=body,
            example=example,
            also=frozenset(HTTPStatus(number) for number in also),
        )

    return declare
