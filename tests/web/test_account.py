"""What people do with their own account, and what other windows of theirs see of it."""

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Locator, expect

from tests.conftest import PASSWORD
from tests.gateway.browser import Browser
from tests.web.conftest import Crew, Enter, Newcomer, Window
from tests.web.person import Person
from tests.web.test_people import HOSTILE
from tests.whole.product import Product

NEW_PASSWORD = "another ten characters"
TELEGRAM = 99_887_766


@pytest.fixture
async def program(running: Product) -> AsyncGenerator[Browser]:
    """Somebody's program, which has no cookie."""
    program = Browser(running.url)
    yield program
    await program.close()


async def at_profile(person: Person) -> Person:
    await person.page.goto("/profile")
    await person.sign_in()
    await expect(person.page.get_by_test_id("session-current")).to_be_visible()
    return person


def other_sessions(person: Person) -> Locator:
    return person.page.locator("[data-testid^=session-end-]")


async def test_the_profile_is_reached_under_the_keyboard_alone(crew: Crew, enter: Enter) -> None:
    ben = await enter("ben")

    await ben.page.get_by_test_id("account").focus()
    await ben.page.keyboard.press("Enter")
    await expect(ben.page.get_by_test_id("admin")).to_have_count(0)
    for _ in range(3):
        await ben.page.keyboard.press("ArrowDown")
    await expect(ben.page.get_by_test_id("profile")).to_be_focused()
    await ben.page.keyboard.press("Enter")

    await expect(ben.page.get_by_test_id("profile-username")).to_have_value("ben")
    assert ben.loads == 1


async def test_a_new_name_and_time_zone_are_kept(newcomer: Newcomer, window: Window) -> None:
    user = await newcomer("Erin")
    erin = await at_profile(await window(user.username))
    page = erin.page

    await page.get_by_test_id("profile-name").fill(HOSTILE[0])
    await page.get_by_test_id("profile-zone").fill("Asia/Tokyo")
    await page.get_by_test_id("profile-save").click()

    await expect(erin.toast("Saved")).to_be_visible()
    await page.get_by_test_id("account").click()
    await expect(page.get_by_test_id("account-name")).to_have_text(HOSTILE[0])
    await page.reload()
    await expect(page.get_by_test_id("profile-name")).to_have_value(HOSTILE[0])
    await expect(page.get_by_test_id("profile-zone")).to_have_value("Asia/Tokyo")
    assert await page.title() == "Profile · Team Task Manager"


async def test_a_new_name_and_language_are_followed_in_another_window(newcomer: Newcomer, window: Window) -> None:
    user = await newcomer("Erin")
    erin, elsewhere = [await at_profile(await window(user.username)) for _ in range(2)]

    await erin.page.get_by_test_id("profile-language").select_option("ru")
    await erin.page.get_by_test_id("profile-name").fill("Ирина")
    await erin.page.get_by_test_id("profile-save").click()

    for person in (erin, elsewhere):
        await expect(person.page.locator("html")).to_have_attribute("lang", "ru")
        await expect(person.page.get_by_test_id("profile-name")).to_have_value("Ирина")
        await expect(person.page.get_by_role("heading", name="Профиль")).to_be_visible()
    await erin.page.get_by_test_id("profile-language").select_option("")
    for person in (erin, elsewhere):
        await expect(person.page.locator("html")).to_have_attribute("lang", "en")


async def test_what_is_no_time_zone_is_not_even_sent(newcomer: Newcomer, window: Window) -> None:
    erin = await at_profile(await window((await newcomer("Erin")).username))
    zone = erin.page.get_by_test_id("profile-zone")

    await zone.fill("Europe/Nowhere")
    await erin.page.get_by_test_id("profile-save").click()

    assert await zone.evaluate("field => field.validationMessage") == "There is no such time zone."
    await erin.page.reload()
    await expect(zone).to_have_value("UTC")


async def test_a_new_password_ends_every_other_session_at_once(newcomer: Newcomer, window: Window) -> None:
    user = await newcomer("Erin")
    erin, elsewhere = [await at_profile(await window(user.username)) for _ in range(2)]
    page = erin.page

    await page.get_by_test_id("password-old").fill(PASSWORD)
    await page.get_by_test_id("password-new").fill(NEW_PASSWORD)
    await page.get_by_test_id("password-again").fill(NEW_PASSWORD)
    await page.get_by_test_id("password-submit").click()

    await expect(erin.toast("Password changed")).to_be_visible()
    await expect(elsewhere.page.get_by_test_id("sign-in-submit")).to_be_visible()
    await expect(other_sessions(erin)).to_have_count(0)
    await page.reload()
    await expect(page.get_by_test_id("session-current")).to_be_visible()
    await elsewhere.sign_in()
    await expect(elsewhere.page.get_by_test_id("sign-in-problem")).to_be_visible()


