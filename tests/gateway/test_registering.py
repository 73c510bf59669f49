"""Coming for the first time."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import pytest

from actors.accounts import Accounts
from infra.actor import Actor
from schemas.accounts import Registration
from tests.gateway.browser import Browser
from tests.gateway.conftest import NewBrowser, NewGateway

_numbers = count(1)


def somebody(**more: Any) -> dict[str, Any]:
    return {"username": f"new{next(_numbers)}", "password": "a long password", "name": "New", **more}


@pytest.fixture
def open_to_all(actors: Mapping[type[Actor], Actor]) -> Iterator[None]:
    """For as long as the test runs, anybody may register."""
    accounts = actors[Accounts]
    assert isinstance(accounts, Accounts)
    before, accounts._registration = accounts._registration, Registration.OPEN
    yield
    accounts._registration = before


@pytest.fixture
async def stranger(new_browser: NewBrowser) -> Browser:
    return await new_browser("Nobody", signed_in=False)


@pytest.mark.parametrize("mode", Registration)
async def test_everybody_may_know_who_may_register(
    new_gateway: NewGateway, new_browser: NewBrowser, mode: Registration
) -> None:
    stranger = await new_browser("Nobody", signed_in=False, at=await new_gateway(registration=mode))

    assert (await stranger.get("/api/auth/registration/")).body == {"mode": mode.value}


async def test_without_an_invite_nobody_registers_unless_it_is_open(stranger: Browser) -> None:
    assert (await stranger.post("/api/auth/register/", somebody())).refused[0] == 403


async def test_whoever_registers_is_signed_in(open_to_all: None, stranger: Browser) -> None:
    answer = await stranger.post("/api/auth/register/", somebody(language="ru", time_zone="Asia/Tokyo"))

    assert answer.status == 201
    assert (answer.body["language"], answer.body["time_zone"], answer.body["is_admin"]) == ("ru", "Asia/Tokyo", False)
    assert (await stranger.get("/api/auth/me/")).body == answer.body


async def test_a_username_is_given_once(open_to_all: None, stranger: Browser) -> None:
    body = somebody()
    await stranger.post("/api/auth/register/", body)

    assert (await stranger.post("/api/auth/register/", body)).refused == (409, "username")


@pytest.mark.parametrize(
    ("more", "field"),
    [({"password": "short"}, "password"), ({"time_zone": "Moon/Base"}, "time_zone"), ({"is_admin": True}, "is_admin")],
)
async def test_what_cannot_be_is_refused_with_its_field(
    open_to_all: None, stranger: Browser, more: dict[str, Any], field: str
) -> None:
    assert (await stranger.post("/api/auth/register/", somebody(**more))).refused == (400, field)
