"""The administration, as administrators and others see it."""

import pytest
from playwright.async_api import Locator, expect

from tests.conftest import PASSWORD
from tests.web.conftest import Crew, Enter, Newcomer, Window
from tests.web.person import Person
from tests.web.test_people import HOSTILE


@pytest.fixture
async def boss(newcomer: Newcomer, window: Window) -> Person:
    """An administrator in front of the administration."""
    boss = await window((await newcomer("Boss", is_admin=True)).username)
    await boss.page.goto("/")
    await boss.sign_in()
    await boss.page.get_by_test_id("account").click()
    await boss.page.get_by_test_id("admin").click()
    await expect(boss.page.get_by_test_id("admin-count")).to_be_visible()
    return boss


async def find(boss: Person, words: str) -> Locator:
    """The one row that holds these words."""
    await boss.page.get_by_test_id("admin-search").fill(words)
    row = boss.page.get_by_test_id("admin-table").locator("tbody tr")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text(words)
    return row


async def save(boss: Person, **fields: str) -> None:
    """Fill in the form of a row, send it, and wait until it is gone."""
    await fill(boss, **fields)
    await expect(boss.page.get_by_test_id("row-dialog")).to_have_count(0)


async def fill(boss: Person, **fields: str) -> None:
    for name, value in fields.items():
        await boss.page.get_by_test_id(f"row-{name}").fill(value)
    await boss.page.get_by_test_id("row-save").click()


async def retire(boss: Person, row: Locator) -> None:
    await row.get_by_test_id("row-retire").click()
    await boss.page.get_by_test_id("confirm-yes").click()
    await expect(boss.page.get_by_test_id("confirm")).to_have_count(0)


async def test_only_administrators_are_shown_it(crew: Crew, enter: Enter) -> None:
    anna = await enter("anna")

    await anna.page.get_by_test_id("account").click()
    await expect(anna.page.get_by_test_id("profile")).to_be_visible()
    await expect(anna.page.get_by_test_id("admin")).to_have_count(0)
    await anna.page.goto("/admin/users")

    await expect(anna.page.get_by_test_id("admin-forbidden")).to_be_visible()
    await expect(anna.page.get_by_test_id("admin-table")).to_have_count(0)


async def test_a_user_is_made_found_changed_deactivated_and_restored(boss: Person, window: Window) -> None:
    username = f"new.{boss.username}"
    newcomer = await window(username)

    await boss.page.get_by_test_id("admin-new").click()
    await save(boss, username=username, name=HOSTILE[0], password=PASSWORD)
    row = await find(boss, username)
    await expect(row).to_contain_text(HOSTILE[0])
    await newcomer.page.goto("/profile")
    await newcomer.sign_in()
    await expect(newcomer.page.get_by_test_id("profile-name")).to_have_value(HOSTILE[0])

    await row.get_by_test_id("row-edit").click()
    await save(boss, name="Ida")
    await expect(row).to_contain_text("Ida")
    await expect(newcomer.page.get_by_test_id("profile-name")).to_have_value("Ida")

    await retire(boss, row)
    await expect(newcomer.page.get_by_test_id("sign-in-submit")).to_be_visible()
    await newcomer.sign_in()
    await expect(newcomer.page.get_by_test_id("sign-in-problem")).to_be_visible()
    await row.get_by_test_id("row-revive").click()
    await expect(row.get_by_test_id("row-edit")).to_be_visible()
    await newcomer.sign_in()
    await expect(newcomer.page.get_by_test_id("profile-username")).to_have_value(username)


async def test_a_refusal_is_shown_in_the_form_in_words(boss: Person) -> None:
    boss.may_be_refused()

    await boss.page.get_by_test_id("admin-new").click()
    await fill(boss, username=boss.username, name="Twin", password=PASSWORD)

    await expect(boss.page.get_by_test_id("row-problem")).to_contain_text("taken")
    await boss.page.keyboard.press("Escape")
    await expect(boss.page.get_by_test_id("row-dialog")).to_have_count(0)
    await expect(boss.page.get_by_test_id("admin-new")).to_be_focused()


async def test_a_long_table_comes_in_pages(boss: Person, newcomer: Newcomer) -> None:
    for _ in range(27):
        await newcomer("Crowd")
    page, rows = boss.page, boss.page.get_by_test_id("admin-table").locator("tbody tr")

    await page.get_by_test_id("admin-search").fill("crowd")
    await expect(page.get_by_test_id("admin-count")).to_have_text("27 in all")
    await expect(rows).to_have_count(25)
    await page.get_by_test_id("page-next").click()
    await expect(rows).to_have_count(2)
    await expect(page.get_by_test_id("page-next")).to_be_disabled()
    await page.get_by_test_id("page-previous").click()
    await expect(rows).to_have_count(25)
    await expect(page.get_by_test_id("page-previous")).to_be_disabled()


