"""What the web client shows of Telegram: the link, whether the bot may write, groups, and what could not be sent."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import expect

from infra.bus import Bus
from schemas.accounts import FindUser, User
from schemas.deliveries import BindGroup
from schemas.ids import ChatId, TeamId, TelegramId, ThreadId
from schemas.telegram import CreateTelegramCode, MarkReachable, RedeemStart
from tests.gateway.browser import Browser
from tests.waiting import wait_for
from tests.web.conftest import Crew, Enter, Newcomer, Window
from tests.whole.product import Product

TELEGRAM = TelegramId(77_001)
GROUP = ChatId(-1_001_234_567_890)


async def test_the_profile_follows_a_link_that_is_made_blocked_and_ended_in_telegram(
    newcomer: Newcomer, window: Window, messenger: Bus
) -> None:
    user = await newcomer("Erin")
    erin = await window(user.username)
    page = erin.page
    await page.goto("/profile")
    await erin.sign_in()

    async with erin.context.expect_page():
        await page.get_by_test_id("telegram-start").click()
    address = await page.get_by_test_id("telegram-open").get_attribute("href")
    assert address is not None
    await messenger.request(RedeemStart(telegram=TELEGRAM, code=code_of(address)))

    await expect(page.get_by_test_id("telegram-reachable")).to_be_visible()
    await expect(page.get_by_test_id("telegram-start")).to_have_count(0)
    await messenger.request(MarkReachable(telegram=TELEGRAM, is_reachable=False))
    await expect(page.get_by_test_id("telegram-unreachable")).to_contain_text("unblock it")
    await page.get_by_test_id("telegram-unlink").click()
    await expect(page.get_by_test_id("telegram-start")).to_be_visible()


async def test_telegram_speaks_as_the_browser_did_in_which_it_was_linked(
    newcomer: Newcomer, window: Window, messenger: Bus, console: Bus
) -> None:
    user = await newcomer("Faina")
    assert (user.language, user.time_zone) == (None, "UTC")
    faina = await window(user.username, locale="ru-RU", time_zone="Asia/Tokyo")
    await faina.page.goto("/profile")
    await faina.sign_in()
    code = (await messenger.request(CreateTelegramCode(telegram=TelegramId(77_002)))).code

    # As people read it out.
    await faina.page.get_by_test_id("telegram-code").fill(f" {code[:3]} {code[3:]}")
    await faina.page.get_by_test_id("telegram-confirm").click()

    await expect(faina.page.get_by_test_id("telegram-reachable")).to_be_visible()
    await expect(faina.page.get_by_test_id("profile-zone")).to_have_value("Asia/Tokyo")
    linked = await console.request(FindUser(username=user.username))
    assert (linked.language, linked.time_zone) == ("ru", "Asia/Tokyo")


async def test_an_admin_chooses_what_a_topic_hears_and_lets_it_go(crew: Crew, enter: Enter, messenger: Bus) -> None:
    await messenger.request(
        BindGroup(
            by=(await crew.do("GET", "/api/auth/me/"))["id"],
            chat=GROUP,
            thread=ThreadId(17),
            title="Our group",
            team=TeamId(crew.team),
        )
    )
    ben, clara = await enter("ben"), await enter("clara")
    await clara.page.get_by_test_id("members").click()
    await expect(clara.page.get_by_test_id("team-panel")).to_be_visible()
    await expect(clara.page.get_by_test_id("groups")).to_have_count(0)

    await ben.page.get_by_test_id("members").click()
    group = ben.page.get_by_test_id(f"group-{GROUP}_17")
    await group.get_by_text("Our group, topic 17").click()
    await group.get_by_test_id("group-kind-commented").check()
    await group.get_by_test_id("group-kind-overdue").uncheck()
    await expect(group).to_contain_text("3 / 8")

    async def is_chosen() -> bool:
        (now,) = await crew.do("GET", f"/api/teams/{crew.team}/groups/")
        return {*now["kinds"]} == {"assigned", "commented", "completed"}

    await wait_for(is_chosen)

    await group.get_by_test_id("group-unbind").click()
    await expect(group).to_have_count(0)
    assert await crew.do("GET", f"/api/teams/{crew.team}/groups/") == []


async def test_an_administrator_sees_what_could_not_be_sent_and_sends_it_again(
    crew: Crew, newcomer: Newcomer, window: Window, running: Product, messenger: Bus
) -> None:
    reader, admin = await newcomer("Reader"), await newcomer("Boss", is_admin=True)
    telegram = TelegramId(900_000 + reader.id)  # nobody there has this one, so nothing can be sent to it
    await link(reader, telegram, running, messenger)
    await crew.do("POST", f"/api/teams/{crew.team}/members/", {"username": reader.username, "role": "viewer"})
    async with signed_in(running, admin) as program:
        await wait_for(lambda: is_given_up(program, telegram), timeout=15)
    boss = await window(admin.username)
    await boss.page.goto("/admin/deliveries")
    await boss.sign_in()

    row = boss.page.get_by_test_id("admin-table").locator("tbody tr").filter(has_text=str(telegram))
    await expect(row).to_contain_text("chat not found")
    async with boss.page.expect_response(lambda response: response.url.endswith("/retry/")) as response:
        await row.get_by_test_id("row-offer").click()
    assert (await response.value).status == 200
    await boss.page.get_by_test_id("admin-filter-state").select_option("delivered")
    await expect(row).to_have_count(0)


async def is_given_up(administrator: Browser, telegram: TelegramId) -> bool:
    page = (await administrator.get("/api/admin/deliveries/")).body
    return telegram in [row["chat"] for row in page["deliveries"]]


async def link(person: User, telegram: TelegramId, running: Product, messenger: Bus) -> None:
    async with signed_in(running, person) as program:
        address = (await program.post("/api/telegram/start/")).body["url"]
    await messenger.request(RedeemStart(telegram=telegram, code=code_of(address)))


@asynccontextmanager
async def signed_in(running: Product, person: User) -> AsyncGenerator[Browser]:
    """Somebody without a window."""
    program = Browser(running.url, person)
    try:
        await program.sign_in()
        yield program
    finally:
        await program.close()


def code_of(address: str) -> str:
    """What a deep link hands to the bot."""
    (code,) = parse_qs(urlsplit(address).query)["start"]
    return code
