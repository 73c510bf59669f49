"""How often one may try what others should not guess."""

import asyncio
from itertools import count

import pytest

from gateway.access.limits import CONFIRM_CODE, CREATE_CODE, NEW_PASSWORD, SIGN_IN, TOKENS
from gateway.app import ROUTES, build
from gateway.main import Server
from gateway.openapi import document
from infra.bus import Bus
from infra.config import Settings
from infra.process import supervised
from infra.redis import Redis
from schemas.base import Role
from tests.conftest import PASSWORD
from tests.gateway.browser import Answer, Browser
from tests.gateway.conftest import SERVICE_TOKEN, Gateway, NewBrowser, NewGateway

_numbers = count(1)
MADE_UP = "ttm_" + "x" * 43


@pytest.fixture
async def proxied(new_gateway: NewGateway) -> Gateway:
    """A gateway that believes what the proxy before it says."""
    return await new_gateway(trust_proxy=True)


def from_(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


def new_address() -> str:
    """One that no other test calls from."""
    return f"198.51.100.{next(_numbers)}"


def is_refused(answer: Answer, within: int) -> bool:
    """Too often, and it says when to come again."""
    return answer.refused == (429, None) and 0 < int(answer.headers["Retry-After"]) <= within


async def test_ten_wrong_passwords_keep_even_the_right_one_out_for_a_while(
    proxied: Gateway, new_browser: NewBrowser
) -> None:
    ann = await new_browser("Ann", signed_in=False, at=proxied)
    ben = await new_browser("Ben", signed_in=False, at=proxied)
    wrong = {"username": ann.user.username, "password": "wrong"}
    for _ in range(SIGN_IN.rates[1].most):
        assert (await ann.post("/api/auth/login/", wrong, headers=from_(new_address()))).status == 401

    right = {"username": ann.user.username.upper(), "password": PASSWORD}
    assert is_refused(await ann.post("/api/auth/login/", right, headers=from_(new_address())), 300)
    assert (await ben.sign_in()).status == 200


async def test_tries_that_come_at_once_are_counted_too(proxied: Gateway, new_browser: NewBrowser) -> None:
    ann = await new_browser("Ann", signed_in=False, at=proxied)
    wrong = {"username": ann.user.username, "password": "wrong"}
    tries = (ann.post("/api/auth/login/", wrong, headers=from_(new_address())) for _ in range(30))

    statuses = [answer.status for answer in await asyncio.gather(*tries)]

    assert statuses.count(401) == SIGN_IN.rates[1].most
    assert statuses.count(429) == 30 - SIGN_IN.rates[1].most


async def test_signing_in_often_is_no_guessing(new_browser: NewBrowser) -> None:
    ann = await new_browser("Ann", signed_in=False)

    for _ in range(SIGN_IN.rates[1].most + 2):
        assert (await ann.sign_in()).status == 200


async def guess_from(browser: Browser, address: str, tries: int) -> list[int]:
    """Wrong passwords for many names, from one address."""
    statuses: list[int] = []
    for _ in range(tries):
        body = {"username": f"nobody-{next(_numbers)}", "password": "wrong"}
        statuses.append((await browser.post("/api/auth/login/", body, headers=from_(address))).status)
    return statuses


async def test_an_address_may_not_try_many_names_and_the_next_address_may(
    proxied: Gateway, new_browser: NewBrowser
) -> None:
    ann = await new_browser("Ann", signed_in=False, at=proxied)
    here, most = new_address(), SIGN_IN.rates[0].most

    assert await guess_from(ann, here, most + 1) == [401] * most + [429]
    assert await guess_from(ann, new_address(), 1) == [401]
    # What stands before the last entry, the guesser may have written.
    assert await guess_from(ann, f"{new_address()}, {here}", 1) == [429]


async def test_an_address_that_may_try_no_more_locks_nobody_else_out(proxied: Gateway, new_browser: NewBrowser) -> None:
    ann = await new_browser("Ann", signed_in=False, at=proxied)
    here = new_address()
    await guess_from(ann, here, SIGN_IN.rates[0].most)
    wrong = {"username": ann.user.username, "password": "wrong"}
    for _ in range(SIGN_IN.rates[1].most):
        assert is_refused(await ann.post("/api/auth/login/", wrong, headers=from_(here)), 300)

    assert (await ann.sign_in()).status == 200


async def test_sign_ins_that_failed_through_our_fault_are_not_wrong_passwords(
    settings: Settings, redis: Redis, new_browser: NewBrowser
) -> None:
    ann = await new_browser("Ann", signed_in=False)
    # Its bus was never opened, so that nobody answers.
    server = Server(build(Bus(settings, Role.GATEWAY), redis, settings), "127.0.0.1", 0)
    async with supervised(server):
        alone = Browser(f"http://127.0.0.1:{server.port}", ann.user)
        failed = await asyncio.gather(*[alone.sign_in() for _ in range(SIGN_IN.rates[1].most)])
        await alone.close()

    assert {answer.status for answer in failed} == {503}
    assert (await ann.sign_in()).status == 200


async def test_all_addresses_of_one_network_of_ipv6_count_as_one(proxied: Gateway, new_browser: NewBrowser) -> None:
    ann = await new_browser("Ann", signed_in=False, at=proxied)
    for number in range(SIGN_IN.rates[0].most):
        await guess_from(ann, f"2001:db8::{number:x}", 1)

    assert await guess_from(ann, "2001:db8::ffff:1", 1) == [429]
    assert await guess_from(ann, "2001:db8:0:1::1", 1) == [401]


async def test_without_a_proxy_nobody_chooses_their_own_address(gateway: Gateway, ann: Browser) -> None:
    await ann.sign_in()
    (mine,) = (await ann.get("/api/auth/sessions/", headers=from_("203.0.113.9"))).body

    assert mine["address"] == "127.0.0.1"


async def test_codes_cannot_be_tried_through(ann: Browser) -> None:
    most = CONFIRM_CODE.rates[1].most
    statuses = [(await ann.post("/api/telegram/confirm/", {"code": f"{number:06}"})).status for number in range(most)]

    assert 429 not in statuses
    assert is_refused(await ann.post("/api/telegram/confirm_link/", {"code": "999999"}), 600)


async def test_a_telegram_account_gets_few_codes(ann: Browser) -> None:
    service = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    asks = [await ann.post("/api/telegram/create_code/", {"tg_user_id": 4242}, headers=service) for _ in range(6)]

    assert [answer.status for answer in asks[:5]] == [200] * CREATE_CODE.rates[0].most
    assert is_refused(asks[5], 300)


async def test_the_old_password_cannot_be_guessed_from_an_open_session(ann: Browser) -> None:
    wrong = {"old": "wrong", "new": "another long password"}
    for _ in range(NEW_PASSWORD.rates[0].most):
        assert (await ann.post("/api/auth/password/", wrong)).status == 403

    assert is_refused(await ann.post("/api/auth/password/", wrong | {"old": PASSWORD}), 600)


@pytest.mark.parametrize("path", ["/api/auth/me/", "/api/tg/tasks/"])
async def test_tokens_cannot_be_guessed_and_others_at_the_same_address_stay_signed_in(
    proxied: Gateway, new_browser: NewBrowser, path: str
) -> None:
    ann = await new_browser("Ann", at=proxied)
    here = from_(new_address())
    guess = {"Authorization": f"Bearer {MADE_UP}", **here}
    for _ in range(TOKENS.rates[0].most):
        assert (await ann.get(path, headers=guess)).status == 401

    assert is_refused(await ann.get(path, headers=guess), 300)
    assert is_refused(await ann.get(path, headers=guess), 300)
    assert (await ann.get("/api/auth/me/", headers=here)).status == 200
    assert (await ann.get(path, headers=guess | from_(new_address()))).status == 401


async def test_whoever_guesses_tokens_keeps_right_ones_of_the_same_address_not_out(
    proxied: Gateway, new_browser: NewBrowser
) -> None:
    ann = await new_browser("Ann", at=proxied)
    program = await new_browser("Program", signed_in=False, at=proxied)
    here = from_(new_address())
    made = await ann.post("/api/auth/tokens/", {"name": "Backup", "scope": "read"})
    own = {"Authorization": f"Bearer {made.body['secret']}", **here}
    service = {"Authorization": f"Bearer {SERVICE_TOKEN}", "X-TG-USER": "987654321", **here}
    assert (await program.get("/api/auth/me/", headers=own)).status == 200

    guess = {"Authorization": f"Bearer {MADE_UP}", **here}
    guesses = [await program.get("/api/auth/me/", headers=guess) for _ in range(TOKENS.rates[0].most + 1)]

    assert is_refused(guesses[-1], 300)
    assert (await program.get("/api/auth/me/", headers=own)).status == 200
    assert (await program.get("/api/tg/tasks/", headers=service)).refused == (404, None)
    assert (await ann.delete(f"/api/auth/tokens/{made.body['token']['id']}/")).status == 204
    assert is_refused(await program.get("/api/auth/me/", headers=own), 300)


def test_every_limit_is_documented_with_when_to_come_again() -> None:
    paths = document(ROUTES)["paths"]
    for route in (route for route in ROUTES if route.limit):
        operation = paths[route.path][route.method.lower()]

        assert "Retry-After" in operation["responses"]["429"]["headers"]
        assert "At most" in operation["description"]
