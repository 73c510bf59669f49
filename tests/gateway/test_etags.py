"""What a client has already, it is not sent again."""

import pytest

from gateway.app import ROUTES
from gateway.openapi import document
from tests.gateway.browser import Answer, Browser
from tests.gateway.conftest import Crew, NewBrowser


async def again(browser: Browser, path: str, tag: str) -> Answer:
    return await browser.get(path, headers={"If-None-Match": tag})


PATHS = ["/api/auth/me/", "/api/teams/", "/api/lists/", "/api/tasks/", "/api/openapi.json", "/api/teams/{team}/board/"]


@pytest.mark.parametrize("path", PATHS)
async def test_what_is_unchanged_is_not_sent_again(crew: Crew, path: str) -> None:
    path = path.format(team=crew.team)
    first = await crew.ann.get(path)
    tag = first.headers["ETag"]
    second = await again(crew.ann, path, tag)

    assert tag.startswith('W/"')
    assert (second.status, second.body, second.headers["ETag"]) == (304, "", tag)
    assert first.headers["Cache-Control"] == second.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", ["/api/tasks/", "/api/teams/{team}/board/"])
async def test_what_has_changed_comes_whole_and_under_another_tag(crew: Crew, path: str) -> None:
    path = path.format(team=crew.team)
    tag = (await crew.ann.get(path)).headers["ETag"]
    await crew.task("Buy paper")

    answer = await again(crew.ann, path, tag)

    assert answer.status == 200
    assert "Buy paper" in str(answer.body)
    assert answer.headers["ETag"] != tag


async def test_a_tag_may_be_one_of_many_strong_or_any(crew: Crew) -> None:
    path = f"/api/teams/{crew.team}/board/"
    tag = (await crew.ann.get(path)).headers["ETag"]

    for shown in (f'"x", {tag}', tag.removeprefix("W/"), "*"):
        assert (await again(crew.ann, path, shown)).status == 304, shown
    for shown in ('"x"', "", tag + "x", 'W/"'):
        assert (await again(crew.ann, path, shown)).status == 200, shown


async def test_a_board_is_not_the_same_for_another_person_at_the_same_browser(crew: Crew) -> None:
    path = f"/api/teams/{crew.team}/board/"
    anns = (await crew.ann.get(path)).headers["ETag"]

    assert (await again(crew.ben, path, anns)).body["team"]["role"] == "member"


async def test_who_is_no_longer_in_a_team_is_not_told_that_its_board_is_as_it_was(crew: Crew) -> None:
    path = f"/api/teams/{crew.team}/board/"
    tag = (await crew.olga.get("/api/teams/")).headers["ETag"]
    assert (await again(crew.olga, path, tag)).refused == (404, None)

    await crew.ann.delete(f"/api/teams/{crew.team}/members/{crew.ben.user.id}/")
    tag = (await crew.ann.get(path)).headers["ETag"].replace(f"-{crew.ann.user.id}-", f"-{crew.ben.user.id}-")

    assert (await again(crew.ben, path, tag)).refused == (404, None)


async def test_whoever_is_not_signed_in_gets_no_304(crew: Crew, new_browser: NewBrowser) -> None:
    stranger = await new_browser("Olga", signed_in=False)
    tag = (await crew.ann.get("/api/teams/")).headers["ETag"]

    assert (await again(stranger, "/api/teams/", tag)).refused == (401, None)


def test_304_is_documented_where_it_may_come_and_nowhere_else() -> None:
    paths = document(ROUTES)["paths"]
    documented = {route.name for route in ROUTES if "304" in paths[route.path][route.method.lower()]["responses"]}

    assert documented == {route.name for route in ROUTES if route.method == "GET" and route.signed_in}


async def test_a_page_of_tasks_that_was_looked_at_before_is_another_one_for_another_person(crew: Crew) -> None:
    await crew.task("Buy paper")
    mine = [await crew.ann.get("/api/tasks/") for _ in range(2)]
    theirs = await crew.olga.get("/api/tasks/")

    assert mine[0].body == mine[1].body
    assert mine[0].headers["ETag"] == mine[1].headers["ETag"]
    assert theirs.body["results"] == []
