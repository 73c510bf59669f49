"""What is no HTTP that anybody could read gets a problem document, too."""

from http import HTTPStatus

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from gateway.errors import problem
from gateway.security import HEADERS
from schemas.accounts import Language

_UNREADABLE = "this is no HTTP request that can be read"
_TOO_LONG = "the address or a header of the request is too long"


class _Handler(web.RequestHandler):
    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The words are ours; the decision and the log are aiohttp's."""
        theirs = super().handle_error(request, status, exc, message)
        detail = _TOO_LONG if isinstance(exc, LineTooLong) else _UNREADABLE
        said = problem(HTTPStatus(theirs.status), detail, Language.EN, **HEADERS)
        said.force_close()
        return said


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application as aiohttp's own runner does."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory, loop=made._loop, **made._kwargs)
