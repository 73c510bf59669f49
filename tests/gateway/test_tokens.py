"""API tokens: programs that act in somebody's name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.bus import Bus
from schemas.accounts import ChangeUser
from tests.conftest import NewUser
from tests.gateway.browser import Browser
from tests.gateway.conftest import Crew, Gateway, NewBrowser
from tests.waiting import wait_for


class Program(Browser):
    """Has no cookies, and shows a token with each request."""

    def __init__(self, address: str, secret: str) -> None:
        super().__init__(address)
        self._session.headers["Authorization"] = f"Bearer {secret}"


async def new_token(ann: Browser, scope: str = "write", **more: Any) -> dict[str, Any]:
    answer = await ann.post("/api/auth/tokens/", {"name": "Backup", "scope": scope, **more})
    assert answer.status == 201, answer
    return answer.body


@pytest.fixture
async def program(gateway: Gateway, crew: Crew) -> Any:
    """A program of Ann's, who owns the crew."""
    program = Program(gateway.address, (await new_token(crew.ann))["secret"])
    yield program
    await program.close()


async def test_a_token_acts_in_the_name_of_whoever_made_it(crew: Crew, program: Program) -> None:
    assert (await program.get("/api/auth/me/")).body["id"] == crew.ann.user.id

    task = await program.post("/api/tasks/", {"title": "Buy paper", "list": crew.todo})

    assert task.status == 201
    assert (await crew.ben.get(f"/api/tasks/{task.body['id']}/")).status == 200


async def test_a_token_that_reads_changes_nothing(crew: Crew, gateway: Gateway) -> None:
    reader = Program(gateway.address, (await new_token(crew.ann, "read"))["secret"])

    assert (await reader.get(f"/api/teams/{crew.team}/board/")).status == 200
    assert (await reader.post("/api/tasks/", {"title": "No", "list": crew.todo})).refused == (403, None)
    assert (await crew.ann.get(f"/api/tasks/?team={crew.team}")).body["count"] == 0
    await reader.close()


async def test_a_page_elsewhere_has_no_token_so_programs_may_say_any_origin(crew: Crew, program: Program) -> None:
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}

    assert (await program.post("/api/teams/", {"name": "Crew"}, headers=headers)).status == 201


@pytest.mark.parametrize("shown", ["Bearer ttm_" + "x" * 43, "Bearer nothing", "Bearer", "bearer ", "Bearer ttm_ключ"])
async def test_a_wrong_token_is_refused_even_beside_a_good_cookie(ann: Browser, shown: str) -> None:
    answer = await ann.get("/api/auth/me/", headers={"Authorization": shown})

    assert answer.refused == (401, None)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_what_a_proxy_before_us_was_shown_is_none_of_our_business(ann: Browser) -> None:
    assert (await ann.get("/api/auth/me/", headers={"Authorization": "Basic YTpi"})).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/auth/password/", {"old": "x", "new": "another long password"}),
        ("GET", "/api/auth/sessions/", None),
        ("DELETE", "/api/auth/sessions/", None),
        ("GET", "/api/auth/tokens/", None),
        ("POST", "/api/auth/tokens/", {"name": "More", "scope": "write"}),
        ("DELETE", "/api/auth/tokens/1/", None),
        ("POST", "/api/telegram/confirm/", {"code": "123456"}),
        ("POST", "/api/telegram/confirm_link/", {"code": "123456"}),
        ("DELETE", "/api/telegram/link/", None),
    ],
)
async def test_with_a_token_nobody_takes_an_account_over(program: Program, method: str, path: str, body: Any) -> None:
    assert (await program.send(method, path, body)).refused == (403, None)


async def test_with_an_administrators_token_nobody_makes_or_takes_over_accounts(
    gateway: Gateway, new_browser: NewBrowser, new_user: NewUser
) -> None:
    root = await new_browser(user=await new_user("Root", is_admin=True))
    program = Program(gateway.address, (await new_token(root))["secret"])
    newcomer = {
        "username": f"settler{root.user.id}",
        "password": "another long password",
        "name": "Somebody",
        "is_admin": True,
    }

    assert (await program.get("/api/admin/users/")).status == 200
    assert (await program.post("/api/admin/users/", newcomer)).refused == (403, None)
    mine = f"/api/admin/users/{root.user.id}/"
    assert (await program.patch(mine, {"password": "another long password"})).refused == (403, None)
    assert (await root.get(f"/api/admin/users/?q=settler{root.user.id}")).body["count"] == 0
    await program.close()


async def test_a_revoked_token_is_good_for_nothing_more(crew: Crew, gateway: Gateway) -> None:
    made = await new_token(crew.ann)
    program = Program(gateway.address, made["secret"])
    assert (await program.get("/api/auth/me/")).status == 200

    assert (await crew.ann.delete(f"/api/auth/tokens/{made['token']['id']}/")).status == 204

    assert (await program.get("/api/auth/me/")).refused == (401, None)
    assert (await crew.ann.get("/api/auth/tokens/")).body == []
    await program.close()


async def test_nobody_revokes_the_token_of_another(crew: Crew, program: Program) -> None:
    (token,) = (await crew.ann.get("/api/auth/tokens/")).body

    assert (await crew.ben.delete(f"/api/auth/tokens/{token['id']}/")).refused == (404, None)
    assert (await program.get("/api/auth/me/")).status == 200


async def test_the_secret_is_told_once(ann: Browser) -> None:
    made = await new_token(ann)
    (listed,) = (await ann.get("/api/auth/tokens/")).body

    assert made["secret"].startswith("ttm_")
    assert listed["hint"] == made["secret"][-4:]
    assert made["secret"] not in str(listed)


async def test_a_token_that_ran_out_is_refused(ann: Browser) -> None:
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()

    assert (await ann.post("/api/auth/tokens/", {"name": "Old", "scope": "read", "expires_at": past})).status == 400


async def test_a_program_listens_with_its_token(crew: Crew, program: Program) -> None:
    ear = await program.listen(crew.team)
    await ear.until("ready")

    await crew.task("Buy paper")

    assert (await ear.until("task.created"))["task"]["title"] == "Buy paper"
    await ear.close()


async def test_a_wrong_token_hears_nothing(crew: Crew, gateway: Gateway) -> None:
    stranger = Program(gateway.address, "ttm_" + "y" * 43)

    assert await (await stranger.listen(crew.team)).closed() == 4401
    await stranger.close()


async def test_the_token_of_somebody_who_may_no_longer_sign_in_is_refused(
    new_user: NewUser, new_browser: NewBrowser, gateway: Gateway, bus: Bus
) -> None:
    admin, ann = await new_user("Root", is_admin=True), await new_browser("Ann")
    program = Program(gateway.address, (await new_token(ann))["secret"])
    assert (await program.get("/api/auth/me/")).status == 200

    await bus.request(ChangeUser(by=admin.id, user=ann.user.id, is_active=False))

    async def is_out() -> bool:
        return (await program.get("/api/auth/me/")).status == 401

    await wait_for(is_out)
    await program.close()