async def test_a_team_of_others_is_made_renamed_deleted_and_restored(boss: Person) -> None:
    name = f"Team of {boss.username}"
    await boss.page.get_by_test_id("tab-teams").click()

    await boss.page.get_by_test_id("admin-new").click()
    await save(boss, name=name, owner="clara")
    row = await find(boss, name)
    await row.get_by_test_id("row-edit").click()
    await save(boss, name=f"{name}, renamed")
    await expect(row).to_contain_text("renamed")

    await retire(boss, row)
    await expect(row).to_have_count(0)
    await boss.page.get_by_test_id("admin-filter-deleted").select_option("true")
    await row.get_by_test_id("row-revive").click()
    await expect(row).to_have_count(0)
    await boss.page.get_by_test_id("admin-filter-deleted").select_option("false")
    await expect(row).to_have_count(1)


async def test_lists_and_tasks_change_before_the_teams_eyes(crew: Crew, enter: Enter, boss: Person) -> None:
    clara = await enter("clara")
    page, team = boss.page, str(crew.team)

    await page.get_by_test_id("tab-lists").click()
    await page.get_by_test_id("admin-new").click()
    await save(boss, team=team, name="Later")
    await expect(clara.page.locator("[data-list][data-name=Later]")).to_be_visible()

    await page.get_by_test_id("tab-tasks").click()
    await page.get_by_test_id("admin-filter-team").fill(team)
    await page.get_by_test_id("admin-new").click()
    await save(boss, list=str(crew.lists["To do"]), title=HOSTILE[1])
    await expect(clara.card(HOSTILE[1])).to_be_visible()
    row = page.get_by_test_id("admin-table").locator("tbody tr")
    await expect(row).to_have_count(1)
    await row.get_by_test_id("row-edit").click()
    await save(boss, title="Buy paper")
    await expect(clara.card("Buy paper")).to_be_visible()

    await retire(boss, row)
    await expect(clara.card("Buy paper")).to_have_count(0)
    await page.get_by_test_id("admin-filter-deleted").select_option("true")
    await row.get_by_test_id("row-revive").click()
    await expect(clara.card("Buy paper")).to_be_visible()
    await clara.shows(await crew.board())


async def test_somebody_is_put_into_a_team_and_taken_out_again(crew: Crew, newcomer: Newcomer, boss: Person) -> None:
    jo = await newcomer("Jo")
    page = boss.page
    members = f"/api/teams/{crew.team}/members/"

    await page.get_by_test_id("tab-memberships").click()
    await page.get_by_test_id("admin-new").click()
    await page.get_by_test_id("row-role").select_option("viewer")
    await save(boss, team=str(crew.team), username=jo.username)
    await page.get_by_test_id("admin-filter-team").fill(str(crew.team))
    row = page.get_by_test_id(f"row-{crew.team}-{jo.id}")
    await expect(row).to_contain_text("Viewer")

    await row.get_by_test_id("row-edit").click()
    await page.get_by_test_id("row-role").select_option("admin")
    await save(boss)
    await expect(row).to_contain_text("Admin")
    assert {one["user"]: one["role"] for one in await crew.do("GET", members)}[jo.id] == "admin"

    await retire(boss, row)
    await expect(row).to_have_count(0)
    assert jo.id not in [one["user"] for one in await crew.do("GET", members)]


async def test_the_audit_tells_who_did_what(boss: Person, newcomer: Newcomer) -> None:
    kim = await newcomer("Kim")
    retired = await find(boss, kim.username)
    await retire(boss, retired)

    await boss.page.get_by_test_id("tab-audit").click()
    await boss.page.get_by_test_id("admin-search").fill("account.deactivated")

    entry = boss.page.get_by_test_id("admin-table").locator("tbody tr").first
    for words in (boss.username, "account.deactivated", str(kim.id)):
        await expect(entry).to_contain_text(words)
    await expect(boss.page.get_by_test_id("admin-new")).to_have_count(0)


async def test_on_a_narrow_screen_only_the_table_is_scrolled_and_words_stay_whole(boss: Person) -> None:
    row = boss.page.get_by_test_id("admin-table").locator("tbody tr").first
    await boss.page.set_viewport_size({"width": 390, "height": 844})

    assert await boss.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await row.locator("td").evaluate_all("cells => Math.min(...cells.map(cell => cell.offsetWidth))") >= 60
