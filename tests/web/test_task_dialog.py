"""All that a task is made of, in its dialog, and what the others see of it at once."""

import re

from playwright.async_api import Page, expect

from tests.web.conftest import Crew, Enter

HOSTILE = """# Plan
**bold** and <b>not bold</b>
<script>document.title='broken in'</script><img src=x onerror="document.title='broken in'">
[click](javascript:alert(1)) [data](data:text/html,x) [fine](https://example.org/a)
![picture](https://example.org/x.png)
<svg/onload=alert(1)> <a href="//example.org" style="position:fixed">styled</a>"""

SAVES = 6
ALL_UNDER_THE_MOUSE = """() => [...document.querySelectorAll('[data-task]')].every(card => {
    const { left, top, width, height } = card.getBoundingClientRect()
    return card.contains(document.elementFromPoint(left + width / 2, top + height / 2))
})"""


async def _texts(page: Page) -> list[str]:
    """What the steps of the open task say, in their order."""
    rows = page.get_by_test_id("checklist").locator("li .text")
    return [await row.input_value() for row in await rows.all()]


async def test_markdown_is_read_as_it_is_meant_and_cannot_do_harm(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben, clara = await enter("ben"), await enter("clara")
    name = await clara.page.title()

    await ben.edit("Buy paper", description=HOSTILE)
    await expect(clara.card("Buy paper")).to_have_attribute("data-version", "2")
    await clara.open_card("Buy paper")
    text = clara.page.get_by_test_id("description-text")

    await expect(text.locator("h1")).to_have_text("Plan")
    await expect(text.locator("strong")).to_have_text("bold")
    await expect(text).to_contain_text("<b>not bold</b>")
    await expect(text.locator(":is(script, img, svg, b, [style], [onerror])")).to_have_count(0)
    links = {await link.inner_text(): await link.get_attribute("href") for link in await text.locator("a").all()}
    assert links == {
        "click": None,
        "data": None,
        "fine": "https://example.org/a",
        "picture": "https://example.org/x.png",
    }
    await expect(text.locator("a", has_text="fine")).to_have_attribute("rel", re.compile("noopener"))
    assert await clara.page.title() == name


async def test_what_is_written_can_be_looked_at_before_it_is_saved(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben = await enter("ben")

    await ben.open_card("Buy paper")
    await ben.page.get_by_test_id("task-description").fill("- *white*\n- red")
    await ben.page.get_by_test_id("description-preview").click()
    await expect(ben.page.get_by_test_id("description-text").locator("li")).to_have_text(["white", "red"])
    await ben.page.get_by_test_id("description-write").click()
    await expect(ben.page.get_by_test_id("task-description")).to_be_focused()
    await ben.page.keyboard.press("Control+Enter")

    await expect(ben.page.get_by_test_id("task-dialog")).to_be_hidden()
    await expect(ben.card("Buy paper")).to_have_attribute("data-version", "2")


async def test_priority_labels_and_dates_are_on_the_others_card(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    labels = f"/api/teams/{crew.team}/labels/"
    bug = (await crew.do("POST", labels, {"name": "Bug", "colour": "#d33a2c"}))["id"]
    ben, clara = await enter("ben"), await enter("clara")

    await ben.open_card("Buy paper")
    await ben.page.get_by_test_id(f"task-label-{bug}").click()
    await ben.page.get_by_test_id("task-priority").select_option("urgent")
    await ben.page.get_by_test_id("task-start").fill("2030-06-01T10:00")
    await ben.page.get_by_test_id("task-due").fill("2030-06-15T10:00")
    await ben.page.get_by_test_id("task-save").click()

    card = clara.card("Buy paper")
    await expect(card).to_have_attribute("data-priority", "urgent")
    await expect(card.locator(f"[data-label='{bug}']")).to_have_text("Bug")
    await expect(card.locator("time")).to_have_attribute("data-due", "later")
    board = await crew.board()
    [task] = board["tasks"]
    assert (task["priority"], task["labels"], task["start_at"][:10]) == ("urgent", [bug], "2030-06-01")
    for person in (ben, clara):
        await person.shows(board)


async def test_a_task_cannot_be_due_before_it_starts(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben = await enter("ben")

    await ben.open_card("Buy paper")
    await ben.page.get_by_test_id("task-start").fill("2030-06-15T10:00")
    await ben.page.get_by_test_id("task-due").fill("2030-06-01T10:00")
    await ben.page.get_by_test_id("task-save").click()

    await expect(ben.page.get_by_test_id("task-dialog")).to_be_visible()
    await expect(ben.page.get_by_test_id("task-due")).to_be_focused()


async def test_a_checklist_is_filled_ticked_arranged_and_emptied_before_the_others_eyes(
    crew: Crew, enter: Enter
) -> None:
    await crew.task("Buy paper")
    ben, clara = await enter("ben"), await enter("clara")
    await ben.open_card("Buy paper")
    steps = ben.page.get_by_test_id("checklist").locator("li")

    for text in ("Measure", "Choose", "Pay"):
        await ben.page.get_by_test_id("add-item").fill(text)
        await ben.page.keyboard.press("Enter")
    await expect(ben.page.get_by_test_id("checklist").locator("li[data-pending=false]")).to_have_count(3)
    await steps.nth(0).get_by_role("checkbox").check()
    await expect(clara.card("Buy paper").get_by_test_id("card-checklist")).to_have_text("1/3")

    await clara.open_card("Buy paper")
    await expect(clara.page.get_by_test_id("checklist-progress")).to_have_text("1/3")
    await steps.nth(2).locator(".text").focus()
    await ben.page.keyboard.press("Alt+ArrowUp")
    await ben.page.keyboard.press("Alt+ArrowUp")
    await expect(steps.nth(0).locator(".text")).to_have_value("Pay")
    await expect(steps.nth(0).locator(".text")).to_be_focused()
    await ben.page.keyboard.press("End")
    await ben.page.keyboard.type(" in cash")
    await ben.page.keyboard.press("Enter")
    await steps.nth(1).get_by_role("button", name="Remove the step Measure").click()

    await expect(clara.page.get_by_test_id("checklist").locator("li")).to_have_count(2)
    await expect(clara.page.get_by_test_id("checklist-progress")).to_have_text("0/2")
    assert await _texts(clara.page) == await _texts(ben.page) == ["Pay in cash", "Choose"]
    [task] = (await crew.board())["tasks"]
    assert [item["text"] for item in task["checklist"]] == ["Pay in cash", "Choose"]


async def test_a_comment_with_a_mention_is_there_for_both_at_once(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    ben, clara = await enter("ben"), await enter("clara")
    await ben.open_card("Buy paper")
    await clara.open_card("Buy paper")
    field = ben.page.get_by_test_id("add-comment")

    await field.press_sequentially("Have you *seen* this, @cl")
    await expect(ben.page.get_by_test_id("mention-clara")).to_have_attribute("aria-selected", "true")
    await field.press("Enter")
    await expect(field).to_have_value("Have you *seen* this, @clara ")
    await field.press("Control+Enter")

    said = clara.page.get_by_test_id("comment-text")
    await expect(said).to_have_text("Have you seen this, @clara")
    await expect(said.locator("em")).to_have_text("seen")
    await expect(said.locator("mark")).to_have_text("@clara")
    await expect(clara.card("Buy paper").get_by_test_id("card-comments")).to_have_text("1")
    await expect(ben.page.get_by_test_id("task-watchers").get_by_title("Ben Okafor")).to_be_visible()
    [comment] = (await crew.do("GET", f"/api/tasks/{paper}/comments/"))["comments"]
    assert comment["mentions"] == [crew.ids["clara"]]


async def test_ones_own_comment_is_edited_and_deleted_and_nobody_elses(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    ben, clara = await enter("ben"), await enter("clara")
    await crew.do("POST", f"/api/tasks/{paper}/comments/", {"text": "By Anna"})
    await ben.open_card("Buy paper")
    await clara.open_card("Buy paper")
    await clara.page.get_by_test_id("add-comment").fill("By Clara")
    await clara.page.get_by_test_id("add-comment-send").click()
    anna, own = (clara.page.get_by_test_id("comments").locator("li").nth(place) for place in (0, 1))
    await expect(own.get_by_test_id("comment-text")).to_have_text("By Clara")

    await expect(anna.get_by_role("button")).to_have_count(0)
    await own.get_by_role("button", name="Edit the comment").click()
    await clara.page.get_by_test_id("edit-comment").fill("By **Clara**")
    await clara.page.get_by_test_id("edit-comment-send").click()
    theirs = ben.page.get_by_test_id("comments").locator("li").nth(1)
    await expect(theirs.locator("strong", has_text="Clara").last).to_be_visible()
    await expect(theirs).to_contain_text("edited")
    await expect(theirs.get_by_role("button", name="Edit the comment")).to_have_count(0)

    await own.get_by_role("button", name="Delete the comment").click()
    await expect(ben.page.get_by_test_id("comments").locator("li")).to_have_count(1)
    await clara.toast("Comment deleted").get_by_role("button", name="Undo").click()
    await expect(ben.page.get_by_test_id("comments").locator("li")).to_have_count(2)


async def test_a_comment_that_cannot_be_sent_stays_in_the_field_and_is_said_once(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    ben = await enter("ben")
    ben.may_lose_the_line()
    await ben.open_card("Buy paper")
    await expect(ben.page.get_by_test_id("add-comment")).to_be_visible()

    await ben.cable.cut()
    await ben.page.get_by_test_id("add-comment").fill("Still there?")
    await ben.page.keyboard.press("Control+Enter")
    await expect(ben.page.get_by_test_id("comment-problem")).to_be_visible()
    await expect(ben.page.get_by_test_id("add-comment")).to_have_value("Still there?")

    ben.cable.mend()
    await ben.page.get_by_test_id("add-comment-send").click()
    await expect(ben.page.get_by_test_id("comment-text")).to_have_text("Still there?")
    assert (await crew.do("GET", f"/api/tasks/{paper}/comments/"))["count"] == 1


async def test_watching_is_seen_by_the_others_and_ends_when_one_likes(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben, dmitri = await enter("ben"), await enter("dmitri")
    await ben.open_card("Buy paper")
    await dmitri.open_card("Buy paper")
    watchers = ben.page.get_by_test_id("task-watchers").get_by_role("img")

    await dmitri.page.get_by_test_id("task-watch").click()  # a viewer may
    await expect(watchers).to_have_count(1)
    await expect(dmitri.page.get_by_test_id("task-watch")).to_have_attribute("aria-pressed", "true")
    await dmitri.page.get_by_test_id("task-watch").click()
    await expect(watchers).to_have_count(0)


async def test_a_viewer_reads_all_of_a_task_and_changes_nothing(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    await crew.do("POST", f"/api/tasks/{paper}/checklist/", {"text": "Measure"})
    await crew.do("POST", f"/api/tasks/{paper}/comments/", {"text": "By Anna"})
    dmitri = await enter("dmitri")
    await dmitri.open_card("Buy paper")

    await expect(dmitri.page.get_by_test_id("comment-text")).to_have_text("By Anna")
    await expect(dmitri.page.get_by_test_id("checklist").get_by_role("checkbox")).to_be_disabled()
    await expect(dmitri.page.get_by_test_id("task-priority")).to_be_disabled()
    for offer in ("add-comment", "add-item", "task-archive", "task-delete", "description-write", "task-manage-labels"):
        await expect(dmitri.page.get_by_test_id(offer)).to_have_count(0)


async def test_what_happened_to_a_task_is_told_in_words(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    await crew.do("PATCH", f"/api/tasks/{paper}/", {"title": "Buy white paper", "assignee": crew.ids["clara"]})
    ben = await enter("ben")
    await ben.open_card("Buy white paper")
    await ben.page.get_by_test_id("show-activity").click()
    entries = ben.page.get_by_test_id("activity").locator("li")

    await expect(entries.nth(0)).to_contain_text("renamed “Buy paper” to “Buy white paper”")
    await expect(entries.nth(0)).to_contain_text("assigned “Buy white paper” to Clara Jensen")
    await expect(entries.nth(1)).to_contain_text("created “Buy paper” in To do")
    await crew.do("POST", f"/api/tasks/{paper}/done/")
    await expect(entries.nth(0)).to_contain_text("completed “Buy white paper”")


async def test_a_task_has_an_address(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    ben = await enter("ben")

    await ben.page.goto(f"/teams/{crew.team}?task={paper}")
    await expect(ben.page.get_by_test_id("task-title")).to_have_value("Buy paper")
    await ben.page.keyboard.press("Escape")
    await expect(ben.page.get_by_test_id("task-dialog")).to_be_hidden()
    assert ben.page.url.endswith(f"/teams/{crew.team}")


async def test_after_every_save_each_card_can_be_pressed(crew: Crew, enter: Enter) -> None:
    for title in ("Buy paper", "Buy ink", "Buy pens", "Call Eve"):
        await crew.task(title)
    ben = await enter("ben")
    short, long = "Buy paper", "Buy white paper of the kind that neither the printer nor the plotter jams on"
    for turn in range(SAVES):  # the card becomes higher or lower, so that all below it move
        before, after = (long, short) if turn % 2 else (short, long)
        await ben.edit(before, title=after)
        await expect(ben.card(after)).to_be_visible()
        await ben.page.wait_for_function(ALL_UNDER_THE_MOUSE, timeout=3_000)


async def test_what_was_typed_is_not_thrown_away_without_a_question(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben = await enter("ben")
    page, dialog = ben.page, await ben.open_card("Buy paper")

    await page.get_by_test_id("task-title").fill("Buy ink")
    for _ in range(2):  # Chromium closes a dialog at the second Escape in a row, whatever the page says to it
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("confirm")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("confirm")).to_have_count(0)
    for way in ("task-cancel", "task-close"):
        await page.get_by_test_id(way).click()
        await page.get_by_test_id("confirm-no").click()
    await expect(page.get_by_test_id("task-title")).to_have_value("Buy ink")

    await page.get_by_test_id("task-cancel").click()
    await page.get_by_test_id("confirm-yes").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_test_id("confirm")).to_have_count(0)
    await ben.open_card("Buy paper")
    await page.get_by_test_id("task-close").click()  # nothing was changed, nothing is asked
    await expect(dialog).to_have_count(0)
