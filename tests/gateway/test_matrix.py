"""Who may do what: every route of the table, called by everybody in the matrix."""

from typing import Any

import msgspec
import pytest

from gateway.api import Route
from gateway.app import ROUTES
from tests.conftest import PASSWORD, NewUser
from tests.gateway.callers import Callers, Things
from tests.gateway.conftest import Crew, NewBrowser
from tests.gateway.matrix import OK, ROWS, Row, Who
from tests.gateway.test_every_route import assert_as_documented

BY_NAME = {route.name: route for route in ROUTES}


@pytest.fixture
async def callers(crew: Crew, new_browser: NewBrowser) -> Callers:
    people = {
        Who.ANONYMOUS: await new_browser("Nobody", signed_in=False),
        Who.OUTSIDER: crew.olga,
        Who.ELSEWHERE: await new_browser("Else"),
        Who.VIEWER: crew.vera,
        Who.MEMBER: crew.ben,
        Who.ADMIN: crew.adam,
        Who.OWNER: crew.ann,
    }
    await people[Who.ELSEWHERE].post("/api/teams/", {"name": "Another"})
    return Callers(crew, people, {})


def test_somebody_has_thought_about_who_may_use_each_route() -> None:
    assert ROWS.keys() == BY_NAME.keys()
    assert all(row.keys() == set(Who) for row in ROWS.values())


@pytest.mark.parametrize("name", ROWS)
async def test_everybody_gets_what_the_matrix_says(name: str, callers: Callers, new_user: NewUser) -> None:
    route, got = BY_NAME[name], Row()
    for who in callers.everybody:
        things = Things(callers, who, new_user)
        ids = await things.ids_of(route)
        if name == "undo":
            await things.change_something()
        answer = await callers.send(who, route.method, route.path.format(**ids), body_of(route, ids))
        if answer.status == route.status:
            assert_as_documented(route, answer)
        else:
            assert answer.refused[0] == answer.status
        got[who] = OK if answer.status == route.status else answer.status

    assert got == {who: ROWS[name][who] for who in got}


def body_of(route: Route, ids: dict[str, Any]) -> Any:
    """The route's example, about the things that there are."""
    if route.example is None:
        return None
    body = msgspec.to_builtins(route.example)
    own = ids | {"password": PASSWORD}
    return body | {name: value for name, value in own.items() if name in body}
