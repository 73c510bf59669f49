"""Who may do what: every route of the table, called by everybody in the matrix."""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest

from gateway.api import Route
from gateway.app import ROUTES
from infra.bus import Bus
from tests.conftest import PASSWORD, NewUser
from tests.gateway.callers import Things
from tests.gateway.conftest import Gateway, NewBrowser, opening
from tests.gateway.matrix import OK, ROWS, Row, Who
from tests.gateway.rota import Rota
from tests.gateway.telling import in_hours
from tests.gateway.test_every_route import assert_as_documented

MADE_FOR_ONE_CALL = {"task", "item", "comment", "filter", "notice"}
BY_NAME = {route.name: route for route in ROUTES}


@pytest.fixture(scope="module")
async def rota(gateway: Gateway, new_user: NewUser, bus: Bus) -> AsyncGenerator[Rota]:
    async with opening(gateway, new_user) as new_browser:
        yield Rota(new_browser, new_user, bus)


def test_somebody_has_thought_about_who_may_use_each_route() -> None:
    assert ROWS.keys() == BY_NAME.keys()
    assert all(row.keys() == set(Who) for row in ROWS.values())


@pytest.mark.parametrize("name", ROWS)
async def test_everybody_gets_what_the_matrix_says(
    name: str, rota: Rota, new_user: NewUser, new_browser: NewBrowser, bus: Bus, messenger: Bus
) -> None:
    route, got = BY_NAME[name], Row()
    callers = await rota.take()
    for who in callers.everybody:
        things = Things(callers, who, new_user, new_browser, bus, messenger)
        ids = await things.ids_of(route)
        if name == "undo":
            await things.change_something()
        answer = await callers.send(who, route.method, route.path.format(**ids), body_of(route, ids))
        if answer.status == route.status:
            assert_as_documented(route, answer)
        else:
            assert answer.refused[0] == answer.status
        got[who] = OK if answer.status == route.status else answer.status
        callers.team_is_whole = got[who] != OK or leaves_the_team_whole(route)

    assert got == ROWS[name]
    if leaves_people_as_they_are(route):
        rota.give_back(callers)


def leaves_the_team_whole(route: Route) -> bool:
    """What it is about, if anything, was made for one call."""
    return not route.changes or (bool(route.ids) and route.ids[-1].name in MADE_FOR_ONE_CALL)


def leaves_people_as_they_are(route: Route) -> bool:
    """Nobody's sessions, tokens, password or link are others than before."""
    return not route.changes or not route.path.startswith(("/api/auth/", "/api/telegram/"))


def body_of(route: Route, ids: dict[str, Any]) -> Any:
    """The route's example, about the things that there are."""
    if route.example is None:
        return None
    body = msgspec.to_builtins(route.example)
    own = ids | {"password": PASSWORD, "old": PASSWORD, "until": in_hours(1)}
    return body | {name: value for name, value in own.items() if name in body}
