"""How a route is declared: a function whose annotations say all that there is to know about it.

    @route("POST", "/api/tasks/", status=201)
    async def create_task(ask: Ask, caller: Caller, body: NewTask) -> TaskView:
        \"\"\"Create an open task at the end of a list.\"\"\"

Path parameters go by their name; `body` is JSON and `query` what follows the question mark, each a struct. A `Caller`
must be signed in or show an API token, an `OwnSession` takes no token, a `Service` and a `Linked` take the service's.
What is returned is the JSON of the answer, and None is 204. The OpenAPI document says the same, because it is made of
the same annotations.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from aiohttp import web
from yarl import URL

from gateway.access.door import SAFE_METHODS, Door
from gateway.access.limits import Limit, Limiter
from gateway.access.peers import Peers
from gateway.access.service import Services
from gateway.access.session_index import SessionIndex
from gateway.access.sessions import Sessions
from gateway.access.tokens import Tokens
from gateway.access.writes import Writes
from gateway.auth import Caller, Linked, OwnSession, Service
from infra.bus import Bus
from infra.config import Settings
from infra.remembered import Remembered
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


class Tagged(Record, Generic[T]):
    """An answer that is written already: `body` is the JSON of a T. An empty `tag` is made from the body."""

    body: bytes
    tag: str = ""


@dataclass(frozen=True)
class Edge:
    """What the gateway stands on."""

    bus: Bus
    settings: Settings
    sessions: Sessions
    index: SessionIndex
    tokens: Tokens
    door: Door
    services: Services
    peers: Peers
    limiter: Limiter
    writes: Writes
    pages: Remembered[Tagged[Any]]
    """Pages of tasks under their tags, so that the store need not send again what has not changed."""

    def address(self, request: web.Request) -> URL:
        """Where the caller sent this; behind a proxy only `PUBLIC_URL` knows, and without a good `Host` nobody."""
        try:
            site = URL(self.settings.public_url or f"{request.scheme}://{request.headers['Host']}")
            return site.join(request.rel_url)
        except (KeyError, ValueError):
            return request.rel_url


class WithCookie(Record, Generic[T]):
    """An answer that leaves a cookie behind: `cookie` is the `Set-Cookie` header."""

    body: T
    cookie: str


WHO = (Caller, OwnSession, Service, Linked)
"""Who may have to ask; a function has one of them at most."""

GIVEN = (*WHO, Ask, Edge, URL, web.Request)
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
    limit: Limit | None
    """How often it may be tried."""

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def changes(self) -> bool:
        return self.method not in SAFE_METHODS

    @property
    def who(self) -> Parameter | None:
        """The parameter that says who may ask; None is everybody."""
        return next((parameter for parameter in self.given if parameter.type in WHO), None)

    @property
    def signed_in(self) -> bool:
        """Whether it is for people who are signed in."""
        return self.who is not None and self.who.type in (Caller, OwnSession)

    @property
    def tagged(self) -> bool:
        """Whether its answers have an ETag."""
        return self.method == "GET" and self.signed_in and self.reply is not None

    @property
    def problems(self) -> frozenset[HTTPStatus]:
        """Every status of a refusal."""
        may = {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE, *self.also}
        if self.query or self.body or self.changes:
            may.add(HTTPStatus.BAD_REQUEST)
        if self.body:
            may |= {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
        if self.changes:
            may.add(HTTPStatus.FORBIDDEN)
        if self.changes and self.signed_in:
            may.add(HTTPStatus.CONFLICT)
        if self.ids:
            may.add(HTTPStatus.NOT_FOUND)
        if self.limit:
            may.add(HTTPStatus.TOO_MANY_REQUESTS)
        return frozenset(may | self._of_who_asks())

    def _of_who_asks(self) -> set[HTTPStatus]:
        if self.who is None:
            return set()
        may = {HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS}
        if self.who.type is OwnSession:
            may.add(HTTPStatus.FORBIDDEN)
        if self.who.type is Linked:
            may |= {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
        return may


Decorator = Callable[[Callable[..., Awaitable[Any]]], Route]


def route(
    method: str,
    path: str,
    *,
    status: int = 200,
    example: Record | None = None,
    also: tuple[int, ...] = (),
    limit: Limit | None = None,
) -> Decorator:
    """Declare a route; raises TypeError where the annotations leave something open."""

    def declare(function: Callable[..., Awaitable[Any]]) -> Route:
        hints = get_type_hints(function, include_extras=True)
        reply = hints.pop("return")
        if get_origin(reply) is Tagged:
            (reply,) = get_args(reply)
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
            limit=limit,
        )

    return declare
