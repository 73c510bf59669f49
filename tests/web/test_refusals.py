"""What the server does not take is undone on the screen, with the reason."""

from playwright.async_api import expect

from tests.web.conftest import Crew, Enter


async def test_a_move_that_is_refused_goes_back_and_says_why(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben, clara = await enter("ben"), await enter("clara")
    clara.may_lose_the_line()
    clara.may_be_refused()

    await clara.cable.cut()
    await clara.is_offline()
    await clara.drag("Buy paper", crew.lists["Done"])
    await expect(clara.card("Buy paper", within=crew.lists["Done"])).to_be_visible()
    await crew.change_role("clara", "viewer")
    clara.cable.mend()

    await expect(clara.toast("your role here is viewer; this takes member or more")).to_be_visible(timeout=15_000)
    await expect(clara.card("Buy paper", within=crew.lists["To do"])).to_be_visible()
    await expect(clara.page.get_by_test_id(f"add-task-{crew.lists['To do']}")).to_have_count(0)
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_a_viewer_is_offered_nothing_that_would_be_refused(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    dmitri = await enter("dmitri")

    await expect(dmitri.card("Buy paper").get_by_role("checkbox")).to_be_disabled()
    for offer in ("add-list", f"add-task-{crew.lists['To do']}", f"list-menu-{crew.lists['To do']}"):
        await expect(dmitri.page.get_by_test_id(offer)).to_have_count(0)
    await dmitri.card("Buy paper").click()
    await expect(dmitri.page.get_by_test_id("task-title")).to_be_disabled()
    await expect(dmitri.page.get_by_test_id("task-save")).to_have_count(0)


async def test_two_titles_for_one_task_end_with_a_choice(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    ben, clara = await enter("ben"), await enter("clara")
    clara.may_lose_the_line()
    clara.may_be_refused()

    await clara.cable.cut()
    await clara.is_offline()
    await clara.edit("Buy paper", title="Buy red paper")
    await crew.do("PATCH", f"/api/tasks/{paper}/", {"title": "Buy blue paper"})
    clara.cable.mend()

    told = clara.toast("Somebody else changed “Buy blue paper” meanwhile")
    await expect(told).to_be_visible(timeout=15_000)
    await expect(clara.toast("“Buy red paper” changed")).to_have_count(0, timeout=1_000)  # Undo is of another
    await expect(clara.card("Buy blue paper")).to_be_visible()
    await told.get_by_role("button", name="Keep mine").click()
    await expect(ben.card("Buy red paper")).to_be_visible()
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_a_task_that_was_deleted_meanwhile_is_gone_with_the_reason(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    clara = await enter("clara")
    clara.may_lose_the_line()
    clara.may_be_refused()

    await clara.cable.cut()
    await clara.is_offline()
    await clara.drag("Buy paper", crew.lists["Done"])
    await crew.do("DELETE", f"/api/tasks/{paper}/")
    clara.cable.mend()

    await expect(clara.toast("no such task")).to_be_visible(timeout=15_000)
    await clara.shows(await crew.board())


async def test_who_is_taken_out_of_the_team_is_told_and_sees_nothing_more(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    clara = await enter("clara")
    clara.may_be_refused()

    await crew.do("DELETE", f"/api/teams/{crew.team}/members/{crew.ids['clara']}/")

    await expect(clara.page.get_by_text("You are no longer in this team.")).to_be_visible()
    await expect(clara.card("Buy paper")).to_have_count(0)
