from schemas.sockets import CLOSE_NOT_FOUND
from tests.conftest import NewUser
from tests.gateway.browser import Browser
from tests.gateway.conftest import Crew
from tests.waiting import wait_for


async def names(browser: Browser, query: str = "") -> list[str]:
    return [team["name"] for team in (await browser.get(f"/api/teams/{query}")).body["results"]]


async def test_a_deleted_team_ends_its_sockets_and_comes_back_whole(crew: Crew) -> None:
    task, team = await crew.task(), f"/api/teams/{crew.team}/"
    ears = [await browser.listen(crew.team) for browser in (crew.ann, crew.vera)]
    for ear in ears:
        await ear.until("ready")

    assert (await crew.adam.delete(team)).refused == (403, None)
    assert (await crew.ann.delete(team)).status == 204

    assert [await ear.closed() for ear in ears] == [CLOSE_NOT_FOUND] * 2
    assert await (await crew.ann.listen(crew.team)).closed() == CLOSE_NOT_FOUND
    for path in (team, f"{team}board/", f"{team}members/", f"{team}trash/", f"{team}invites/", f"/api/tasks/{task}/"):
        for browser in (crew.ann, crew.adam, crew.vera):
            assert (await browser.get(path)).refused == (404, None), path
    assert (await names(crew.ann), await names(crew.ann, "?deleted=true")) == ([], ["Crew"])
    assert await names(crew.adam, "?deleted=true") == []
    assert (await crew.adam.post(f"{team}restore/")).refused == (404, None)

    assert (await crew.ann.post(f"{team}restore/")).body["deleted_at"] is None

    assert (await crew.vera.get(f"/api/tasks/{task}/")).status == 200
    ear = await crew.vera.listen(crew.team)
    await ear.until("ready")
    await crew.ann.patch(team, {"name": "Crew again"})
    assert (await ear.until("team.renamed"))["name"] == "Crew again"


async def test_whoever_may_add_nobody_does_not_learn_who_has_an_account(crew: Crew, new_user: NewUser) -> None:
    members, known = f"/api/teams/{crew.team}/members/", (await new_user("Max")).username

    for browser, status in ((crew.vera, 403), (crew.ben, 403), (crew.olga, 404)):
        answers = [await browser.post(members, {"username": name}) for name in (known, "nobody.at.all")]
        assert answers[0].refused == answers[1].refused == (status, None)
        assert answers[0].body["detail"] == answers[1].body["detail"]
    assert (await crew.adam.post(members, {"username": "nobody.at.all"})).refused == (404, "username")


async def test_a_team_is_given_away(crew: Crew) -> None:
    transfer = f"/api/teams/{crew.team}/transfer/"

    given = await crew.ann.post(transfer, {"to": crew.ben.user.id})

    assert (given.status, given.body["role"]) == (200, "admin")
    assert (await crew.ben.get(f"/api/teams/{crew.team}/")).body["role"] == "owner"
    assert (await crew.ann.post(transfer, {"to": crew.ann.user.id})).refused == (403, None)
    assert (await crew.ben.post(transfer, {"to": crew.olga.user.id})).refused == (404, None)


async def test_the_trash_shows_what_was_deleted(crew: Crew) -> None:
    task = await crew.task("Gone")
    await crew.ben.delete(f"/api/tasks/{task}/")
    await crew.ann.delete(f"/api/lists/{crew.done}/")

    trash = (await crew.vera.get(f"/api/teams/{crew.team}/trash/")).body

    assert [row["title"] for row in trash["tasks"]] == ["Gone"]
    assert [row["name"] for row in trash["lists"]] == ["Done"]
    assert (await crew.ann.get(f"/api/lists/?team={crew.team}&deleted=true")).body["count"] == 1
    await crew.ben.post(f"/api/tasks/{task}/restore/")
    assert (await crew.vera.get(f"/api/teams/{crew.team}/trash/")).body["tasks"] == []


async def test_another_name_of_a_person_reaches_the_board(crew: Crew) -> None:
    await crew.ben.patch("/api/auth/me/", {"name": "Benjamin"})

    async def renamed() -> bool:
        members = (await crew.ann.get(f"/api/teams/{crew.team}/members/")).body
        return "Benjamin" in {member["name"] for member in members}

    await wait_for(renamed)
