"""Who may do what: every route of the table, called by everybody in the matrix."""

from typing import Any

import msgspec
import pytest

from gateway.api import Route
from gateway.app import ROUTES
from infra.bus import Bus
from schemas.accounts import User
from schemas.ids import TelegramId
from schemas.telegram import ConfirmTelegram, CreateTelegramCode
from tests.conftest import PASSWORD, NewUser
from tests.gateway.browser import Browser
from tests.gateway.callers import Callers, Things
from tests.gateway.conftest import SERVICE_TOKEN, Crew, NewBrowser
from tests.gateway.matrix import OK, ROWS, Row, Who
from tests.gateway.telling import in_hours
from tests.gateway.test_every_route import assert_as_documented

BY_NAME = {route.name: route for route in ROUTES}


@pytest.fixture
async def callers(crew: Crew, new_browser: NewBrowser, new_user: NewUser, bus: Bus) -> Callers:
    people = {
        Who.ANONYMOUS: await new_browser("Nobody", signed_in=False),
        Who.OUTSIDER: crew.olga,
        Who.ELSEWHERE: await new_browser("Else"),
        Who.VIEWER: crew.vera,
        Who.MEMBER: crew.ben,
        Who.ADMIN: crew.adam,
        Who.SITE_ADMIN: await new_browser(user=await new_user("Root", is_admin=True)),
    }
    await people[Who.ELSEWHERE].post("/api/teams/", {"name": "Another"})
    programs = {
        Who.SERVICE: {"Authorization": f"Bearer {SERVICE_TOKEN}", "X-TG-USER": str(await linked(crew.ben.user, bus))},
        Who.READING: await token_of(crew.ann, "read"),
        Who.WRITING: await token_of(crew.ann, "write"),
    }
    people |= {who: await new_browser(signed_in=False) for who in programs}
    # Last, because the others need their team, and this one may sign out.
    people[Who.OWNER] = crew.ann
    return Callers(crew, people, programs)


async def linked(person: User, bus: Bus) -> TelegramId:
    """A Telegram account that the person has linked."""
    telegram = TelegramId(900_000 + person.id)
    code = (await bus.request(CreateTelegramCode(telegram=telegram))).code
    await bus.request(ConfirmTelegram(by=person.id, code=code))
    return telegram


async def token_of(person: Browser, scope: str) -> dict[str, str]:
    made = await person.post("/api/auth/tokens/", {"name": scope, "scope": scope})
    return {"Authorization": f"Bearer {made.body['secret']}"}


def test_somebody_has_thought_about_who_may_use_each_route() -> None:
    assert ROWS.keys() == BY_NAME.keys()
    assert all(row.keys() == set(Who) for row in ROWS.values())


@pytest.mark.parametrize("name", ROWS)
async def test_everybody_gets_what_the_matrix_says(
    name: str, callers: Callers, new_user: NewUser, new_browser: NewBrowser, bus: Bus, messenger: Bus
) -> None:
    route, got = BY_NAME[name], Row()
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
        callers.team_is_whole = got[who] != OK or not route.changes

    assert got == ROWS[name]


def body_of(route: Route, ids: dict[str, Any]) -> Any:
    """The route's example, about the things that there are."""
    if route.example is None:
        return None
    body = msgspec.to_builtins(route.example)
    own = ids | {"password": PASSWORD, "old": PASSWORD, "until": in_hours(1)}
    return body | {name: value for name, value in own.items() if name in body}
