"""What every answer tells browsers not to do with it."""

from collections.abc import Awaitable, Callable

from aiohttp import web

_YEAR = 365 * 24 * 3600

PAGE_POLICY = (
    "default-src 'self'; connect-src 'self'; img-src 'self' data:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
"""For the pages of the client: nothing but its own files, and no script that stands in a page."""

DOCS_POLICY = f"{PAGE_POLICY}; style-src 'self' 'unsafe-inline'"
"""Swagger UI puts styles into its page."""

HEADERS = {
    # Without the versions that aiohttp would tell.
    "Server": "ttm",
    # For whatever is no page; pages bring their own.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def guard(public_url: str) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Puts the headers on an answer that is about to be sent; with https also that it shall stay so."""
    headers = dict(HEADERS)
    if public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    pairs = tuple(headers.items())

    async def put(_: web.Request, response: web.StreamResponse) -> None:
        own = response.headers
        for name, value in pairs:
            own.setdefault(name, value)
        own["Server"] = HEADERS["Server"]  # aiohttp has put its own there by now

    return put
