"""What people are told of: toasts, the inbox, who is there, and how they want to be told."""

from typing import Any

from playwright.async_api import Locator, expect

from tests.gateway.browser import Browser
from tests.waiting import wait_for
from tests.web.conftest import Crew, Enter, Join, Newcomer, Window
from tests.web.person import Person
from tests.whole.product import Product


def bell(person: Person) -> Locator:
    return person.page.get_by_test_id("bell")


async def assigned(crew: Crew, username: str, title: str) -> int:
    """A task that anna gives somebody; its id."""
    task = await crew.task(title)
    await crew.do("PATCH", f"/api/tasks/{task}/", {"assignee": crew.ids[username]})
    return task


async def open_inbox(person: Person) -> Locator:
    await bell(person).click()
    panel = person.page.get_by_test_id("inbox-panel")
    await expect(panel).to_be_visible()
    return panel


async def notice(person: Person, kind: str, title: str) -> Locator:
    """The row of the inbox about it; the inbox is open."""
    rows = person.page.get_by_test_id("inbox-panel").locator(f"[data-kind={kind}]")
    row = rows.filter(has_text=title)
    await expect(row).to_have_count(1)
    return row


async def attempts(running: Product, person: Person, task: int) -> list[dict[str, Any]]:
    """Where somebody was told of a task, as the server has it."""
    program = Browser(running.url)
    program.resume(await person.session())
    try:
        page = (await program.get("/api/notices/")).body
        return next((one["attempts"] for one in page["notices"] if one["task"] == task), [])
    finally:
        await program.close()


async def test_a_toast_is_shown_acknowledged_and_leads_to_the_task(crew: Crew, join: Join, running: Product) -> None:
    erin = await join("Erin")

    task = await assigned(crew, erin.username, "Buy paper")
    toast = erin.toast("Anna Petrova assigned “Buy paper” to you")
    await expect(toast).to_be_visible()

    async def shown() -> bool:
        told = await attempts(running, erin, task)
        return [(one["channel"], one["state"]) for one in told] == [("toast", "delivered")]

    await wait_for(shown)
    await toast.get_by_test_id("toast-open").click()
    await expect(erin.page.get_by_test_id("task-title")).to_have_value("Buy paper")
    await expect(toast).to_have_count(0)
    assert erin.loads == 1


async def test_a_task_is_done_from_its_toast(crew: Crew, join: Join) -> None:
    erin = await join("Erin")

    await assigned(crew, erin.username, "Buy ink")
    await erin.toast("Buy ink").get_by_role("button", name="Done").click()

    await expect(erin.card("Buy ink")).to_have_attribute("data-done", "true")


async def test_the_inbox_counts_up_is_read_in_all_windows_and_leads_to_the_task(
    crew: Crew, newcomer: Newcomer, window: Window
) -> None:
    user = await newcomer("Erin")
    await crew.add(user)
    erin, elsewhere = [await window(user.username) for _ in range(2)]
    for person in (erin, elsewhere):
        await person.open(crew.team)
        await expect(bell(person)).to_have_attribute("data-unread", "1")  # she was added
    task = await assigned(crew, user.username, "Buy paper")
    await crew.do("POST", f"/api/tasks/{task}/comments/", {"text": f"White, @{user.username}"})
    for person in (erin, elsewhere):
        await expect(bell(person)).to_have_attribute("data-unread", "3")
    await expect(erin.toast("Anna Petrova mentioned you")).to_be_visible()

    panel = await open_inbox(erin)
    await expect(panel.get_by_role("heading")).to_have_text(["Notices", "Today"])
    mention = await notice(erin, "mentioned", "Buy paper")
    await expect(mention).to_have_attribute("data-unread", "true")
    await expect(mention).to_contain_text("White, @")
    await mention.locator("summary").click()
    await expect(mention.locator("[data-state]").first).to_contain_text("On this page")
    await mention.get_by_role("link").click()

    await expect(erin.page.get_by_test_id("task-title")).to_have_value("Buy paper")
    for person in (erin, elsewhere):
        await expect(bell(person)).to_have_attribute("data-unread", "1")  # all about the task is read
    panel = await open_inbox(elsewhere)
    await panel.get_by_test_id("inbox-read-all").click()
    await expect(bell(erin)).to_have_attribute("data-unread", "0")
    await expect(panel.locator("li[data-unread=true]")).to_have_count(0)
    await panel.get_by_test_id("inbox-unread").check()
    await expect(panel.get_by_test_id("inbox-empty")).to_be_visible()


