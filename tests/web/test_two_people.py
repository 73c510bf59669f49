"""What one does is on the other's screen, without a reload."""

import asyncio

from playwright.async_api import expect

from tests.web.conftest import Crew, Enter


async def test_a_task_is_made_dragged_assigned_and_done_before_the_others_eyes(crew: Crew, enter: Enter) -> None:
    ben, clara = await enter("ben"), await enter("clara")
    todo, doing = crew.lists["To do"], crew.lists["Doing"]

    await ben.add(todo, "Buy paper")
    await expect(clara.card("Buy paper", within=todo)).to_be_visible()

    await ben.drag("Buy paper", doing)
    await expect(clara.card("Buy paper", within=doing)).to_be_visible()
    await expect(clara.card("Buy paper", within=todo)).to_have_count(0)

    await clara.edit("Buy paper", assignee="Clara Jensen")
    await expect(ben.card("Buy paper").get_by_title("Clara Jensen")).to_be_visible()

    await clara.card("Buy paper").get_by_role("checkbox").click()
    await expect(ben.card("Buy paper")).to_have_attribute("data-done", "true")

    board = await crew.board()
    assert [(task["assignee"], task["is_done"]) for task in board["tasks"]] == [(crew.ids["clara"], True)]
    for person in (ben, clara):
        await person.shows(board)
        assert person.loads == 1, "the page was loaded again"


async def test_lists_are_made_renamed_moved_and_deleted_before_the_others_eyes(crew: Crew, enter: Enter) -> None:
    ben, clara = await enter("ben"), await enter("clara")
    doing = crew.lists["Doing"]
    await crew.task("Buy paper", "Doing")

    await ben.page.get_by_test_id("add-list").fill("Some day")
    await ben.page.get_by_test_id("add-list").press("Enter")
    await expect(clara.page.get_by_role("heading", name="Some day")).to_be_visible()

    await ben.page.get_by_test_id(f"list-menu-{doing}").click()
    await ben.page.get_by_test_id("list-left").click()
    await expect(clara.page.locator("[data-list]").first).to_have_attribute("data-name", "Doing")

    await clara.page.get_by_test_id(f"list-menu-{doing}").click()
    await clara.page.get_by_test_id("list-rename").click()
    await clara.page.get_by_test_id(f"rename-list-{doing}").fill("Now")
    await clara.page.get_by_test_id(f"rename-list-{doing}").press("Enter")
    await expect(ben.list_(doing)).to_have_attribute("data-name", "Now")

    await ben.page.get_by_test_id(f"list-menu-{doing}").click()
    await ben.page.get_by_test_id("list-delete").click()
    await expect(clara.list_(doing)).to_have_count(0)
    await ben.toast("Now").get_by_role("button", name="Undo").click()
    await expect(clara.card("Buy paper", within=doing)).to_be_visible()
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_a_deleted_task_is_gone_for_both_and_comes_back_for_both(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    await crew.task("Buy ink")
    ben, clara = await enter("ben"), await enter("clara")

    await ben.card("Buy paper").click()
    await ben.page.get_by_test_id("task-delete").click()
    await expect(clara.card("Buy paper")).to_have_count(0)

    await ben.toast("Buy paper").get_by_role("button", name="Undo").click()
    await expect(clara.card("Buy paper")).to_be_visible()
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_both_rearrange_the_board_at_once_and_end_up_with_the_same(crew: Crew, enter: Enter) -> None:
    titles = [f"Task {number}" for number in range(6)]
    for title in titles:
        await crew.task(title)
    ben, clara = await enter("ben"), await enter("clara")
    doing, done = crew.lists["Doing"], crew.lists["Done"]
    for person in (ben, clara):
        person.may_be_refused()  # whoever comes second; the page then tries again from where the task is now

    for title in titles[:4]:
        await asyncio.gather(ben.chase(title, doing), clara.chase(title, done))

    # The last request may still be on its way when the mouse is let go.
    for person in (ben, clara):
        await person.has_settled()
    board = await crew.board()
    assert len(board["tasks"]) == len(titles)
    for person in (ben, clara):
        await person.shows(board)
