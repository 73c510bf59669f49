"""How people come into a team, hand it on, leave it and end it."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.conftest import PASSWORD
from tests.web.conftest import Crew, Enter, Newcomer, Window
from tests.web.person import Person


async def invite(owner: Person, *, role: str = "member", uses: str = "0") -> str:
    """A link's path, made in the panel."""
    page = owner.page
    await page.get_by_test_id("members").click()
    await page.get_by_test_id("invite-role").select_option(role)
    await page.get_by_test_id("invite-uses").select_option(uses)
    await page.get_by_test_id("invite-create").click()
    return urlsplit(await page.get_by_test_id("invite-link").input_value()).path


async def register(person: Person, name: str) -> None:
    await expect(person.page.get_by_test_id("register-submit")).to_have_text("Register and join")
    await person.page.get_by_test_id("register-name").fill(name)
    await person.page.get_by_test_id("register-username").fill(person.username)
    await person.page.get_by_test_id("register-password").fill(PASSWORD)
    await person.page.get_by_test_id("register-submit").click()


async def roles(crew: Crew) -> dict[str, str]:
    members = await crew.do("GET", f"/api/teams/{crew.team}/members/")
    return {member["username"]: member["role"] for member in members}


async def test_a_newcomer_registers_with_an_invite_and_works_at_once(crew: Crew, enter: Enter, window: Window) -> None:
    anna, fay = await enter("anna"), await window("fay.invited", time_zone="Asia/Tokyo")
    path = await invite(anna)

    await fay.page.goto(path)
    await expect(fay.page.get_by_test_id("invite-look")).to_contain_text("Anna Petrova invites you")
    await expect(fay.page.get_by_test_id("invite-look")).to_contain_text("Your role: Member")
    await register(fay, "Fay")

    await fay.is_live()
    await expect(anna.page.locator("[data-testid^=member-] strong").get_by_text("Fay", exact=True)).to_be_visible()
    await anna.page.keyboard.press("Escape")
    await fay.add(crew.lists["To do"], "Buy paper")
    await expect(anna.card("Buy paper")).to_be_visible()
    await fay.page.goto("/profile")
    await expect(fay.page.get_by_test_id("profile-zone")).to_have_value("Asia/Tokyo")


async def test_whoever_has_an_account_signs_in_and_is_in(
    crew: Crew, enter: Enter, newcomer: Newcomer, window: Window
) -> None:
    path = await invite(await enter("anna"), role="viewer")
    gil = await window((await newcomer("Gil")).username)

    await gil.page.goto(path)
    await gil.page.get_by_test_id("to-sign-in").click()
    await gil.sign_in()

    await gil.is_live()
    assert (await roles(crew))[gil.username] == "viewer"


async def test_whoever_is_signed_in_is_asked_first(
    crew: Crew, enter: Enter, newcomer: Newcomer, window: Window
) -> None:
    path = await invite(await enter("anna"))
    gil = await window((await newcomer("Gil")).username)
    await gil.page.goto("/")
    await gil.sign_in()
    await expect(gil.page.get_by_test_id("new-team")).to_be_visible()

    await gil.page.goto(path)
    await expect(gil.page.get_by_test_id("invite-accept")).to_be_visible()
    assert gil.username not in await roles(crew)
    await gil.page.get_by_test_id("invite-accept").click()

    await gil.is_live()


@pytest.mark.parametrize("end", ["revoked", "used up"])
async def test_an_invite_that_has_ended_says_so(crew: Crew, enter: Enter, window: Window, end: str) -> None:
    anna, late = await enter("anna"), await window("late")
    late.may_be_refused()
    path = await invite(anna, uses="1")

    if end == "revoked":
        await anna.page.get_by_test_id("invites").get_by_role("listitem").get_by_role("button").click()
        await expect(anna.page.get_by_test_id("invites").get_by_role("listitem")).to_have_count(0)
    else:
        first = await window("hal.invited")
        await first.page.goto(path)
        await register(first, "Hal")
        await first.is_live()

    await late.page.goto(path)
    await expect(late.page.get_by_role("heading", name="This invite is no longer valid")).to_be_visible()
    await late.page.get_by_test_id("invite-void").click()
    await expect(late.page.get_by_test_id("sign-in-submit")).to_be_visible()


