"""The simulator as an HTTP server: the only list of its routes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.simulator.answers import refusals
from bot.simulator.bot_api import bot_routes
from bot.simulator.control_api import Control
from bot.simulator.groups_api import Groups
from bot.simulator.people_api import People
from bot.simulator.postman import postman
from bot.simulator.telegram import Telegram

PAGE = Path(__file__).parent / "page"

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# A few kilobytes, read before there is a loop that reading could hold up.
_FILES = {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in PAGE.iterdir()}


async def _file(request: web.Request) -> web.Response:
    name = request.match_info.get("name", "index.html")
    if name not in _FILES:
        raise web.HTTPNotFound
    body, content_type = _FILES[name]
    return web.Response(body=body, content_type=content_type, charset="utf-8", headers={"Cache-Control": "no-cache"})


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)


def create_app(telegram: Telegram) -> web.Application:
    @web.middleware
    async def settled(request: web.Request, handler: Handler) -> web.StreamResponse:
        """No answer leaves before what it says is written."""
        response = await handler(request)
        await telegram.journal.settle()
        return response

    app = web.Application(middlewares=[refusals, settled])
    app.add_routes([web.get("/", _file), web.get("/page/{name}", _file)])
    app.add_routes([*People(telegram).routes(), *Groups(telegram).routes(), *Control(telegram).routes()])
    app.add_routes(bot_routes(telegram))
    app.on_response_prepare.append(_add_headers)

    async def let_go(_app: web.Application) -> None:
        telegram.close()

    app.on_shutdown.append(let_go)
    return app


@asynccontextmanager
async def serve(telegram: Telegram, host: str, port: int) -> AsyncGenerator[str]:
    """Listen while the context is open, and give the address; port 0 picks a free one."""
    runner = web.AppRunner(create_app(telegram), access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        shown = f"[{host}]" if ":" in host else host
        async with postman(telegram):
            yield f"http://{shown}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        telegram.journal.close()
