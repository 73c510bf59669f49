"""JSON in and out, for people and tests."""

from typing import Any, TypeVar

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.simulator.errors import BotApiError, Refused

Body = TypeVar("Body")


async def decode(request: web.Request, kind: type[Body]) -> Body:
    """The body. Raises Refused."""
    # Another site's page can send forms here but, without our leave, no JSON.
    if request.content_type != "application/json":
        raise Refused(415, "send application/json")
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, str(error)) from error


def query(request: web.Request, kind: type[Body]) -> Body:
    """The parameters behind the question mark. Raises Refused."""
    try:
        return msgspec.convert(dict(request.query), kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refused(400, str(error)) from error


def number(request: web.Request, name: str) -> int:
    """A part of the path; the route lets only digits through."""
    return int(request.match_info[name])


def answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")


def nothing() -> web.Response:
    """Done, and there is no more to say."""
    return web.Response(status=204)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What cannot be is `{"detail": why}`."""
    try:
        return await handler(request)
    except Refused as refusal:
        return answer({"detail": refusal.detail}, refusal.status)
    except BotApiError as error:
        return answer({"detail": error.description}, error.code)
