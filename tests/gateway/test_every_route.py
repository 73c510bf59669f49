"""What holds for each route of the table: who may use it, that its example works, that it answers as documented."""

from typing import Any, get_args, get_origin

import msgspec
import pytest
from openapi_spec_validator import validate

from gateway.api import Route, WithCookie
from gateway.app import ROUTES
from gateway.openapi import document
from tests.conftest import PASSWORD, NewUser
from tests.gateway.browser import Answer, Browser
from tests.gateway.conftest import Crew

LEAST = {
    "get_team": "viewer",
    "get_board": "viewer",
    "list_members": "viewer",
    "get_list": "viewer",
    "get_task": "viewer",
    "create_list": "member",
    "rename_list": "member",
    "move_list": "member",
    "create_task": "member",
    "update_task": "member",
    "delete_task": "member",
    "complete_task": "member",
    "reopen_task": "member",
    "move_task": "member",
    "restore_task": "member",
    "rename_team": "admin",
    "add_member": "admin",
    "change_member": "admin",
    "remove_member": "admin",
    "delete_list": "admin",
    "restore_list": "admin",
}
"""The least that one must be in a team to use what belongs to it."""

ONES_OWN = {"me", "logout", "list_teams", "create_team", "list_lists", "list_tasks", "my_tasks"}
"""What everybody who is signed in may use, each for themselves."""

OPEN = {"login", "alive", "ready"}

BY_NAME = {route.name: route for route in ROUTES}


def test_somebody_has_thought_about_who_may_use_each_route() -> None:
    assert LEAST.keys() | ONES_OWN | OPEN == BY_NAME.keys()
    assert {route.name for route in ROUTES if not route.signed_in} == OPEN | {"logout"}


class Call:
    """One call of a route with its example, on the crew's things."""

    def __init__(self, route: Route, crew: Crew, task: int, user: int, username: str) -> None:
        self.route = route
        ids = {"team": crew.team, "list": crew.todo, "task": task, "user": user}
        self.path = route.path.format(**ids)
        self.body: Any = msgspec.to_builtins(route.example) if route.example else None
        if self.body:
            own = {"team": crew.team, "list": crew.todo, "username": username, "password": PASSWORD}
            self.body |= {name: value for name, value in own.items() if name in self.body}

    async def by(self, browser: Browser) -> Answer:
        return await browser.send(self.route.method, self.path, self.body)


async def call(route: Route, crew: Crew, new_user: NewUser) -> Call:
    """A call in which nobody of the crew is the one who is added, changed or removed."""
    max_, moritz = await new_user("Max"), await new_user("Moritz")
    await crew.ann.post(f"/api/teams/{crew.team}/members/", {"username": max_.username})
    return Call(route, crew, await crew.task(), max_.id, moritz.username)


@pytest.mark.parametrize("name", [route.name for route in ROUTES if route.signed_in])
async def test_nobody_who_is_not_signed_in_may(name: str, crew: Crew, new_user: NewUser) -> None:
    one = await call(BY_NAME[name], crew, new_user)
    await crew.olga.post("/api/auth/logout/")

    assert (await one.by(crew.olga)).refused == (401, None)


@pytest.mark.parametrize(("name", "least"), LEAST.items())
async def test_only_those_may_who_are_enough_in_the_team_and_outsiders_learn_nothing(
    name: str, least: str, crew: Crew, new_user: NewUser
) -> None:
    one = await call(BY_NAME[name], crew, new_user)
    assert (await one.by(crew.olga)).refused[0] == 404

    roles = {"viewer": crew.vera, "member": crew.ben, "admin": crew.adam, "owner": crew.ann}
    for role, browser in roles.items():
        answer = await one.by(browser)
        if role == least:
            assert_as_documented(one.route, answer)
            return
        assert answer.refused[0] == 403


@pytest.mark.parametrize("name", sorted(ONES_OWN | OPEN))
async def test_everybody_may_use_what_is_their_own_and_see_nothing_of_others(
    name: str, crew: Crew, new_user: NewUser
) -> None:
    one = await call(BY_NAME[name], crew, new_user)
    answer = await one.by(crew.olga)

    assert_as_documented(one.route, answer)
    if one.route.method == "GET" and isinstance(answer.body, dict) and "results" in answer.body:
        assert (answer.body["count"], answer.body["results"]) == (0, [])


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
        assert msgspec.to_builtins(msgspec.convert(answer.body, kind)) == answer.body


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
    assert answer.body == msgspec.to_builtins(document(ROUTES))
