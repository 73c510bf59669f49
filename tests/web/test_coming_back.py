"""A line that breaks and comes back: nothing is missed, nothing comes twice, and the person is told how much came."""

import pytest
from playwright.async_api import expect

from tests.web.conftest import Crew, Enter


async def some_changes(crew: Crew, first: int, second: int) -> None:
    """Of every kind that a board knows, by somebody elsewhere."""
    todo, doing, done = crew.lists.values()
    for number in range(3):
        await crew.task(f"New {number}", "Doing")
    await crew.do("POST", f"/api/tasks/{first}/move/", {"list": doing, "before": None})
    await crew.do("PATCH", f"/api/tasks/{second}/", {"title": "Buy blue ink", "assignee": crew.ids["clara"]})
    await crew.do("POST", f"/api/tasks/{second}/done/")
    await crew.do("PATCH", f"/api/lists/{done}/", {"name": "Over"})
    await crew.do("POST", f"/api/lists/{todo}/move/", {"before": None})
    await crew.change_role("dmitri", "member")


async def test_after_a_cut_the_exact_number_of_missed_changes_is_told(crew: Crew, enter: Enter) -> None:
    first, second = await crew.task("Buy paper"), await crew.task("Buy ink")
    ben, clara = await enter("ben"), await enter("clara")
    clara.may_lose_the_line()
    before = (await crew.board())["seq"]
    await clara.shows(await crew.board())

    await clara.cable.cut()
    await clara.is_offline()
    await some_changes(crew, first, second)
    await ben.drag("Buy paper", crew.lists["To do"])
    await ben.has_settled()  # the request may still be on its way when the mouse is let go
    after = await crew.board()
    await ben.shows(after)
    assert await clara.page.get_by_test_id("connection").get_attribute("data-seq") == str(before)

    clara.cable.mend()
    await clara.is_live()
    missed = after["seq"] - before
    assert missed >= 10
    await expect(clara.toast(f"Caught up {missed} changes")).to_have_count(1)
    await clara.shows(after)
    assert clara.loads == 1


async def test_one_missed_change_is_told_in_the_singular_and_in_the_persons_language(crew: Crew, enter: Enter) -> None:
    clara, dmitri = await enter("clara"), await enter("dmitri", locale="ru-RU")
    for person in (clara, dmitri):
        person.may_lose_the_line()
        await person.shows(await crew.board())
        await person.cable.cut()
        await person.is_offline()

    await crew.task("Buy paper")
    for person in (clara, dmitri):
        person.cable.mend()

    await expect(clara.toast("Caught up 1 change")).to_be_visible()
    await expect(dmitri.toast("Получено 1 пропущенное изменение")).to_be_visible()


async def test_without_a_missed_change_nobody_is_told_anything(crew: Crew, enter: Enter) -> None:
    clara = await enter("clara")
    clara.may_lose_the_line()
    await clara.shows(await crew.board())

    await clara.cable.cut()
    await clara.is_offline()
    clara.cable.mend()
    await clara.is_live()

    await crew.task("Buy paper")
    await expect(clara.card("Buy paper")).to_be_visible()
    await expect(clara.page.get_by_test_id("toast")).to_have_count(0)


@pytest.mark.parametrize("way", ["cable", "browser"])
async def test_what_was_done_without_a_line_is_shown_kept_and_sent_later(crew: Crew, enter: Enter, way: str) -> None:
    """`browser` switches the network off as a laptop does; `cable` leaves the browser to find out."""
    await crew.task("Buy paper")
    ben, clara = await enter("ben"), await enter("clara")
    clara.may_lose_the_line()

    await (clara.cable.cut() if way == "cable" else clara.context.set_offline(offline=True))
    await clara.is_offline()
    await clara.drag("Buy paper", crew.lists["Done"])
    await clara.add(crew.lists["To do"], "Buy ink")
    await expect(clara.card("Buy paper", within=crew.lists["Done"])).to_have_attribute("data-pending", "true")
    await expect(clara.page.get_by_test_id("offline")).to_contain_text("2 changes wait to be saved")
    await crew.task("Buy glue")
    await expect(ben.card("Buy ink")).to_have_count(0)

    clara.cable.mend()
    await clara.context.set_offline(offline=False)
    await expect(ben.card("Buy ink", within=crew.lists["To do"])).to_have_count(1, timeout=15_000)
    await expect(ben.card("Buy paper", within=crew.lists["Done"])).to_have_count(1)
    await expect(clara.page.locator("[data-pending=true]")).to_have_count(0)
    board = await crew.board()
    assert sorted(task["title"] for task in board["tasks"]) == ["Buy glue", "Buy ink", "Buy paper"]
    for person in (ben, clara):
        await person.shows(board)


async def test_a_change_is_shown_before_the_server_has_answered(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben, clara = await enter("ben"), await enter("clara")

    clara.cable.hold()
    await clara.drag("Buy paper", crew.lists["Done"])
    await expect(clara.card("Buy paper", within=crew.lists["Done"])).to_be_visible()
    await expect(ben.card("Buy paper", within=crew.lists["To do"])).to_be_visible()

    clara.cable.release()
    await expect(ben.card("Buy paper", within=crew.lists["Done"])).to_be_visible()
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_a_board_that_missed_too_much_for_a_replay_starts_over(crew: Crew, enter: Enter) -> None:
    paper = await crew.task("Buy paper")
    clara = await enter("clara")
    clara.may_lose_the_line()
    before = await crew.board()
    await clara.shows(before)

    await clara.cable.cut()
    await clara.is_offline()
    for number in range(520):
        await crew.do("PATCH", f"/api/tasks/{paper}/", {"title": f"Buy {number}", "is_done": number % 2 == 0})
    after = await crew.board()
    missed = after["seq"] - before["seq"]
    assert missed > 1000

    clara.cable.mend()
    await expect(clara.toast(f"Caught up {missed:,} changes")).to_be_visible(timeout=15_000)
    await clara.shows(after)
