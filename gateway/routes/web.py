"""The built web client: every GET that is neither the API's nor a socket's."""

import asyncio
import gzip
import hashlib
import mimetypes
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from gateway.errors import HttpProblem, method_not_allowed
from gateway.security import PAGE_POLICY

DIST = Path(__file__).parents[1] / "web" / "dist"

_PAGE = {"Content-Security-Policy": PAGE_POLICY}
_API = "api/"
_METHODS = ("GET", "HEAD")
_HASHED = "assets/"
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_INDEX = "index.html"
_TEXT_TYPES = ("text/", "application/javascript", "application/json", "application/manifest+json", "image/svg+xml")
_NOT_BUILT = "The web client is not built yet. Run `make web`, then start again. The API is at /api/openapi.json.\n"

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


class Asset(NamedTuple):
    """A file as it is served."""

    body: bytes
    zipped: bytes | None
    headers: dict[str, str]


class WebClient:
    """Serves the files of the built client from memory; what is not a file is a place inside the client."""

    def __init__(self, dist: Path = DIST) -> None:
        self._dist = dist
        self._assets: dict[str, Asset] = {}

    async def load(self, _: web.Application) -> None:
        """Read the files, once, when the application starts: those of the next build belong to the next start."""
        self._assets = await asyncio.to_thread(_assets, self._dist)

    def asset(self, path: str) -> Asset | None:
        """One file of the build, if it is there."""
        return self._assets.get(path)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path == "api" or path.startswith((_API, "ws/")):
            raise HttpProblem(HTTPStatus.NOT_FOUND, "no such address; paths end with a slash")
        if request.method not in _METHODS:
            raise method_not_allowed(_METHODS)
        asset = self._assets.get(path)
        if asset is None and path.startswith(_HASHED):
            raise HttpProblem(HTTPStatus.NOT_FOUND, "no such file")
        asset = asset or self._assets.get(_INDEX)
        if asset is None:
            return web.Response(text=_NOT_BUILT, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=_PAGE)
        return answer(request, asset)


def answer(request: web.Request, asset: Asset) -> web.Response:
    """The file, packed where the client can unpack it, or 304 for one that it has."""
    if request.headers.get("If-None-Match") == asset.headers["ETag"]:
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=asset.headers)
    if asset.zipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=asset.zipped, headers={**asset.headers, "Content-Encoding": "gzip"})
    return web.Response(body=asset.body, headers=asset.headers)


def _assets(dist: Path) -> dict[str, Asset]:
    """By path; there are none before the client has been built."""
    files = {file.relative_to(dist).as_posix(): file for file in sorted(dist.rglob("*")) if file.is_file()}
    return {path: _asset(path, file.read_bytes()) for path, file in files.items()}


def _asset(path: str, body: bytes) -> Asset:
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    is_text = kind.startswith(_TEXT_TYPES)
    headers = {
        **_PAGE,
        "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "Cache-Control": _FOR_EVER if path.startswith(_HASHED) else _ASK_AGAIN,
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Vary": "Accept-Encoding",
    }
    return Asset(body, gzip.compress(body, mtime=0) if is_text else None, headers)
