"""Labels, limits, many cards at once, what was put away, and finding things again."""

import re

from playwright.async_api import Locator, expect

from tests.web.conftest import Crew, Enter
from tests.web.person import Person


async def _pick(person: Person, *titles: str) -> Locator:
    """Pick cards out, each with Ctrl; the bar that changes them."""
    for title in titles:
        await person.card(title).click(modifiers=["Control"])
    bar = person.page.get_by_test_id("bulk-bar")
    await expect(person.page.get_by_test_id("bulk-count")).to_have_text(f"{len(titles)} selected")
    return bar


async def _choose(person: Person, menu: str, name: str) -> None:
    await person.page.get_by_test_id(f"bulk-{menu}").click()
    await person.page.get_by_role("menuitem", name=name).click()


async def test_labels_are_made_renamed_recoloured_and_deleted_before_the_others_eyes(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    ben, clara = await enter("ben"), await enter("clara")
    await ben.open_side("labels")
    await ben.page.get_by_test_id("new-label").fill("Bug")
    await ben.page.get_by_test_id("new-label").press("Enter")
    await expect(ben.page.locator("[data-testid^=label-name-]")).to_have_count(1)
    [label] = (await crew.board())["labels"]
    number = label["id"]
    await crew.do("PATCH", f"/api/tasks/{paper}/", {"labels": [number]})
    chip = clara.card("Buy paper").locator(f"[data-label='{number}']")
    await expect(chip).to_have_text("Bug")

    await ben.page.get_by_test_id(f"label-name-{number}").fill("Defect")
    await ben.page.get_by_test_id(f"label-name-{number}").press("Enter")
    await expect(chip).to_have_text("Defect")
    before = await chip.evaluate("chip => getComputedStyle(chip).backgroundColor")
    await ben.page.get_by_test_id(f"label-colour-{number}").fill("#2f9e8f")
    await expect(ben.page.get_by_test_id(f"label-{number}")).to_have_attribute("data-colour", "#2f9e8f")
    await expect(chip).not_to_have_css("background-color", before)

    await ben.page.get_by_test_id("new-label").fill("defect")
    await ben.page.get_by_test_id("new-label").press("Enter")
    ben.may_be_refused()
    await expect(ben.page.get_by_test_id("label-problem")).to_have_text("the team has a label of this name")
    await ben.page.get_by_test_id(f"label-delete-{number}").click()
    await expect(chip).to_have_count(0)
    await ben.toast("Label Defect deleted").get_by_role("button", name="Undo").click()
    await expect(chip).to_have_text("Defect")
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_a_full_list_takes_no_more_and_says_so(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    await crew.task("Buy ink", "Doing")
    ben, clara = await enter("ben"), await enter("clara")
    ben.may_be_refused()
    doing = crew.lists["Doing"]

    await ben.page.get_by_test_id(f"list-menu-{doing}").click()
    await ben.page.get_by_test_id("list-limit").click()
    await ben.page.get_by_test_id(f"list-limit-{doing}").fill("1")
    await ben.page.get_by_test_id(f"list-limit-{doing}").press("Enter")
    await expect(clara.page.get_by_test_id(f"list-load-{doing}")).to_have_text("1/1")

    await ben.drag("Buy paper", doing)
    await expect(ben.toast("“Doing” is full: it holds 1 open task.")).to_be_visible()
    await expect(ben.card("Buy paper", within=crew.lists["To do"])).to_be_visible()
    await clara.card("Buy ink").get_by_role("checkbox").click()
    await expect(ben.page.get_by_test_id(f"list-load-{doing}")).to_have_text("0/1")
    await ben.drag("Buy paper", doing)
    await expect(clara.card("Buy paper", within=doing)).to_be_visible()

    await ben.page.get_by_test_id(f"list-menu-{doing}").click()
    await ben.page.get_by_test_id("list-limit").click()
    await ben.page.get_by_test_id(f"list-limit-{doing}").fill("")
    await ben.page.get_by_test_id(f"list-limit-{doing}").press("Enter")
    await expect(clara.page.get_by_test_id(f"list-load-{doing}")).to_have_count(0)
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_many_cards_are_changed_at_once(crew: Crew, enter: Enter) -> None:
    label = (await crew.do("POST", f"/api/teams/{crew.team}/labels/", {"name": "Bug", "colour": "#d33a2c"}))["id"]
    for title in ("Buy paper", "Buy ink", "Buy pens", "Call Eve"):
        await crew.task(title)
    ben, clara = await enter("ben"), await enter("clara")

    bar = await _pick(ben, "Buy paper", "Buy ink")
    await ben.card("Buy pens").click(modifiers=["Shift"])
    await expect(bar.get_by_test_id("bulk-count")).to_have_text("3 selected")
    await _choose(ben, "assign", "Clara Jensen")
    await _choose(ben, "label", "+ Bug")
    await _choose(ben, "priority", "High")
    await _choose(ben, "move", "Doing")
    await ben.page.get_by_test_id("bulk-done").click()

    for title in ("Buy paper", "Buy ink", "Buy pens"):
        card = clara.card(title, within=crew.lists["Doing"])
        await expect(card).to_have_attribute("data-done", "true")
        await expect(card).to_have_attribute("data-priority", "high")
        await expect(card.locator(f"[data-label='{label}']")).to_be_visible()
        await expect(card.get_by_title("Clara Jensen")).to_be_visible()
    await expect(ben.card("Call Eve")).to_have_attribute("data-selected", "false")

    await ben.page.get_by_test_id("bulk-delete").click()
    await expect(clara.page.get_by_role("article")).to_have_count(1)
    await expect(bar).to_have_count(0)
    await ben.toast("3 tasks deleted").get_by_role("button", name="Undo").click()
    await expect(clara.page.get_by_role("article")).to_have_count(4)
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_a_change_of_many_that_may_not_be_for_one_is_done_to_none(crew: Crew, enter: Enter) -> None:
    for title in ("Buy paper", "Buy ink"):
        await crew.task(title)
    await crew.do("PATCH", f"/api/lists/{crew.lists['Doing']}/", {"wip_limit": 1})
    ben = await enter("ben")
    ben.may_be_refused()
    before = await crew.board()

    await _pick(ben, "Buy paper", "Buy ink")
    await _choose(ben, "move", "Doing")

    await expect(ben.toast("“Doing” is full")).to_be_visible()
    await ben.shows(before)


async def test_cards_are_picked_out_with_the_keyboard_alone(crew: Crew, enter: Enter) -> None:
    for title in ("Buy paper", "Buy ink", "Buy pens"):
        await crew.task(title)
    ben = await enter("ben")
    count = ben.page.get_by_test_id("bulk-count")

    await ben.card("Buy paper").focus()
    await ben.page.keyboard.press("x")
    await expect(count).to_have_text("1 selected")
    await ben.page.keyboard.press("Shift+ArrowDown")
    await ben.page.keyboard.press("Shift+ArrowDown")
    await expect(count).to_have_text("3 selected")
    await expect(ben.card("Buy pens")).to_be_focused()
    await ben.page.keyboard.press("x")
    await expect(count).to_have_text("2 selected")
    await ben.page.keyboard.press("Escape")
    await expect(ben.page.get_by_test_id("bulk-bar")).to_have_count(0)


async def test_what_is_put_away_is_in_the_archive_and_comes_back(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    await crew.task("Buy ink")
    ben, clara = await enter("ben"), await enter("clara")

    await ben.open_card("Buy paper")
    await ben.page.get_by_test_id("task-archive").click()
    await expect(clara.card("Buy paper")).to_have_count(0)
    await clara.open_side("archive")
    row = clara.page.get_by_test_id(f"archived-{paper}")
    await expect(row).to_contain_text("Buy paper")
    await row.get_by_role("button", name="Restore Buy paper").click()
    await expect(ben.card("Buy paper")).to_be_visible()
    await expect(row).to_have_count(0)

    await crew.do("POST", f"/api/tasks/{paper}/archive/")
    await expect(row).to_be_visible()
    await ben.page.goto(f"/teams/{crew.team}?task={paper}")  # as a search leads there
    await ben.toast("“Buy paper” is in the archive.").get_by_role("button", name="Restore").click()
    await expect(clara.card("Buy paper")).to_be_visible()
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_what_is_deleted_is_in_the_trash_and_comes_back(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    ink = await crew.task("Buy ink", "Doing")
    doing = crew.lists["Doing"]
    await crew.do("DELETE", f"/api/tasks/{paper}/")
    ben, clara = await enter("ben"), await enter("clara")
    await ben.open_side("trash")
    trashed = ben.page.get_by_test_id(f"trashed-task-{paper}")
    await expect(trashed).to_contain_text("Buy paper")

    await crew.do("DELETE", f"/api/tasks/{ink}/")
    await crew.do("DELETE", f"/api/lists/{doing}/")
    await expect(ben.page.get_by_test_id(f"trashed-task-{ink}")).to_contain_text("Its list is in the trash")
    await expect(ben.page.get_by_test_id(f"trashed-task-{ink}").get_by_role("button")).to_have_count(0)
    await ben.page.get_by_test_id(f"trashed-list-{doing}").get_by_role("button").click()
    await expect(clara.list_(doing)).to_be_visible()
    await ben.page.get_by_test_id(f"trashed-task-{ink}").get_by_role("button").click()
    await trashed.get_by_role("button").click()

    await expect(clara.card("Buy paper")).to_be_visible()
    await expect(clara.card("Buy ink", within=doing)).to_be_visible()
    await expect(ben.page.get_by_test_id("trash-panel")).to_contain_text("The trash is empty.")
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_the_filter_leaves_the_cards_that_one_looks_for(crew: Crew, enter: Enter) -> None:
    label = (await crew.do("POST", f"/api/teams/{crew.team}/labels/", {"name": "Bug", "colour": "#d33a2c"}))["id"]
    paper, ink = await crew.task("Buy paper"), await crew.task("Buy ink", "Doing")
    await crew.task("Call Eve")
    wanted = {"labels": [label], "priority": "high", "due_at": "2030-06-15T10:00:00Z", "assignee": crew.ids["clara"]}
    await crew.do("PATCH", f"/api/tasks/{paper}/", wanted)
    await crew.do("POST", f"/api/tasks/{ink}/done/")
    ben = await enter("ben")
    cards = ben.page.get_by_role("article")
    await ben.page.get_by_test_id("filters").click()

    for field, value in (("label", "Bug"), ("priority", "High"), ("assignee", "Clara Jensen")):
        await ben.page.get_by_test_id(f"filter-{field}").select_option(label=value)
        await expect(cards).to_have_count(1)
        await expect(ben.card("Buy paper")).to_be_visible()
        await ben.page.get_by_test_id("clear-filter").click()
        await expect(cards).to_have_count(3)
    await ben.page.get_by_test_id("filter-due-from").fill("2030-06-15")
    await ben.page.get_by_test_id("filter-due-to").fill("2030-06-15")
    await expect(cards).to_have_count(1)
    await expect(ben.page.get_by_test_id("filters")).to_have_attribute("data-conditions", "2")
    await ben.page.get_by_test_id("clear-filter").click()
    await ben.page.get_by_test_id("filter-show").select_option(label="Done")
    await expect(cards).to_have_count(1)
    await expect(ben.card("Buy ink")).to_be_visible()


async def test_a_filter_is_kept_under_a_name_and_chosen_elsewhere(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    await crew.do("PATCH", f"/api/tasks/{paper}/", {"priority": "high"})
    await crew.task("Buy ink")
    clara = await enter("clara")
    await clara.page.get_by_test_id("filters").click()
    await clara.page.get_by_test_id("filter-priority").select_option("high")
    await clara.page.get_by_test_id("filter-name").fill("Hot")
    await clara.page.get_by_test_id("save-filter").click()
    await expect(clara.page.get_by_test_id("saved-filters")).to_contain_text("Hot")

    await clara.page.reload()
    await clara.is_live()
    await expect(clara.page.get_by_role("article")).to_have_count(2)
    await clara.page.get_by_test_id("filters").click()
    await clara.page.get_by_test_id("saved-filters").select_option(label="Hot")
    await expect(clara.page.get_by_role("article")).to_have_count(1)
    await clara.page.get_by_test_id("clear-filter").click()
    chosen = clara.page.get_by_test_id("saved-filters").locator("option:checked")
    await expect(chosen).to_have_text("None")
    await clara.page.get_by_test_id("filter-priority").select_option("high")  # the same, by hand
    await expect(chosen).to_have_text("Hot")
    await clara.page.get_by_test_id("saved-filters").select_option(label="None")
    await expect(clara.page.get_by_role("article")).to_have_count(2)

    await clara.page.goto("/search")
    await clara.page.get_by_test_id("saved-filters").select_option(label="Hot")
    await expect(clara.page.get_by_test_id(f"found-{paper}")).to_be_visible()
    await expect(clara.page.get_by_test_id("found-count")).to_have_text("1 task found")
    await clara.page.get_by_test_id("delete-filter").click()
    await expect(clara.page.get_by_test_id("saved-filters")).to_have_count(0)
    assert await crew.do("GET", "/api/filters/") == []


async def test_a_search_over_all_teams_is_paged_and_leads_to_the_task(crew: Crew, enter: Enter) -> None:
    for number in range(55):
        await crew.task(f"Varnish panel {number}")
    other = (await crew.do("POST", "/api/teams/", {"name": "Second crew"}))["id"]
    member = {"username": "clara", "role": "member"}
    await crew.do("POST", f"/api/teams/{other}/members/", member)
    place = (await crew.do("POST", "/api/lists/", {"team": other, "name": "Later"}))["id"]
    far = (await crew.do("POST", "/api/tasks/", {"title": "Varnishing the door", "list": place}))["id"]
    clara = await enter("clara")
    found = clara.page.get_by_test_id("found").get_by_role("link")

    await clara.page.get_by_test_id("search").fill("varnish")
    await clara.page.get_by_test_id("search-everywhere").click()
    await expect(clara.page.get_by_test_id("find")).to_have_value("varnish")
    await expect(found).to_have_count(50)
    await expect(clara.page.get_by_test_id("found-count")).to_have_text("56 tasks found")
    await clara.page.get_by_test_id("find-more").click()
    await expect(found).to_have_count(56)
    await expect(clara.page.get_by_test_id("find-more")).to_have_count(0)

    await clara.page.get_by_test_id("filter-team").select_option(label="Second crew")
    await expect(found).to_have_count(1)
    await clara.page.get_by_test_id(f"found-{far}").click()
    await expect(clara.page.get_by_test_id("task-title")).to_have_value("Varnishing the door")
    await expect(clara.page).to_have_url(re.compile(rf"/teams/{other}\?task={far}$"))
