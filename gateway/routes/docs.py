"""`/api/docs/`: the API to look at and to try, a page of the built client."""

from http import HTTPStatus

from aiohttp import web

from gateway.errors import HttpProblem
from gateway.routes.web import WebClient, answer
from gateway.security import DOCS_POLICY

_PAGE = "docs.html"


class Docs:
    """Serves the page, which may hold styles as no other may."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    async def serve(self, request: web.Request) -> web.StreamResponse:
        page = self._client.asset(_PAGE)
        if page is None:
            raise HttpProblem(HTTPStatus.SERVICE_UNAVAILABLE, "this page is not built yet: run `make web`")
        response = answer(request, page)
        response.headers["Content-Security-Policy"] = DOCS_POLICY
        return response
