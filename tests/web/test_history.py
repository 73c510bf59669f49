"""What happened, taking it back, what one missed, and the board as it was."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import expect

from tests.web.conftest import Crew, Enter
from tests.web.person import Person

_EXTRAS = """() => Object.fromEntries([...document.querySelectorAll('[data-task]')].map(card => [card.dataset.task, [
    card.querySelector('[data-testid=card-checklist]')?.textContent.trim() ?? '',
    Number(card.querySelector('[data-testid=card-comments]')?.textContent ?? 0),
    [...card.querySelectorAll('[data-label]')].map(chip => Number(chip.dataset.label)).sort((a, b) => a - b),
    card.dataset.priority,
]]))"""


async def _press_undo(person: Person) -> None:
    await person.page.get_by_role("heading", level=1).evaluate("() => document.activeElement.blur()")
    await person.page.keyboard.press("Control+z")


async def test_what_happened_is_told_in_words_and_page_by_page(crew: Crew, enter: Enter) -> None:
    for number in range(60):
        await crew.task(f"Task {number}")
    ben, clara = await enter("ben"), await enter("clara")
    await ben.open_side("activity")
    entries = ben.page.locator("[data-testid^=entry-][data-new]")
    await expect(entries).to_have_count(50)
    await expect(entries.first).to_contain_text("Anna Petrova created “Task 59” in To do")

    await ben.page.get_by_test_id("activity-more").click()
    await expect(entries.last).to_contain_text("created the team “Crew”")
    await expect(ben.page.get_by_test_id("activity-more")).to_have_count(0)
    await clara.drag("Task 0", crew.lists["Doing"])
    await expect(entries.first).to_contain_text("Clara Jensen moved “Task 0” from To do to Doing")


async def test_ones_last_changes_are_taken_back_one_after_another(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben, clara = await enter("ben"), await enter("clara")
    before = await crew.board()

    await ben.drag("Buy paper", crew.lists["Doing"])
    await ben.card("Buy paper").get_by_role("checkbox").click()
    await expect(clara.card("Buy paper", within=crew.lists["Doing"])).to_have_attribute("data-done", "true")
    await ben.toast("“Buy paper” done").get_by_role("button", name="Undo").click()
    await expect(ben.toast("Taken back")).to_be_visible()
    await expect(clara.card("Buy paper", within=crew.lists["Doing"])).to_have_attribute("data-done", "false")
    await _press_undo(ben)

    await expect(clara.card("Buy paper", within=crew.lists["To do"])).to_be_visible()
    board = await crew.board()
    for person in (ben, clara):
        await person.shows(board)
    [was], [now] = before["tasks"], board["tasks"]
    assert {name: now[name] for name in ("list", "rank", "is_done")} == {
        name: was[name] for name in ("list", "rank", "is_done")
    }


async def test_what_is_typed_is_undone_by_the_browser_and_not_by_the_board(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben = await enter("ben")
    await ben.card("Buy paper").get_by_role("checkbox").click()
    await expect(ben.card("Buy paper")).to_have_attribute("data-version", "2")

    await ben.page.get_by_test_id("search").fill("paper")
    await ben.page.get_by_test_id("search").press("Control+z")

    await ben.shows(await crew.board())
    await expect(ben.card("Buy paper")).to_have_attribute("data-done", "true")


async def test_what_somebody_else_changed_since_is_not_taken_back(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    ben = await enter("ben")
    ben.may_be_refused()
    await ben.edit("Buy paper", title="Buy red paper")
    await expect(ben.card("Buy red paper")).to_have_attribute("data-version", "2")
    await crew.do("PATCH", f"/api/tasks/{paper}/", {"title": "Buy blue paper"})
    await expect(ben.card("Buy blue paper")).to_be_visible()

    await _press_undo(ben)

    await expect(ben.toast("somebody else has changed the same thing since")).to_be_visible()
    await ben.shows(await crew.board())


async def test_an_undo_without_a_line_waits_for_it_behind_what_it_takes_back(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    clara = await enter("clara")
    clara.may_lose_the_line()
    await clara.cable.cut()
    await clara.is_offline()
    await clara.card("Buy paper").get_by_role("checkbox").click()
    await clara.toast("“Buy paper” done").get_by_role("button", name="Undo").click()
    await expect(clara.page.get_by_test_id("offline")).to_contain_text("waits to be saved")
    clara.cable.mend()

    await expect(clara.toast("Taken back")).to_be_visible(timeout=15_000)
    await expect(clara.card("Buy paper")).to_have_attribute("data-done", "false")
    board = await crew.board()
    assert [task["version"] for task in board["tasks"]] == [3]
    await clara.shows(board)


async def test_who_comes_back_is_told_what_changed_and_shown_it(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    clara = await enter("clara")
    await expect(clara.page.get_by_test_id("missed")).to_have_count(0)  # nobody has left who has never been here
    async with clara.page.expect_request(lambda sent: sent.url.endswith("/visit/") and sent.method == "POST"):
        await clara.page.get_by_test_id("all-teams").click()
    await crew.do("POST", f"/api/tasks/{paper}/done/")
    await crew.do("PATCH", f"/api/tasks/{paper}/", {"title": "Buy ink", "priority": "low"})

    await clara.page.get_by_test_id(f"team-{crew.team}").click()
    await expect(clara.page.get_by_test_id("missed")).to_contain_text("2 changes")
    await clara.page.get_by_test_id("missed-show").click()
    missed = clara.page.locator("[data-new=true]")
    await expect(missed).to_have_count(2)
    await expect(missed.last).to_contain_text("completed “Buy paper”")
    await expect(clara.page.get_by_test_id("you-left-here")).to_be_visible()
    await expect(clara.page.get_by_test_id("missed")).to_have_count(0)


async def test_ones_own_changes_are_nothing_that_one_missed(crew: Crew, enter: Enter) -> None:
    clara = await enter("clara")
    await clara.page.get_by_test_id("all-teams").click()
    paper = await crew.task("Buy paper")
    await clara.page.get_by_test_id(f"team-{crew.team}").click()
    await expect(clara.page.get_by_test_id("missed")).to_contain_text("1 change")
    await clara.page.get_by_test_id("all-teams").click()
    done = await clara.context.request.post(f"/api/tasks/{paper}/done/")  # from elsewhere, and yet her own
    assert done.ok

    async with clara.page.expect_response(lambda answer: "/activity/" in answer.url):
        await clara.page.get_by_test_id(f"team-{crew.team}").click()
    await clara.open_side("activity")
    await expect(clara.page.locator("[data-testid^=entry-][data-new]").first).to_contain_text("completed “Buy paper”")
    await expect(clara.page.get_by_test_id("missed")).to_have_count(0)


async def test_the_board_as_it_was_is_shown_and_cannot_be_changed(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    then = await crew.board()
    moment = datetime.now(UTC).isoformat()
    await crew.do("POST", f"/api/tasks/{paper}/done/")
    await crew.task("Buy ink")
    await crew.do("DELETE", f"/api/lists/{crew.lists['Doing']}/")
    ben = await enter("ben")
    await expect(ben.page.get_by_role("article")).to_have_count(2)

    await ben.open_side("activity")
    entry = ben.page.locator("[data-testid^=entry-][data-new]", has_text="created “Buy paper”")
    await entry.get_by_role("link", name="The board as it was then").click()
    await expect(ben.page.get_by_test_id("past-bar")).to_contain_text("The board as it was")
    await expect(ben.page.get_by_role("article")).to_have_count(1)
    await expect(ben.card("Buy paper")).to_have_attribute("data-done", "false")
    await expect(ben.list_(crew.lists["Doing"])).to_be_visible()
    await expect(ben.card("Buy paper")).to_have_attribute("data-version", str(then["tasks"][0]["version"]))
    for offer in ("add-list", f"add-task-{crew.lists['To do']}", "board-menu", "connection"):
        await expect(ben.page.get_by_test_id(offer)).to_have_count(0)
    await expect(ben.card("Buy paper").get_by_role("checkbox")).to_be_disabled()
    await ben.open_card("Buy paper")
    await expect(ben.page.get_by_test_id("task-title")).to_be_disabled()
    await ben.page.keyboard.press("Escape")

    await ben.page.get_by_test_id("back-to-now").click()
    await ben.is_live()
    await ben.shows(await crew.board())
    await ben.page.goto(f"/teams/{crew.team}?at={moment.replace('+', '%2B')}")
    await expect(ben.page.get_by_test_id("past-bar")).to_be_visible()
    await expect(ben.page.get_by_role("article")).to_have_count(1)


async def test_a_moment_before_the_team_leads_back_to_now(crew: Crew, enter: Enter) -> None:
    ben = await enter("ben")
    ben.may_be_refused()
    await ben.open_side("activity")
    await ben.page.get_by_test_id("look-back").fill("2001-01-01T12:00")
    await ben.page.get_by_test_id("look-back-go").click()

    await expect(ben.toast("There is no board of that moment.")).to_be_visible()
    await ben.is_live()
    await expect(ben.page.get_by_test_id("past-bar")).to_have_count(0)


async def test_who_looks_too_far_back_stays_at_the_moment_before(crew: Crew, enter: Enter) -> None:
    ben = await enter("ben")
    ben.may_be_refused()
    await crew.task("Buy paper")
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    await ben.page.goto(f"/teams/{crew.team}?at={moment}")
    await expect(ben.page.get_by_test_id("past-bar")).to_be_visible()
    await ben.page.get_by_test_id("past-earlier").click()

    await expect(ben.toast("There is no board of that moment.")).to_be_visible()
    await expect(ben.page.get_by_test_id("past-bar")).to_have_attribute("data-at", moment)


async def test_whatever_happens_the_page_stays_equal_to_a_fresh_snapshot(crew: Crew, enter: Enter) -> None:
    clara = await enter("clara")
    await _everything(crew)
    board = await crew.board()

    await clara.shows(board)
    shown = await clara.page.evaluate(_EXTRAS)
    labels = {label["id"] for label in board["labels"]}
    assert shown == {
        str(task["id"]): [
            _progress(task["checklist"]),
            task["comments"],
            sorted(labels.intersection(task["labels"])),
            task["priority"],
        ]
        for task in board["tasks"]
    }
    await clara.page.reload()
    await clara.is_live()
    assert await clara.page.evaluate(_EXTRAS) == shown


def _progress(steps: list[dict[str, Any]]) -> str:
    return f"{sum(step['is_done'] for step in steps)}/{len(steps)}" if steps else ""


async def _everything(crew: Crew) -> None:
    """A change of every kind, by somebody else."""
    labels = f"/api/teams/{crew.team}/labels/"
    bug, gone = [(await crew.do("POST", labels, {"name": name, "colour": "#d33a2c"}))["id"] for name in ("Bug", "Gone")]
    tasks = [await crew.task(f"Task {number}") for number in range(6)]
    first, second = (f"/api/tasks/{task}/" for task in tasks[:2])
    await crew.do("PATCH", first, {"labels": [bug, gone], "priority": "urgent"})
    await crew.do("DELETE", f"/api/labels/{gone}/")
    steps = [(await crew.do("POST", f"{first}checklist/", {"text": text}))["checklist"][-1]["id"] for text in "abc"]
    await crew.do("PATCH", f"{first}checklist/{steps[0]}/", {"is_done": True})
    await crew.do("DELETE", f"{first}checklist/{steps[1]}/")
    comments = [(await crew.do("POST", f"{second}comments/", {"text": text}))["id"] for text in "abc"]
    await crew.do("DELETE", f"/api/comments/{comments[0]}/")
    await crew.do("POST", f"{second}watch/")
    await crew.do("POST", f"/api/tasks/{tasks[2]}/archive/")
    await crew.do("PATCH", f"/api/tasks/{tasks[2]}/", {"title": "Changed while away"})
    await crew.do("DELETE", f"/api/tasks/{tasks[3]}/")
    await crew.do("POST", f"/api/teams/{crew.team}/undo/")
    many = {"team": crew.team, "tasks": tasks[3:], "fields": {"list": crew.lists["Doing"], "add_labels": [bug]}}
    await crew.do("POST", "/api/tasks/bulk/", many)
    await crew.do("DELETE", f"/api/lists/{crew.lists['Doing']}/")
    await crew.do("POST", f"/api/lists/{crew.lists['Doing']}/restore/")
    await crew.do("PATCH", f"/api/lists/{crew.lists['Doing']}/", {"wip_limit": 5})
    await asyncio.gather(*(crew.do("POST", f"/api/tasks/{task}/done/") for task in tasks[3:]))


async def test_in_russian_who_did_it_stands_before_what_was_done(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben = await enter("ben", locale="ru-RU")
    panel = await ben.open_side("activity")

    entry = panel.get_by_test_id("activity").locator("li", has_text="создана задача")
    await expect(entry).to_contain_text("Anna Petrova: создана задача «Buy paper»")