async def test_what_came_while_the_line_was_down_is_in_the_inbox(crew: Crew, enter: Enter) -> None:
    clara = await enter("clara")
    clara.may_lose_the_line()
    await open_inbox(clara)

    await clara.cable.cut()
    await assigned(crew, "clara", "Buy glue")
    clara.cable.mend()

    await notice(clara, "assigned", "Buy glue")


async def test_everybody_sees_who_else_has_the_board_open(crew: Crew, enter: Enter) -> None:
    ben = await enter("ben")
    await expect(ben.page.get_by_test_id("viewers")).to_have_count(0)

    clara = await enter("clara")

    await expect(ben.page.get_by_test_id("viewers")).to_have_attribute(
        "aria-label", "Looking at this board: Clara Jensen"
    )
    await expect(clara.page.get_by_test_id(f"viewer-{crew.ids['ben']}")).to_have_attribute("data-active", "true")
    await clara.page.goto("/profile")
    await expect(ben.page.get_by_test_id("viewers")).to_have_count(0)


async def test_whoever_sits_still_for_five_minutes_is_away_until_they_touch_something(
    crew: Crew, enter: Enter, window: Window, running: Product
) -> None:
    ben, clara = await enter("ben"), await window("clara", running.password("clara"))
    await clara.page.clock.install()
    await clara.open(crew.team)
    face = ben.page.get_by_test_id(f"viewer-{crew.ids['clara']}")
    await expect(face).to_have_attribute("data-active", "true")

    await clara.page.clock.fast_forward("05:20")
    await expect(face).to_have_attribute("data-active", "false")
    await expect(face.get_by_role("img")).to_have_accessible_name("Clara Jensen (away)")
    await clara.page.keyboard.press("Shift")

    await expect(face).to_have_attribute("data-active", "true")


async def test_preferences_hold_at_once_and_a_task_may_have_a_reminder_of_its_own(
    crew: Crew, newcomer: Newcomer, window: Window
) -> None:
    user = await newcomer("Erin")
    await crew.add(user, "viewer")
    await crew.task("Buy paper")
    erin = await window(user.username)
    page = erin.page
    await page.goto("/profile")
    await erin.sign_in()

    await page.get_by_test_id("web-commented").uncheck()
    await page.get_by_test_id("telegram-overdue").select_option("digest")
    await page.get_by_test_id("quiet").check()
    await page.get_by_test_id("quiet-start").fill("21:30")
    await page.get_by_test_id("quiet-start").blur()
    await page.get_by_test_id("remind").select_option("1440")
    # It is shown at once; the page may be left when the last one is stored.
    async with page.expect_response(lambda response: "muted_until" in (response.request.post_data or "")):
        await page.get_by_test_id("mute").select_option("week")
    await expect(page.get_by_test_id("mute")).to_have_value("as-it-is")

    await page.reload()
    await expect(page.get_by_test_id("web-commented")).not_to_be_checked()
    await expect(page.get_by_test_id("telegram-overdue")).to_have_value("digest")
    await expect(page.get_by_test_id("quiet-start")).to_have_value("21:30")
    await expect(page.get_by_test_id("mute")).to_have_value("as-it-is")

    await page.goto(f"/teams/{crew.team}")
    await erin.is_live()
    await erin.open_card("Buy paper")
    choice = page.get_by_test_id("task-remind")
    await expect(choice.locator("option:checked")).to_have_text("As usual (1 day before)")
    await choice.select_option("never")
    await page.keyboard.press("Escape")
    await erin.open_card("Buy paper")
    await expect(choice).to_have_value("never")
