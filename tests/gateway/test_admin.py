import pytest

from tests.conftest import PASSWORD, NewUser
from tests.gateway.browser import Browser
from tests.gateway.conftest import Crew, NewBrowser


@pytest.fixture
async def root(new_browser: NewBrowser, new_user: NewUser) -> Browser:
    """An administrator of the site, who is in no team."""
    return await new_browser(user=await new_user("Root", is_admin=True))


async def test_an_administrator_makes_changes_and_deactivates_users(root: Browser, new_browser: NewBrowser) -> None:
    username = f"made.by.{root.user.id}"
    made = await root.post("/api/admin/users/", {"username": username, "password": PASSWORD, "name": "Max"})
    assert (made.status, made.body["is_admin"]) == (201, False)
    browser = await new_browser(signed_in=False)
    credentials = {"username": username, "password": PASSWORD}
    assert (await browser.post("/api/auth/login/", credentials)).status == 200

    changed = await root.patch(f"/api/admin/users/{made.body['id']}/", {"is_active": False, "name": "Maximilian"})

    assert (changed.body["is_active"], changed.body["name"]) == (False, "Maximilian")
    assert (await browser.post("/api/auth/login/", credentials)).refused == (401, None)
    found = await root.get(f"/api/admin/users/?q={username}&is_active=false")
    assert [user["id"] for user in found.body["results"]] == [made.body["id"]]
    assert (await root.get(f"/api/admin/users/?q={username}&is_active=true")).body["count"] == 0
    taken = await root.post("/api/admin/users/", {"username": username, "password": PASSWORD, "name": "Max"})
    assert taken.refused == (409, "username")


async def test_an_administrator_runs_a_team_without_being_in_it(root: Browser, crew: Crew) -> None:
    owner = crew.olga.user
    made = await root.post("/api/admin/teams/", {"name": f"For {owner.username}", "owner": owner.username})
    team = f"/api/admin/teams/{made.body['id']}/"
    assert (await crew.olga.get(f"/api/teams/{made.body['id']}/")).body["role"] == "owner"
    nobody = await root.post("/api/admin/teams/", {"name": "x", "owner": "nobody.at.all"})
    assert nobody.refused == (404, "owner")

    stale = await root.patch(team, {"name": "x", "version": 99})
    assert stale.refused == (409, "version")
    await root.patch(team, {"name": f"Of {owner.username}"})
    found = await root.get(f"/api/admin/teams/?q=of {owner.username.upper()}")
    assert [row["id"] for row in found.body["results"]] == [made.body["id"]]

    assert (await root.delete(team)).status == 204
    assert (await root.get(f"/api/admin/teams/?q={owner.username}")).body["count"] == 0
    gone = (await root.get(f"/api/admin/teams/?q={owner.username}&deleted=true")).body["results"]
    assert [row["deleted_at"] is None for row in gone] == [False]
    assert (await root.post(f"{team}restore/")).body["deleted_at"] is None


async def test_an_administrator_changes_who_is_in_a_team(root: Browser, crew: Crew) -> None:
    memberships, olga = "/api/admin/memberships/", crew.olga.user
    made = await root.post(memberships, {"team": crew.team, "username": olga.username, "role": "viewer"})
    assert (made.status, made.body["role"]) == (201, "viewer")
    again = await root.post(memberships, {"team": crew.team, "username": olga.username})
    assert again.refused == (409, "username")

    changed = await root.patch(f"{memberships}{crew.team}/{olga.id}/", {"role": "owner"})

    assert changed.body["role"] == "owner"
    page = await root.get(f"{memberships}?team={crew.team}&limit=2&q=")
    assert (page.body["count"], len(page.body["results"])) == (5, 2)
    assert page.body["next"] is not None
    of_olga = (await root.get(f"{memberships}?user={olga.id}")).body["results"]
    assert [(row["team"], row["role"]) for row in of_olga] == [(crew.team, "owner")]
    assert (await root.delete(f"{memberships}{crew.team}/{olga.id}/")).status == 204
    assert (await crew.olga.get(f"/api/teams/{crew.team}/")).status == 404


async def test_an_administrator_works_on_the_lists_and_tasks_of_any_team(root: Browser, crew: Crew) -> None:
    row = (await root.post("/api/admin/lists/", {"team": crew.team, "name": "From above"})).body["id"]
    task = (await root.post("/api/admin/tasks/", {"list": row, "title": "Rare word: quokka"})).body["id"]
    assert (await root.patch(f"/api/admin/lists/{row}/", {"wip_limit": 3})).body["wip_limit"] == 3
    changed = await root.patch(f"/api/admin/tasks/{task}/", {"is_done": True, "assignee": crew.ben.user.id})
    assert (changed.body["is_done"], changed.body["assignee_username"]) == (True, crew.ben.user.username)

    async def found(kind: str, query: str) -> list[int]:
        return [one["id"] for one in (await root.get(f"/api/admin/{kind}/?team={crew.team}&{query}")).body["results"]]

    assert await found("tasks", "q=quokka") == [task]
    assert (await root.delete(f"/api/admin/tasks/{task}/")).status == 204
    assert (await found("tasks", "q=quokka"), await found("tasks", "deleted=true")) == ([], [task])
    assert (await root.post(f"/api/admin/tasks/{task}/restore/")).body["deleted_at"] is None
    assert (await root.delete(f"/api/admin/lists/{row}/")).status == 204
    assert (await found("lists", "q=from"), await found("lists", "deleted=true")) == ([], [row])
    assert (await root.post(f"/api/admin/lists/{row}/restore/")).body["deleted_at"] is None
    # Whoever is in the team sees it happen.
    activity = (await crew.vera.get(f"/api/teams/{crew.team}/activity/?limit=1")).body["events"]
    assert (activity[0]["type"], activity[0]["by"]) == ("list.restored", root.user.id)


async def test_what_an_administrator_does_is_on_record_and_can_be_paged_through(root: Browser, crew: Crew) -> None:
    for name in ("One", "Two", "Three"):
        await root.patch(f"/api/admin/teams/{crew.team}/", {"name": name})
    audit = f"/api/admin/audit/?q={root.user.username}&limit=2"

    first = (await root.get(audit)).body
    second = (await root.get(f"{audit}&before={first['before']}")).body

    done = [entry for entry in first["entries"] + second["entries"] if entry["act"] == "team.rename"]
    assert [(entry["team"], entry["detail"]) for entry in done] == [
        (crew.team, f'"{name}"') for name in ("Three", "Two", "One")
    ]
    assert all(entry["username"] == root.user.username for entry in done)


async def test_a_retry_of_an_administrator_does_it_once(root: Browser, crew: Crew) -> None:
    key = {"Idempotency-Key": f"retry-{crew.team}"}
    body = {"team": crew.team, "name": "Once"}

    first, second = [await root.post("/api/admin/lists/", body, headers=key) for _ in range(2)]

    assert first.body == second.body


async def test_rights_end_with_the_office(root: Browser, crew: Crew, new_user: NewUser) -> None:
    other = await new_user("Other", is_admin=True)
    await root.patch(f"/api/admin/users/{other.id}/", {"name": "Still one"})
    path = f"/api/admin/users/{root.user.id}/"

    assert (await root.patch(path, {"is_admin": False})).body["is_admin"] is False

    assert (await root.patch(path, {"is_admin": True})).refused == (403, None)
    assert (await root.get("/api/admin/teams/")).refused == (403, None)
