"""What holds for each route of the table: who may use it, that its example works, that it answers as documented."""

from typing import get_args, get_origin

import msgspec
import pytest
from openapi_spec_validator import validate

from gateway.api import Route, WithCookie
from gateway.app import ROUTES
from gateway.openapi import document
from tests.gateway.browser import Answer, Browser
from tests.gateway.conftest import Crew

BY_NAME = {route.name: route for route in ROUTES}


@pytest.mark.parametrize("path", ["/api/lists/", "/api/tasks/"])
async def test_a_team_in_the_query_is_not_told_to_outsiders(path: str, crew: Crew) -> None:
    await crew.task()
    of_theirs = await crew.olga.get(f"{path}?team={crew.team}")
    of_nobody = await crew.olga.get(f"{path}?team=9007199254740991")

    assert (of_theirs.status, of_nobody.status) in ((200, 200), (404, 404))
    assert of_theirs.body.get("results", []) == []


def assert_as_documented(route: Route, answer: Answer) -> None:
    """The documented status, and a body that has the documented form and nothing more."""
    assert answer.status == route.status, answer
    kind = get_args(route.reply)[0] if get_origin(route.reply) is WithCookie else route.reply
    if kind is None or kind is type(None):
        assert answer.body == ""
    else:
        read = msgspec.json.decode(msgspec.json.encode(answer.body), type=kind)
        assert msgspec.json.decode(msgspec.json.encode(read)) == answer.body


def test_the_openapi_document_is_valid() -> None:
    validate(document(ROUTES))


def test_each_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    operations = [operation for path in document(ROUTES)["paths"].values() for operation in path.values()]

    assert len({operation["operationId"] for operation in operations}) == len(operations) == len(ROUTES)
    assert all(operation["summary"] for operation in operations)


def test_each_route_with_a_body_has_an_example() -> None:
    assert [route.name for route in ROUTES if route.body and route.example is None] == []


async def test_the_document_is_served(ann: Browser) -> None:
    answer = await ann.get("/api/openapi.json")

    assert answer.status == 200
    assert answer.body == msgspec.json.decode(msgspec.json.encode(document(ROUTES)))
