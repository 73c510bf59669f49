"""The task operations, as the predecessor's clients know them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.gateway.conftest import Crew


async def test_a_task_comes_back_as_it_was_sent_with_the_names_beside_it(crew: Crew) -> None:
    sent = {
        "title": "Buy paper",
        "description": "A4, 80 g",
        "list": crew.todo,
        "assignee": crew.ben.user.id,
        "due_at": "2027-03-01T12:00:00+03:00",
    }
    answer = await crew.ann.post("/api/tasks/", sent)

    assert answer.status == 201
    assert {**answer.body, **sent, "due_at": "2027-03-01T09:00:00Z"} == answer.body
    assert (answer.body["list_name"], answer.body["assignee_username"]) == ("To do", crew.ben.user.username)
    assert (answer.body["is_done"], answer.body["done_at"], answer.body["version"]) == (False, None, 1)


async def test_a_page_of_tasks_names_the_pages_beside_it(crew: Crew) -> None:
    for title in ("One", "Two", "Three"):
        await crew.task(title)

    async def page(address: str) -> tuple[list[str], dict[str, Any]]:
        link = urlsplit(address)
        body = (await crew.ann.get(f"{link.path}?{link.query}")).body
        return [task["title"] for task in body["results"]], body

    titles, first = await page(f"/api/tasks/?team={crew.team}&limit=2")
    assert (titles, first["count"], first["previous"]) == (["Three", "Two"], 3, None)
    titles, second = await page(first["next"])
    assert (titles, second["count"], second["next"]) == (["One"], 3, None)
    titles, again = await page(second["previous"])
    assert (titles, again["next"], again["previous"]) == (["Three", "Two"], first["next"], None)


async def test_pages_can_be_counted_off_as_well(crew: Crew) -> None:
    for title in ("One", "Two", "Three"):
        await crew.task(title)

    second = (await crew.ann.get(f"/api/tasks/?team={crew.team}&limit=1&offset=1")).body

    assert [task["title"] for task in second["results"]] == ["Two"]
    assert parse_qs(urlsplit(second["previous"]).query) == {"team": [str(crew.team)], "limit": ["1"], "offset": ["0"]}
    assert parse_qs(urlsplit(second["next"]).query) == {
        "team": [str(crew.team)],
        "limit": ["1"],
        "cursor": [str(second["results"][0]["id"])],
    }
    assert (await crew.ann.get("/api/tasks/?offset=10001")).refused == (400, "offset")


async def test_a_parameter_without_a_value_counts_as_absent(crew: Crew) -> None:
    await crew.task()

    answer = await crew.ann.get(f"/api/tasks/?team={crew.team}&list=&filter=&q=")

    assert (answer.status, answer.body["count"]) == (200, 1)


async def test_tasks_are_filtered_by_list_by_state_by_person_and_by_words(crew: Crew) -> None:
    mine = await crew.task("Paint the fence", assignee=crew.ann.user.id)
    done = await crew.task("Buy paint", list=crew.done)
    await crew.ann.post(f"/api/tasks/{done}/done/")

    async def found(query: str) -> list[int]:
        answer = await crew.ann.get(f"/api/tasks/?team={crew.team}&{query}")
        return [task["id"] for task in answer.body["results"]]

    assert await found(f"list={crew.done}") == [done]
    assert await found("filter=me") == [mine]
    assert await found("filter=open") == [mine]
    assert await found("q=FENCE") == [mine]
    assert await found("q=nothing") == []


async def test_my_tasks_are_the_open_ones_that_are_mine(crew: Crew) -> None:
    await crew.task("Not mine")
    mine = await crew.task("Mine", assignee=crew.ann.user.id)
    done = await crew.task("Mine and done", assignee=crew.ann.user.id)
    await crew.ann.post(f"/api/tasks/{done}/done/")

    assert [task["id"] for task in (await crew.ann.get("/api/tasks/my/")).body] == [mine]


async def test_a_task_is_done_and_reopened(crew: Crew) -> None:
    task = f"/api/tasks/{await crew.task()}/"

    answer = await crew.ben.post(f"{task}done/")
    assert (answer.status, answer.body) == (200, {"status": "ok"})
    assert (await crew.ben.get(task)).body["is_done"] is True

    answer = await crew.ben.post(f"{task}reopen/")
    assert (answer.status, answer.body["is_done"]) == (200, False)


async def test_what_is_not_sent_stays_and_null_clears(crew: Crew) -> None:
    due = "2027-03-01T09:00:00Z"
    task = f"/api/tasks/{await crew.task('Buy paper', assignee=crew.ben.user.id, due_at=due)}/"

    changed = (await crew.ann.patch(task, {"assignee": None})).body
    assert (changed["assignee"], changed["due_at"], changed["title"]) == (None, due, "Buy paper")
    changed = (await crew.ann.patch(task, {"due_at": None, "is_done": True})).body
    assert (changed["due_at"], changed["is_done"], changed["title"]) == (None, True, "Buy paper")


async def test_a_task_moves_to_before_another_and_goes_to_the_trash_and_back(crew: Crew) -> None:
    first = await crew.task("First", list=crew.done)
    task = await crew.task("Second")

    moved = await crew.ann.post(f"/api/tasks/{task}/move/", {"list": crew.done, "before": first})
    assert (moved.status, moved.body["list_name"]) == (200, "Done")
    board = (await crew.ann.get(f"/api/teams/{crew.team}/board/")).body
    ranks = {task["id"]: task["rank"] for task in board["tasks"]}
    assert ranks[task] < ranks[first]

    assert (await crew.ann.delete(f"/api/tasks/{task}/")).status == 204
    assert (await crew.ann.get(f"/api/tasks/{task}/")).refused == (404, None)
    assert (await crew.ann.post(f"/api/tasks/{task}/restore/")).status == 200
    assert (await crew.ann.get(f"/api/tasks/{task}/")).status == 200


async def test_a_list_or_a_person_of_another_team_cannot_be_used(crew: Crew) -> None:
    team = (await crew.olga.post("/api/teams/", {"name": "Others"})).body["id"]
    foreign = (await crew.olga.post("/api/lists/", {"team": team, "name": "To do"})).body["id"]

    assert (await crew.ann.post("/api/tasks/", {"title": "a", "list": foreign})).refused[0] == 404
    task = f"/api/tasks/{await crew.task()}/"
    assert (await crew.ann.patch(task, {"list": foreign})).refused[0] in (400, 404)
    assert (await crew.ann.post(f"{task}move/", {"list": foreign})).refused[0] in (400, 404)
    assert (await crew.ann.patch(task, {"assignee": crew.olga.user.id})).refused == (400, "assignee")


async def test_somebody_whom_nobody_knows_cannot_be_added(crew: Crew) -> None:
    answer = await crew.ann.post(f"/api/teams/{crew.team}/members/", {"username": "nobody-at-all"})

    assert answer.refused == (404, "username")


async def test_members_join_once_change_roles_and_leave(crew: Crew) -> None:
    members = f"/api/teams/{crew.team}/members/"

    assert (await crew.ann.post(members, {"username": crew.ben.user.username})).refused[0] == 409
    changed = await crew.ann.patch(f"{members}{crew.ben.user.id}/", {"role": "admin"})
    assert (changed.status, changed.body["role"]) == (200, "admin")
    assert (await crew.vera.delete(f"{members}{crew.vera.user.id}/")).status == 204
    names = [member["name"] for member in (await crew.ann.get(members)).body]
    assert names == ["Adam", "Ann", "Ben"]


async def test_a_board_names_its_position_and_all_that_is_on_it(crew: Crew) -> None:
    task = await crew.task()
    board = (await crew.vera.get(f"/api/teams/{crew.team}/board/")).body

    assert (board["team"]["role"], [row["name"] for row in board["lists"]]) == ("viewer", ["To do", "Done"])
    assert [row["id"] for row in board["tasks"]] == [task]
    assert len(board["members"]) == 4
    assert board["seq"] >= 7
