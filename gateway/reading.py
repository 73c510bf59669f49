"""What a request holds, read as the declared types: the path, the query, the headers and the body."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from gateway.errors import HttpProblem, unreadable
from schemas.base import Record
from schemas.errors import invalid, not_found
from schemas.text import Key

S = TypeVar("S", bound=Record)
Reader = Callable[[web.Request], Any]

IDEMPOTENCY_KEY = "Idempotency-Key"
MAX_BODY = 1024 * 1024
"""Bytes, also of what was packed."""

_FORM_IDS = frozenset({"team", "list", "assignee"})
_ID_DIGITS = 16
_MAX_ID = 2**53 - 1


def reader_of_path(name: str, kind: Any) -> Reader:
    """Reads one part of the path: a number that is an id, or text of the form that `kind` asks for."""
    try:
        msgspec.convert(1, kind)
    except msgspec.ValidationError:
        return partial(text_from_path, name, kind)
    return partial(id_from_path, name)


def id_from_path(name: str, request: web.Request) -> int:
    """An id from the path; what cannot be one names nothing that exists."""
    text = request.match_info[name]
    if not (text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS and 1 <= (number := int(text)) <= _MAX_ID):
        raise not_found(name)
    return number


def text_from_path(name: str, kind: Any, request: web.Request) -> str:
    """A code from the path; what cannot be one names nothing that exists."""
    try:
        return msgspec.convert(request.match_info[name], kind)
    except msgspec.ValidationError:
        raise not_found(name) from None


def read_query(kind: type[S], request: web.Request) -> S:
    """The query as a struct; a parameter without a value counts as absent."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name in given:
            raise invalid("given twice", name)
        if value:
            given[name] = value
    try:
        return msgspec.convert(given, kind, strict=False)
    except ValueError as error:
        raise unreadable(error) from None


def idempotency_key(request: web.Request) -> Key | None:
    text = request.headers.get(IDEMPOTENCY_KEY)
    if text is None:
        return None
    try:
        return msgspec.convert(text, Key)
    except msgspec.ValidationError:
        raise invalid("1 to 100 visible ASCII characters", IDEMPOTENCY_KEY) from None


async def read_body(request: web.Request, decoder: msgspec.json.Decoder[Record]) -> Record:
    """The body as a struct. The type must be JSON: a page elsewhere cannot send that without asking first."""
    kind = request.headers.get("Content-Type")
    if kind is not None and kind.partition(";")[0].strip().lower() != "application/json":
        raise HttpProblem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send application/json")
    body = await request.read()
    try:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError:
            return msgspec.convert(_from_a_form(body), decoder.type)
    # Bad UTF-8 leaves msgspec as UnicodeDecodeError, absurd nesting as RecursionError.
    except (ValueError, RecursionError) as error:
        raise unreadable(error) from None


def _from_a_form(body: bytes) -> Any:
    """What a page means that sends the values of its form as they are: ids as text, and an empty text for none."""
    given = msgspec.json.decode(body)
    if not isinstance(given, dict):
        return given
    return {name: _id_from_a_form(value) if name in _FORM_IDS else value for name, value in given.items()}


def _id_from_a_form(value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return None if value == "" else value
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _ID_DIGITS else value
