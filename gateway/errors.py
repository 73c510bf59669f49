"""The one place where a failure becomes an answer: a problem document (RFC 9457), whatever went wrong."""

from collections.abc import Iterable
from http import HTTPStatus

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from gateway.plain import fault
from infra.language import translated
from infra.log import get_logger
from schemas.accounts import Language
from schemas.base import Record
from schemas.errors import BusError, ErrorCode

log = get_logger(__name__)

STATUS: dict[ErrorCode, HTTPStatus] = {
    ErrorCode.INVALID: HTTPStatus.BAD_REQUEST,
    ErrorCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    ErrorCode.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.CONFLICT: HTTPStatus.CONFLICT,
    ErrorCode.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    ErrorCode.OVERLOADED: HTTPStatus.SERVICE_UNAVAILABLE,
    ErrorCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Total: each code has a status."""

_RETRY_SECONDS = {ErrorCode.OVERLOADED: "1", ErrorCode.UNAVAILABLE: "2"}
_HEADERS = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", "Vary": "Accept-Language"}
# What aiohttp knows better than we do: which methods a path has, which protocol it wants.
_PASSED_ON = ("Allow", "Upgrade")
_IN_OUR_WORDS = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the body of the request is too large"}


class Problem(Record):
    """Why a request was not served. `type` is always `about:blank`: the status says it all, `detail` in words."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    field: str | UnsetType = UNSET
    """The part of the request that is at fault."""
    current: msgspec.Raw | UnsetType = UNSET
    """With 409 over a version: the thing as it is now."""


class HttpProblem(Exception):
    """What only HTTP can get wrong, such as the type of a body."""

    def __init__(self, status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def method_not_allowed(allowed: Iterable[str]) -> HttpProblem:
    """405, with the methods that the address does take."""
    names = ", ".join(allowed)
    return HttpProblem(HTTPStatus.METHOD_NOT_ALLOWED, f"this address takes {names}", {"Allow": names})


def problem(status: HTTPStatus, detail: str, language: Language = Language.EN, **more: str) -> web.Response:
    """A problem document in `language`; `more` are headers."""
    return _respond(Problem(title=status.phrase, status=status, detail=detail), language, more)


def refusal(error: Exception, language: Language = Language.EN) -> web.Response:
    """The answer to a request that failed with `error`; what nobody foresaw is logged and not told."""
    match error:
        case BusError():
            return _of_bus_error(error, language)
        case HttpProblem():
            return problem(error.status, error.detail, language, **error.headers)
        case web.HTTPException():
            return _of_http_exception(error, language)
        case web.RequestPayloadError() | ConnectionError():
            return problem(HTTPStatus.BAD_REQUEST, "the body did not arrive whole", language)
        case _:
            log.error("a request failed", exc_info=error)
            return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong here; it has been logged", language)


def is_our_fault(error: Exception) -> bool:
    """Whether the answer says 5xx."""
    match error:
        case BusError():
            return STATUS[error.code] >= HTTPStatus.INTERNAL_SERVER_ERROR
        case HttpProblem() | web.HTTPException():
            return error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        case _:
            return True


def _of_bus_error(error: BusError, language: Language) -> web.Response:
    status = STATUS[error.code]
    document = Problem(
        title=status.phrase,
        status=status,
        detail=error.detail,
        field=error.field or UNSET,
        current=msgspec.Raw(error.current) if error.current else UNSET,
    )
    retry = _RETRY_SECONDS.get(error.code)
    return _respond(document, language, {"Retry-After": retry} if retry else {})


def _of_http_exception(error: web.HTTPException, language: Language) -> web.Response:
    status = HTTPStatus(error.status)
    if error.status < HTTPStatus.BAD_REQUEST:
        raise error
    passed_on = {name: error.headers[name] for name in _PASSED_ON if name in error.headers}
    detail = _IN_OUR_WORDS.get(status) or status.description or status.phrase
    return problem(status, detail, language, **passed_on)


def _respond(document: Problem, language: Language, headers: dict[str, str]) -> web.Response:
    said = replace(document, title=translated(document.title, language), detail=translated(document.detail, language))
    own = {**_HEADERS, "Content-Language": language.value, **headers}
    return web.Response(body=msgspec.json.encode(said), status=document.status, headers=own)


def unreadable(error: Exception) -> BusError:
    """What is wrong with a body or a query, with the field where one is at fault."""
    if not isinstance(error, msgspec.DecodeError):
        return BusError(ErrorCode.INVALID, "the request is not valid UTF-8 JSON")
    sentence, field = fault(error)
    return BusError(ErrorCode.INVALID, sentence, field=field)