async def test_a_wrong_old_password_is_refused_in_words(newcomer: Newcomer, window: Window) -> None:
    erin = await at_profile(await window((await newcomer("Erin")).username))
    erin.may_be_refused()

    await erin.page.get_by_test_id("password-old").fill("not my password")
    await erin.page.get_by_test_id("password-new").fill(NEW_PASSWORD)
    await erin.page.get_by_test_id("password-again").fill(NEW_PASSWORD)
    await erin.page.get_by_test_id("password-submit").click()

    await expect(erin.page.get_by_test_id("password-problem")).to_be_visible()
    await expect(erin.page.get_by_test_id("session-current")).to_be_visible()


async def test_a_session_that_is_ended_elsewhere_is_at_the_sign_in_page_at_once(
    newcomer: Newcomer, window: Window
) -> None:
    user = await newcomer("Erin")
    erin, second, third = [await at_profile(await window(user.username)) for _ in range(3)]
    await erin.page.reload()
    await expect(other_sessions(erin)).to_have_count(2)

    await other_sessions(erin).first.click()
    await expect(other_sessions(erin)).to_have_count(1)
    await erin.page.get_by_test_id("sessions-end-others").click()

    for person in (second, third):
        await expect(person.page.get_by_test_id("sign-in-submit")).to_be_visible()
    await expect(other_sessions(erin)).to_have_count(0)
    await expect(erin.page.get_by_test_id("session-current")).to_be_visible()


async def test_a_token_shows_its_secret_once_works_and_is_revoked(
    newcomer: Newcomer, window: Window, program: Browser
) -> None:
    erin = await at_profile(await window((await newcomer("Erin")).username))
    page = erin.page

    await page.get_by_test_id("token-name").fill(HOSTILE[1])
    await page.get_by_test_id("token-create").click()
    secret = await page.get_by_test_id("token-secret").input_value()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert (await program.get("/api/teams/", headers=bearer)).status == 200
    assert (await program.post("/api/teams/", {"name": "Mine"}, headers=bearer)).status == 403

    await page.reload()
    row = page.get_by_test_id("tokens").get_by_role("listitem")
    await expect(row).to_contain_text(HOSTILE[1])
    await expect(row).to_contain_text("last used")
    await expect(page.get_by_test_id("token-secret")).to_have_count(0)
    await row.get_by_role("button").click()
    await expect(row).to_have_count(0)
    assert (await program.get("/api/teams/", headers=bearer)).status == 401


async def test_a_telegram_account_is_linked_by_its_code_and_unlinked(
    running: Product, newcomer: Newcomer, window: Window, program: Browser
) -> None:
    erin = await at_profile(await window((await newcomer("Erin")).username))
    erin.may_be_refused()
    page = erin.page

    service = {"Authorization": f"Bearer {running.settings.service_token}"}
    code = (await program.post("/api/telegram/create_code/", {"tg_user_id": TELEGRAM}, headers=service)).body["code"]
    wrong = "000000" if code != "000000" else "000001"
    await page.get_by_test_id("telegram-code").fill(wrong)
    await page.get_by_test_id("telegram-confirm").click()
    await expect(page.get_by_test_id("telegram-problem")).to_be_visible()
    await page.get_by_test_id("telegram-code").fill(code)
    await page.get_by_test_id("telegram-confirm").click()

    await expect(page.get_by_test_id("telegram-linked")).to_be_visible()
    await page.reload()
    await page.get_by_test_id("telegram-unlink").click()
    await expect(page.get_by_test_id("telegram-code")).to_be_visible()


async def test_an_address_of_nobodys_says_so_and_leads_back(crew: Crew, enter: Enter) -> None:
    ben = await enter("ben")

    await ben.page.goto("/teem/7")
    await expect(ben.page.get_by_role("heading", name="There is no such page")).to_be_visible()
    await ben.page.get_by_test_id("not-found").click()

    await expect(ben.page.get_by_test_id(f"team-{crew.team}")).to_be_visible()
