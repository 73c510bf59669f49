"""The bot's side over HTTP: `/bot<token>/<method>`, with parameters as Telegram takes them."""

from typing import Any

import msgspec
from aiohttp import web

from bot.simulator.answers import answer
from bot.simulator.errors import BotApiError, bad_request
from bot.simulator.performing import ConnectionBroken, perform
from bot.simulator.telegram import Telegram

_IN_JSON = frozenset(
    {"allowed_updates", "commands", "link_preview_options", "reply_markup", "reply_parameters", "scope"}
)
"""Parameters that are JSON even inside a form."""


def bot_routes(telegram: Telegram) -> list[web.RouteDef]:
    async def call(request: web.Request) -> web.Response:
        token, _, name = request.match_info["call"].partition("/")
        try:
            telegram.admit(token)
            parameters = await _read_parameters(request)
            return answer({"ok": True, "result": await perform(telegram, name, parameters)})
        except BotApiError as error:
            return _refusal(error)
        except ConnectionBroken:
            if request.transport:
                request.transport.abort()
            return web.Response()

    return [web.route("*", "/bot{call:.*}", call)]


async def _read_parameters(request: web.Request) -> dict[str, Any]:
    """From the query, and from a JSON or form body."""
    try:
        parameters: dict[str, Any] = dict(request.query)
        if request.content_type == "application/json":
            return parameters | msgspec.json.decode(await request.read() or b"{}", type=dict[str, Any])
        return unpack(parameters | dict(await request.post()))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_request(str(error)) from error


def unpack(form: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a form. Raises msgspec.DecodeError."""
    return {name: msgspec.json.decode(value) if name in _IN_JSON else value for name, value in form.items()}


def _refusal(error: BotApiError) -> web.Response:
    body = {"ok": False, "error_code": error.code, "description": error.description}
    return answer(body | ({"parameters": error.parameters} if error.parameters else {}), error.code)
