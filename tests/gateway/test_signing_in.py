"""Sessions and the door."""

import hashlib
from http.cookies import SimpleCookie
from typing import Any

import pytest
from msgspec.json import decode

from gateway.access.sessions import Session, Sessions
from infra.redis import Redis
from schemas.errors import BusError, ErrorCode
from tests.conftest import NewUser
from tests.gateway.browser import Browser
from tests.gateway.conftest import Gateway, NewBrowser, NewGateway


async def test_signing_in_tells_who_you_are_until_you_sign_out(new_browser: NewBrowser) -> None:
    ann = await new_browser("Ann", signed_in=False)
    assert (await ann.get("/api/auth/me/")).refused == (401, None)

    answer = await ann.sign_in()

    me = {"id": ann.user.id, "username": ann.user.username, "name": "Ann", "is_admin": False}
    me |= {"language": None, "time_zone": "UTC", "created_at": answer.body["created_at"]}
    assert (answer.status, answer.body) == (200, me)
    assert (await ann.get("/api/auth/me/")).body == me

    assert (await ann.post("/api/auth/logout/")).status == 204
    assert (await ann.get("/api/auth/me/")).refused == (401, None)
    assert (await ann.post("/api/auth/logout/")).status == 204


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(new_browser: NewBrowser) -> None:
    ann = await new_browser("Ann", signed_in=False)
    wrong = await ann.sign_in("wrong")
    unknown = await ann.post("/api/auth/login/", {"username": "nobody-at-all", "password": "wrong"})

    assert wrong.refused == unknown.refused == (401, None)
    assert wrong.body == unknown.body
    assert "Set-Cookie" not in wrong.headers


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(new_browser: NewBrowser) -> None:
    ann = await new_browser("Ann", signed_in=False)
    cookie = SimpleCookie((await ann.sign_in()).headers["Set-Cookie"])["ttm_session"]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Lax", "/", "")
    assert len(cookie.value) >= 43


async def test_signing_in_again_ends_the_session_before(
    ann: Browser, gateway: Gateway, new_browser: NewBrowser
) -> None:
    first = SimpleCookie((await ann.sign_in()).headers["Set-Cookie"])["ttm_session"].value
    await ann.sign_in()
    other = await new_browser("Ben", signed_in=False)

    answer = await other.get("/api/auth/me/", headers={"Cookie": f"ttm_session={first}"})

    assert answer.refused == (401, None)


@pytest.mark.parametrize("value", ["", "x", "x" * 5000, "%00", "ключ", '"', "a b"])
async def test_a_made_up_session_lets_nobody_in(new_browser: NewBrowser, value: str) -> None:
    ann = await new_browser("Ann", signed_in=False)

    answer = await ann.get("/api/auth/me/", headers={"Cookie": f"ttm_session={value}"})

    assert answer.refused == (401, None)


async def said(redis: Redis, *command: object) -> Any:
    """Redis's own answer, past our code."""
    return await redis.execute_command(*command)


async def test_redis_keeps_a_digest_of_the_session_and_no_password(redis: Redis, new_user: NewUser) -> None:
    sessions = Sessions(redis)
    user = await new_user("Ann")
    token = await sessions.open(user)

    key = "session:" + hashlib.sha256(token.encode()).hexdigest()
    kept = decode(await said(redis, "GET", key), type=Session)

    assert (kept.user, kept.username) == (user.id, user.username)
    assert 0 <= 14 * 24 * 3600 - await said(redis, "TTL", key) < 10


class Hands:
    """A clock that is moved by hand, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_session_that_ended_elsewhere_is_known_for_a_second_at_most(redis: Redis, new_user: NewUser) -> None:
    clock = Hands()
    here, elsewhere = Sessions(redis, clock), Sessions(redis)
    token = await here.open(await new_user("Ann"))
    assert await here.find(token)

    await elsewhere.close(token)

    clock.now = 0.9
    assert await here.find(token)
    clock.now = 1.1
    assert await here.find(token) is None


async def test_a_session_in_use_is_prolonged_and_one_that_was_just_prolonged_is_not(
    redis: Redis, new_user: NewUser
) -> None:
    sessions = Sessions(redis)
    token = await sessions.open(await new_user("Ann"))
    key = "session:" + hashlib.sha256(token.encode()).hexdigest()
    fortnight = 14 * 24 * 3600

    await redis.execute_command("EXPIRE", key, fortnight - 30)
    await Sessions(redis).find(token)
    assert await said(redis, "TTL", key) <= fortnight - 30

    await redis.execute_command("EXPIRE", key, fortnight - 90)
    await Sessions(redis).find(token)
    assert await said(redis, "TTL", key) > fortnight - 10


async def test_without_redis_nobody_is_sent_away_as_signed_out() -> None:
    sessions = Sessions(Redis.from_url("unix:///nowhere/redis.sock", driver_info=None))

    with pytest.raises(BusError) as refusal:
        await sessions.find("some-session")

    assert refusal.value.code is ErrorCode.OVERLOADED


FOREIGN = {
    "a page of another site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "a page of another site in an old browser": {"Origin": "https://evil.example"},
    "a page of a neighbour": {"Sec-Fetch-Site": "same-site"},
    "a sandboxed page": {"Origin": "null"},
    "a page on another port": {"Origin": "http://127.0.0.1:1"},
    "a page with our name in front of its own": {"Origin": "http://127.0.0.1.evil.example"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
async def test_other_sites_can_neither_change_nor_listen(ann: Browser, headers: dict[str, str]) -> None:
    assert (await ann.post("/api/teams/", {"name": "Crew"}, headers=headers)).refused == (403, None)
    assert (await ann.post("/api/auth/logout/", headers=headers)).refused == (403, None)
    assert (await ann.get("/ws/team/1/", headers=headers)).refused == (403, None)
    assert (await ann.get("/api/auth/me/", headers=headers)).status == 200


async def test_our_own_pages_can(ann: Browser, gateway: Gateway) -> None:
    headers = {"Origin": gateway.address, "Sec-Fetch-Site": "same-origin"}

    assert (await ann.post("/api/teams/", {"name": "Crew"}, headers=headers)).status == 201


async def test_a_page_of_our_name_without_https_is_another_site(
    new_gateway: NewGateway, new_browser: NewBrowser
) -> None:
    ann = await new_browser("Ann", at=await new_gateway(public_url="https://tasks.example.org"))
    plain, safe = ({"Origin": f"{scheme}://tasks.example.org"} for scheme in ("http", "https"))

    assert (await ann.post("/api/auth/logout/", headers=plain)).refused == (403, None)
    assert (await ann.post("/api/auth/logout/", headers=safe)).status == 204
