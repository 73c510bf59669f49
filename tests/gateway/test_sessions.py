"""Where people are signed in, and how that ends."""

import msgspec
import pytest

from gateway.access.session_index import MOST, SessionIndex
from gateway.access.sessions import Sessions, place_of, read_session, session_key
from infra.bus import Bus
from infra.redis import Redis
from schemas.accounts import ChangeUser, GetUser, User
from tests.conftest import PASSWORD, NewUser
from tests.gateway.browser import Browser
from tests.gateway.conftest import Crew, Gateway, NewBrowser, NewGateway
from tests.waiting import wait_for

NEW_PASSWORD = "staple battery horse correct"


@pytest.fixture
async def phone(ann: Browser, new_browser: NewBrowser) -> Browser:
    """Ann's other browser."""
    return await new_browser(user=ann.user)


@pytest.fixture
async def admin(new_user: NewUser) -> User:
    return await new_user("Root", is_admin=True)


async def is_signed_in(browser: Browser) -> bool:
    return (await browser.get("/api/auth/me/")).status == 200


async def test_everybody_sees_where_they_are_signed_in(ann: Browser, phone: Browser, new_browser: NewBrowser) -> None:
    other = await new_browser("Ben")
    sessions = (await ann.get("/api/auth/sessions/")).body

    assert len(sessions) == 2
    assert [session["is_current"] for session in sessions].count(True) == 1
    assert all(session["address"] == "127.0.0.1" and "aiohttp" in session["agent"] for session in sessions)
    assert len((await other.get("/api/auth/sessions/")).body) == 1
    assert (await phone.get("/api/auth/sessions/")).status == 200


async def test_a_browser_may_call_itself_what_it_likes(ann: Browser) -> None:
    credentials = {"username": ann.user.username, "password": PASSWORD}
    strange = b"\xff\xfe".decode("utf-8", "surrogateescape")

    for agent in ("", "x" * 1000, "Браузер", strange):
        assert (await ann.post("/api/auth/login/", credentials, headers={"User-Agent": agent})).status == 200
        (session,) = (await ann.get("/api/auth/sessions/")).body
        assert len(session["agent"]) <= 200


async def test_a_session_can_be_ended_from_another_one(ann: Browser, phone: Browser) -> None:
    (theirs,) = [one for one in (await ann.get("/api/auth/sessions/")).body if not one["is_current"]]
    ear = await phone.listen_for_oneself()

    assert (await ann.delete(f"/api/auth/sessions/{theirs['id']}/")).status == 204

    assert await ear.frame() == {"type": "signed_out"}
    assert await ear.closed() == 4401
    assert not await is_signed_in(phone)
    assert await is_signed_in(ann)


async def test_nobody_ends_the_session_of_another_and_ids_are_no_secrets(ann: Browser, new_browser: NewBrowser) -> None:
    ben = await new_browser("Ben")
    (session,) = (await ben.get("/api/auth/sessions/")).body

    assert (await ann.delete(f"/api/auth/sessions/{session['id']}/")).refused == (404, None)
    assert (await ann.delete("/api/auth/sessions/x/")).refused == (404, None)
    stolen = {"Cookie": f"ttm_session={session['id']}"}
    stranger = await new_browser("Olga", signed_in=False)
    assert (await stranger.get("/api/auth/me/", headers=stolen)).status == 401
    assert await is_signed_in(ben)


async def test_all_other_sessions_end_at_once(ann: Browser, phone: Browser) -> None:
    assert (await ann.delete("/api/auth/sessions/")).status == 204

    assert await is_signed_in(ann)
    assert not await is_signed_in(phone)


async def test_another_password_ends_all_sessions_but_the_one_that_gave_it(crew: Crew, new_browser: NewBrowser) -> None:
    phone = await new_browser(user=crew.ann.user)
    mine, theirs = await crew.ann.listen(crew.team), await phone.listen_for_oneself()
    await mine.until("ready")

    answer = await crew.ann.post("/api/auth/password/", {"old": PASSWORD, "new": NEW_PASSWORD})

    assert answer.status == 204, answer
    assert await theirs.closed() == 4401
    assert not await is_signed_in(phone)
    assert await is_signed_in(crew.ann)
    await crew.task("Still here")
    assert (await mine.until("task.created"))["task"]["title"] == "Still here"
    assert (await phone.sign_in()).status == 401
    assert (await phone.sign_in(NEW_PASSWORD)).status == 200


