"""The OpenAPI 3.1 document, made of the same annotations that the routes run on.

`python -m gateway.openapi` prints it; a running gateway serves it at /api/openapi.json.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, get_args, get_origin

import msgspec
from msgspec import NODEFAULT
from msgspec.structs import FieldInfo, fields

from gateway.access.door import COOKIE
from gateway.access.service import TELEGRAM_USER
from gateway.api import Route, WithCookie
from gateway.auth import Caller, Linked, OwnSession, Service
from gateway.errors import Problem
from gateway.etags import IF_NONE_MATCH
from gateway.reading import IDEMPOTENCY_KEY
from schemas.ids import TelegramId
from schemas.text import Key

VERSION = "1"

_ABOUT = (
    "Sign in with POST /api/auth/login/; the session cookie then says who you are. Programs send an API token instead: "
    "`Authorization: Bearer ttm_...`. Every refusal is a problem document (RFC 9457); 429 and 503 say in Retry-After "
    "when to try again. Changes may carry an Idempotency-Key: a retry with the same key gets the first outcome again. "
    "Answers with an ETag may be asked for again with If-None-Match; 304 means that nothing has changed."
)

_SCHEMES = {
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    "token": {"type": "http", "scheme": "bearer", "description": "An API token."},
    "service": {"type": "http", "scheme": "bearer", "description": "The SERVICE_TOKEN of this installation."},
}
_SECURITY = {
    None: [],
    Caller: [{"session": []}, {"token": []}],
    OwnSession: [{"session": []}],
    Service: [{"service": []}],
    Linked: [{"service": []}],
}
_TAG: dict[str, Any] = {"type": "string"}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds until the next try.", "schema": {"type": "integer"}}}
_COMES_BACK = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)

Json = dict[str, Any]
Schemas = dict[Any, Json]


def document(routes: Iterable[Route]) -> Json:
    """The whole document as plain JSON values."""
    routes = tuple(routes)
    kinds = tuple(dict.fromkeys(kind for route in routes for kind in _kinds(route)))
    plain, components = msgspec.json.schema_components((Problem, *kinds), ref_template="#/components/schemas/{name}")
    schemas: Schemas = dict(zip((Problem, *kinds), plain, strict=True))
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Team Task Manager", "version": VERSION, "description": _ABOUT},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SCHEMES},
    }
    # Defaults may be tuples, which JSON does not know.
    return msgspec.json.decode(msgspec.json.encode(whole))


def _kinds(route: Route) -> Iterator[Any]:
    """Every type that the operation's part of the document has a schema of."""
    yield from (parameter.type for parameter in route.ids)
    yield from (field.type for field in _query_fields(route))
    if route.changes and route.signed_in:
        yield Key
    if _who(route) is Linked:
        yield TelegramId
    if route.body is not None:
        yield route.body
    if (reply := _reply(route)) is not None:
        yield reply


def _query_fields(route: Route) -> tuple[FieldInfo, ...]:
    return fields(route.query) if route.query is not None else ()


def _reply(route: Route) -> Any:
    """What the body holds, without the cookie beside it."""
    if get_origin(route.reply) is not WithCookie:
        return route.reply
    (body,) = get_args(route.reply)
    return None if body is type(None) else body


def _operation(route: Route, schemas: Schemas) -> Json:
    summary, _, rest = (route.function.__doc__ or "").strip().partition("; ")
    operation: Json = {
        "operationId": _camel(route.name),
        "summary": summary.rstrip("."),
        "tags": [route.function.__module__.rpartition(".")[2]],
    }
    if text := _description(route, rest):
        operation["description"] = text
    if parameters := [*_parameters(route, schemas)]:
        operation["parameters"] = parameters
    if route.body is not None:
        content = {"schema": schemas[route.body], "example": msgspec.to_builtins(route.example)}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    operation["responses"] = _responses(route, schemas)
    operation["security"] = _SECURITY[_who(route)]
    return operation


def _who(route: Route) -> Any:
    return route.who.type if route.who else None


def _description(route: Route, rest: str) -> str:
    parts = [rest[:1].upper() + rest[1:], route.limit.summary() if route.limit else ""]
    return " ".join(part for part in parts if part)


def _parameters(route: Route, schemas: Schemas) -> Iterator[Json]:
    for parameter in route.ids:
        yield {"name": parameter.name, "in": "path", "required": True, "schema": schemas[parameter.type]}
    for field in _query_fields(route):
        yield _query_parameter(field, schemas[field.type])
    if route.changes and route.signed_in:
        yield {"name": IDEMPOTENCY_KEY, "in": "header", "schema": schemas[Key]}
    if route.tagged:
        yield {"name": IF_NONE_MATCH, "in": "header", "schema": _TAG}
    if _who(route) is Linked:
        yield {"name": TELEGRAM_USER, "in": "header", "required": True, "schema": schemas[TelegramId]}


def _query_parameter(field: FieldInfo, schema: Json) -> Json:
    """Nobody can write null into an address, so of `X or null` only X is left."""
    schema = dict(schema)
    if options := schema.pop("anyOf", None):
        schema |= next(option for option in options if option != {"type": "null"})
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if field.default is not NODEFAULT and field.default is not None:
        schema["default"] = field.default
    return {"name": field.encode_name, "in": "query", "required": field.required, "schema": schema}


def _responses(route: Route, schemas: Schemas) -> Json:
    done: Json = {"description": route.status.phrase}
    if (reply := _reply(route)) is not None:
        done["content"] = {"application/json": {"schema": schemas[reply]}}
    responses = {str(int(route.status)): done}
    if route.tagged:
        done["headers"] = {"ETag": {"schema": _TAG}}
        responses["304"] = {"description": "Nothing has changed since the answer with this ETag."}
    return responses | {str(int(status)): _problem(status) for status in sorted(route.problems)}


def _problem(status: HTTPStatus) -> Json:
    schema = {"$ref": "#/components/schemas/Problem"}
    problem: Json = {"description": status.phrase, "content": {"application/problem+json": {"schema": schema}}}
    return problem | ({"headers": _RETRY_AFTER} if status in _COMES_BACK else {})


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda letter: letter[1].upper(), name)


if __name__ == "__main__":
    from gateway.app import ROUTES

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document(ROUTES))) + b"\n")
