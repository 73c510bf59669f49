"""From a declared route to what aiohttp calls: decode, ask, encode, and one boundary for whatever fails.

Everything that can be known beforehand is settled when the handler is made, not when it is called.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from http import HTTPStatus
from logging import DEBUG
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from yarl import URL

from gateway.api import Ask, Edge, Route, WithCookie
from gateway.auth import Caller
from gateway.errors import HttpProblem, refusal, unreadable
from infra.log import get_logger
from infra.telemetry import HEADER, start_trace
from schemas.base import Record
from schemas.errors import invalid, not_found
from schemas.text import Key

log = get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
S = TypeVar("S", bound=Record)
Reader = Callable[[web.Request], Any]

IDEMPOTENCY_KEY = "Idempotency-Key"
MAX_BODY = 1024 * 1024

_ID_DIGITS = 16
_MAX_ID = 2**53 - 1
_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

_encode = msgspec.json.Encoder().encode


def bounded(handle: Handler, name: str) -> Handler:
    """The boundary around every handler: a trace, a line in the log, and a problem document when it fails."""

    async def call(request: web.Request) -> web.StreamResponse:
        started = time.perf_counter()
        start_trace(request.headers.get(HEADER))
        try:
            response = await handle(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            response = refusal(error)
        if log.isEnabledFor(DEBUG):
            took = round((time.perf_counter() - started) * 1000, 2)
            log.debug("request", method=request.method, route=name, status=response.status, ms=took)
        return response

    return call


def handler(route: Route, edge: Edge) -> Handler:
    """The handler of one route."""
    caller = next((parameter.name for parameter in route.given if parameter.type is Caller), None)
    readers = [*_readers(route, edge)]
    body = msgspec.json.Decoder(route.body) if route.body else None
    status, function, changes, door = int(route.status), route.function, route.changes, edge.door
    closed = changes and route.query is None

    async def handle(request: web.Request) -> web.Response:
        if changes:
            door.check_origin(request)
        if closed and request.query_string:
            # A `version` that is not looked at would let somebody overwrite who thinks that it is.
            raise invalid("this takes no parameters in its address", next(iter(request.query), None))
        arguments: dict[str, Any] = {}
        if caller is not None:
            arguments[caller] = await door.caller(request)
        for name, read in readers:
            arguments[name] = read(request)
        if body is not None:
            arguments["body"] = await _body(request, body)
        return _response(await function(**arguments), status)

    return bounded(handle, route.name)


def _response(result: Any, status: int) -> web.Response:
    if result is None:
        return web.Response(status=status)
    if not isinstance(result, WithCookie):
        return web.Response(body=_encode(result), status=status, headers=_HEADERS)
    response = _response(result.body, status)
    response.headers["Set-Cookie"] = result.cookie
    return response


def _readers(route: Route, edge: Edge) -> Iterator[tuple[str, Reader]]:
    """What is taken from the request without waiting."""
    for parameter in route.ids:
        yield parameter.name, partial(id_from_path, parameter.name)
    for parameter in route.given:
        if parameter.type is not Caller:
            yield parameter.name, _given(parameter.type, edge, route)
    if route.query is not None:
        yield "query", partial(read_query, route.query)


def _given(kind: Any, edge: Edge, route: Route) -> Reader:
    if kind is Edge:
        return lambda _: edge
    if kind is Ask:
        return lambda request: Ask(edge.bus, _idempotency_key(request) if route.changes else None)
    if kind is URL:
        return edge.address
    return lambda request: request


def id_from_path(name: str, request: web.Request) -> int:
    """An id from the path; what cannot be one names nothing that exists."""
    text = request.match_info[name]
    if not (text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS and 1 <= (number := int(text)) <= _MAX_ID):
        raise not_found(name)
    return number


def read_query(kind: type[S], request: web.Request) -> S:
    """The query as a struct; a parameter without a value counts as absent."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name in given:
            raise invalid("given twice", name)
        if value:
            given[name] = value
    try:
        return msgspec.convert(given, kind, strict=False)
    except ValueError as error:
        raise unreadable(error) from None


def _idempotency_key(request: web.Request) -> Key | None:
    text = request.headers.get(IDEMPOTENCY_KEY)
    if text is None:
        return None
    try:
        return msgspec.convert(text, Key)
    except msgspec.ValidationError:
        raise invalid("1 to 100 visible ASCII characters", IDEMPOTENCY_KEY) from None


async def _body(request: web.Request, decoder: msgspec.json.Decoder[Record]) -> Record:
    """The body as a struct. The type must be JSON: a page elsewhere cannot send that without asking first."""
    kind = request.headers.get("Content-Type")
    if kind is not None and kind.partition(";")[0].strip().lower() != "application/json":
        raise HttpProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send application/json")
    try:
        return decoder.decode(await request.read())
    # Bad UTF-8 leaves msgspec as UnicodeDecodeError, absurd nesting as RecursionError.
    except (ValueError, RecursionError) as error:
        raise unreadable(error) from None