async def test_whoever_stole_the_cookie_is_out_after_another_password(ann: Browser, new_browser: NewBrowser) -> None:
    thief = await new_browser("Thief", signed_in=False)
    stolen = {"Cookie": f"ttm_session={ann.cookie}"}
    assert (await thief.get("/api/auth/me/", headers=stolen)).status == 200

    await ann.post("/api/auth/password/", {"old": PASSWORD, "new": NEW_PASSWORD})

    assert (await thief.get("/api/auth/me/", headers=stolen)).status == 401


async def test_a_wrong_old_password_changes_nothing(ann: Browser, phone: Browser) -> None:
    answer = await ann.post("/api/auth/password/", {"old": "wrong", "new": NEW_PASSWORD})

    assert answer.refused[0] == 403
    assert await is_signed_in(phone)
    assert (await ann.sign_in()).status == 200


async def test_whoever_is_deactivated_is_signed_out_everywhere(
    ann: Browser, bus: Bus, admin: User, new_gateway: NewGateway, new_browser: NewBrowser, redis: Redis
) -> None:
    elsewhere = await new_browser(user=ann.user, at=await new_gateway())
    ears = [await ann.listen_for_oneself(), await elsewhere.listen_for_oneself()]

    await bus.request(ChangeUser(by=admin.id, user=ann.user.id, is_active=False))

    assert [await ear.closed() for ear in ears] == [4401, 4401]
    assert not await is_signed_in(ann)
    assert not await is_signed_in(elsewhere)

    async def nothing_is_left() -> bool:
        return await SessionIndex(redis, Sessions(redis)).of(ann.user.id) == []

    await wait_for(nothing_is_left)


async def test_sessions_know_a_person_by_their_new_name(ann: Browser, bus: Bus, admin: User, redis: Redis) -> None:
    await bus.request(ChangeUser(by=admin.id, user=ann.user.id, name="Anna", is_admin=True))

    async def knows_the_name() -> bool:
        session = read_session(await redis.execute_command("GET", place_of(session_key(ann.cookie))))
        return session is not None and (session.name, session.is_admin) == ("Anna", True)

    await wait_for(knows_the_name)
    team = (await ann.post("/api/teams/", {"name": "Crew"})).body["id"]
    assert (await ann.get(f"/api/teams/{team}/members/")).body[0]["name"] == "Anna"


async def test_old_news_of_a_person_overwrite_nothing(ann: Browser, bus: Bus, redis: Redis, gateway: Gateway) -> None:
    before = await bus.request(GetUser(user=ann.user.id))
    await ann.patch("/api/auth/me/", {"name": "Anna"})
    index = SessionIndex(redis, Sessions(redis))
    await index.follow(await bus.request(GetUser(user=ann.user.id)))

    await index.follow(before)

    assert [one.session.name for one in await index.of(ann.user.id)] == ["Anna"]


async def test_a_session_that_ends_while_it_is_rewritten_does_not_come_back(new_user: NewUser, redis: Redis) -> None:
    sessions, user = Sessions(redis), await new_user("Ann")
    index, secret = SessionIndex(redis, sessions), await sessions.open(user)
    (one,) = await index.of(user.id)
    await sessions.close(secret)

    await index._rewrite(one, msgspec.structs.replace(user, name="Anna"))

    assert await Sessions(redis).find(secret) is None


async def test_nobody_fills_redis_by_signing_in_and_the_longest_unused_goes_first(
    new_user: NewUser, redis: Redis
) -> None:
    sessions, user = Sessions(redis), await new_user("Ann")
    index = SessionIndex(redis, sessions)
    secrets = [await sessions.open(user) for _ in range(MOST)]
    await redis.execute_command("EXPIRE", place_of(session_key(secrets[7])), 3600)

    await index.make_room(user.id)

    assert len(await index.of(user.id)) == MOST - 1
    assert await sessions.find(secrets[7]) is None


async def test_ones_own_account_is_changed_in_part(ann: Browser) -> None:
    changed = await ann.patch("/api/auth/me/", {"language": "ru", "time_zone": "Europe/Berlin"})

    assert (changed.status, changed.body["name"]) == (200, "Ann")
    assert (changed.body["language"], changed.body["time_zone"]) == ("ru", "Europe/Berlin")
    assert (await ann.patch("/api/auth/me/", {"language": None})).body["language"] is None
    assert (await ann.patch("/api/auth/me/", {"is_admin": True})).refused == (400, "is_admin")
    assert (await ann.patch("/api/auth/me/", {"time_zone": "Europe/Nowhere"})).refused == (400, "time_zone")