async def test_a_viewer_is_offered_no_more_than_leaving(crew: Crew, enter: Enter) -> None:
    dmitri = await enter("dmitri")

    await dmitri.page.get_by_test_id("members").click()

    await expect(dmitri.page.get_by_test_id("leave-team")).to_be_visible()
    for offer in ("team-name", "member-username", "invites", "transfer-team", "delete-team"):
        await expect(dmitri.page.get_by_test_id(offer)).to_have_count(0)


async def test_an_admin_invites_but_neither_hands_over_nor_deletes(crew: Crew, enter: Enter) -> None:
    ben = await enter("ben")

    await ben.page.get_by_test_id("members").click()

    await expect(ben.page.get_by_test_id("invites")).to_be_visible()
    assert await ben.page.get_by_test_id("invite-role").locator("option").all_text_contents() == ["Viewer", "Member"]
    for offer in ("transfer-team", "delete-team"):
        await expect(ben.page.get_by_test_id(offer)).to_have_count(0)


async def test_a_team_is_handed_over_before_both_peoples_eyes(crew: Crew, enter: Enter) -> None:
    anna, ben = await enter("anna"), await enter("ben")
    for person in (anna, ben):
        await person.page.get_by_test_id("members").click()

    await anna.page.get_by_test_id("transfer-to").select_option(label="Ben Okafor")
    await anna.page.get_by_test_id("transfer-team").click()
    await expect(anna.page.get_by_test_id("confirm")).to_contain_text("Make Ben Okafor the owner")
    await anna.page.get_by_test_id("confirm-no").click()
    assert (await roles(crew))["anna"] == "owner"
    await anna.page.get_by_test_id("transfer-to").select_option(label="Ben Okafor")
    await anna.page.get_by_test_id("transfer-team").click()
    await anna.page.get_by_test_id("confirm-yes").click()

    await expect(ben.page.get_by_test_id("delete-team")).to_be_visible()
    await expect(anna.page.get_by_test_id("delete-team")).to_have_count(0)
    assert {name: role for name, role in (await roles(crew)).items() if name in ("anna", "ben")} == {
        "anna": "admin",
        "ben": "owner",
    }


async def test_a_team_is_deleted_by_typing_its_name_and_brought_back(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    anna, clara = await enter("anna"), await enter("clara")
    clara.may_be_refused()

    await anna.page.get_by_test_id("members").click()
    await anna.page.get_by_test_id("delete-team").click()
    await expect(anna.page.get_by_test_id("confirm-yes")).to_be_disabled()
    await anna.page.get_by_test_id("confirm-word").fill("Crew")
    await anna.page.get_by_test_id("confirm-yes").click()

    await expect(anna.page.get_by_test_id("new-team")).to_be_visible()
    await expect(anna.page.get_by_test_id(f"team-{crew.team}")).to_have_count(0)
    await expect(clara.toast("The team “Crew” was deleted")).to_be_visible()
    await expect(clara.page.get_by_test_id("new-team")).to_be_visible()
    await anna.toast("Team “Crew” deleted").get_by_role("button", name="Undo").click()
    await anna.is_live()
    await expect(anna.card("Buy paper")).to_be_visible()
    await anna.shows(await crew.board())


async def test_whoever_leaves_is_asked_and_then_out(crew: Crew, enter: Enter) -> None:
    clara = await enter("clara")

    await clara.page.get_by_test_id("members").click()
    await clara.page.get_by_test_id("leave-team").click()
    await clara.page.keyboard.press("Escape")
    await expect(clara.page.get_by_test_id("confirm")).to_have_count(0)
    await expect(clara.page.get_by_test_id("team-panel")).to_be_visible()
    await expect(clara.page.get_by_test_id("leave-team")).to_be_focused()
    await clara.page.get_by_test_id("leave-team").click()
    await clara.page.get_by_test_id("confirm-yes").click()

    await expect(clara.page.get_by_test_id("new-team")).to_be_visible()
    assert "clara" not in await roles(crew)


async def test_without_an_invite_one_is_told_to_ask_for_one(window: Window) -> None:
    stranger = await window("stranger")

    await stranger.page.goto("/register")

    await expect(stranger.page.get_by_test_id("register-closed")).to_contain_text("invite link")
    await stranger.page.get_by_test_id("to-sign-in").click()
    await expect(stranger.page.get_by_test_id("sign-in-submit")).to_be_visible()
