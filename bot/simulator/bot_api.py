"""The bot's side over HTTP: `/bot<token>/<method>`, with parameters as Telegram takes them."""

from typing import Any

import msgspec
from aiohttp import web

from bot.simulator.methods import METHODS, Method
from bot.simulator.shapes import BotApiError, bad_request
from bot.simulator.telegram import Telegram

_IN_JSON = frozenset({"commands", "reply_markup"})
"""Parameters that are JSON even inside a form."""


def bot_routes(telegram: Telegram) -> list[web.RouteDef]:
    async def call(request: web.Request) -> web.Response:
        token, _, name = request.match_info["call"].partition("/")
        try:
            telegram.admit(token)
            method = await _read_method(request, name)
            return _json(200, {"ok": True, "result": await method.run(telegram)})
        except BotApiError as error:
            return _json(error.code, {"ok": False, "error_code": error.code, "description": error.description})

    return [web.route("*", "/bot{call:.*}", call)]


async def _read_method(request: web.Request, name: str) -> Method:
    kind = METHODS.get(name.lower())
    if kind is None:
        raise BotApiError(404, "Not Found")
    try:
        return msgspec.convert(await _read_parameters(request), kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_request(str(error)) from error


async def _read_parameters(request: web.Request) -> dict[str, Any]:
    """From the query, and from a JSON or form body."""
    parameters: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        return parameters | msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
    parameters |= await request.post()
    for name in _IN_JSON & parameters.keys():
        parameters[name] = msgspec.json.decode(parameters[name])
    return parameters


def _json(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")
