"""From a declared route to what aiohttp calls: decode, ask, encode, and one boundary for whatever fails.

Everything that can be known beforehand is settled when the handler is made, not when it is called.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from logging import DEBUG
from typing import Any

import msgspec
from aiohttp import web
from yarl import URL

from gateway.access.limits import Limit, Limiter, Try
from gateway.api import WHO, Ask, Edge, Route, Tagged, WithCookie
from gateway.auth import Caller, Linked, OwnSession, Service
from gateway.errors import is_our_fault, refusal
from gateway.etags import board_tag, not_modified, tagged, unchanged_board
from gateway.reading import Reader, idempotency_key, read_body, read_query, reader_of_path
from infra.language import choose
from infra.log import get_logger
from infra.telemetry import HEADER, start_trace
from schemas.errors import forbidden, invalid
from schemas.history import Board

log = get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Function = Callable[[web.Request, dict[str, Any]], Awaitable[web.Response]]

_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store"}

_encode = msgspec.json.Encoder().encode


def bounded(handle: Handler, name: str) -> Handler:
    """The boundary around every handler: a trace, a line in the log, and a problem document when it fails."""

    async def call(request: web.Request) -> web.StreamResponse:
        started = time.perf_counter()
        start_trace(request.headers.get(HEADER))
        try:
            response = await handle(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            response = refusal(error, choose(request.headers.get("Accept-Language", "")))
        if log.isEnabledFor(DEBUG):
            took = round((time.perf_counter() - started) * 1000, 2)
            log.debug("request", method=request.method, route=name, status=response.status, ms=took)
        return response

    return call


def handler(route: Route, edge: Edge) -> Handler:
    """The handler of one route."""
    changes, door = route.changes, edge.door
    closed = changes and route.query is None
    who = _who(route, edge)
    readers = [*_readers(route, edge)]
    body = msgspec.json.Decoder(route.body) if route.body else None
    respond = _limited(route.limit, edge, _responder(route, edge))

    async def handle(request: web.Request) -> web.Response:
        if changes:
            door.check_origin(request)
        arguments: dict[str, Any] = {}
        if who is not None:
            await who(request, arguments)
        if closed and request.query_string:
            # A `version` that is not looked at would let somebody overwrite who thinks that it is.
            raise invalid("this takes no parameters in its address", next(iter(request.query), None))
        for name, read in readers:
            arguments[name] = read(request)
        if body is not None:
            arguments["body"] = await read_body(request, body)
        return await respond(request, arguments)

    return bounded(handle, route.name)


def _who(route: Route, edge: Edge) -> Callable[[web.Request, dict[str, Any]], Awaitable[None]] | None:
    """Finds out who asks, refuses those who may not, and counts changes."""
    if route.who is None:
        return None
    name, kind = route.who.name, route.who.type
    ways: dict[Any, Callable[[web.Request], Awaitable[Any]]] = {
        Caller: edge.door.caller,
        OwnSession: edge.door.own_session,
        Service: edge.services.service,
        Linked: edge.services.linked,
    }
    find, changes = ways[kind], route.changes
    take = None if kind is Service else edge.writes.take

    async def who(request: web.Request, arguments: dict[str, Any]) -> None:
        found = arguments[name] = await find(request)
        if not changes:
            return
        caller = found.caller if kind is OwnSession else found
        if kind is Caller and not caller.may_change:
            raise forbidden("this API token may only read")
        if take is not None:
            take(caller.id)

    return who


def _limited(limit: Limit | None, edge: Edge, respond: Function) -> Function:
    """The same, but no more often than `limit` says; a try that failed through our fault does not count."""
    if limit is None:
        return respond
    limiter: Limiter = edge.limiter

    async def respond_within(request: web.Request, arguments: dict[str, Any]) -> web.Response:
        one = Try(edge.peers.counted(request), arguments)
        await limiter.take(limit, one)
        try:
            response = await respond(request, arguments)
        except Exception as error:
            if is_our_fault(error):
                await limiter.give_back(limit, one)
            raise
        if limit.forgives:
            await limiter.give_back(limit, one)
        return response

    return respond_within


def _responder(route: Route, edge: Edge) -> Function:
    """Calls the function of the route and encodes what it returns."""
    function, status = route.function, int(route.status)

    async def respond(_: web.Request, arguments: dict[str, Any]) -> web.Response:
        return _response(await function(**arguments), status)

    async def respond_tagged(request: web.Request, arguments: dict[str, Any]) -> web.Response:
        result = await function(**arguments)
        if isinstance(result, Tagged):
            return tagged(request, result.body, result.tag)
        return tagged(request, _encode(result))

    if route.reply is Board:
        return _board_responder(route, edge, respond_tagged)
    return respond_tagged if route.tagged else respond


def _board_responder(route: Route, edge: Edge, respond: Function) -> Function:
    """Boards are dear to make, and a client that comes back often has the newest one."""
    function, unchanged = route.function, unchanged_board(edge.bus)

    async def respond_with_board(request: web.Request, arguments: dict[str, Any]) -> web.Response:
        if request.query_string:
            return await respond(request, arguments)  # it is of another moment
        caller, team = arguments["caller"], arguments["team"]
        if (tag := await unchanged(request, caller, team)) is not None:
            return not_modified(tag)
        board: Board = await function(**arguments)
        return tagged(request, _encode(board), board_tag(caller.id, team, board.seq))

    return respond_with_board


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
        yield parameter.name, reader_of_path(parameter.name, parameter.type)
    for parameter in route.given:
        if parameter.type not in WHO:
            yield parameter.name, _given(parameter.type, edge, route)
    if route.query is not None:
        yield "query", partial(read_query, route.query)


def _given(kind: Any, edge: Edge, route: Route) -> Reader:
    if kind is Edge:
        return lambda _: edge
    if kind is Ask:
        return lambda request: Ask(edge.bus, idempotency_key(request) if route.changes else None)
    if kind is URL:
        return edge.address
    return lambda request: request
