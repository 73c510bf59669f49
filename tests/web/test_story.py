"""The promise in one piece: linked, told by a toast, then in Telegram, and done from there; every process is real."""

import re

from aiohttp import ClientSession
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, expect

from infra.bus import Bus
from schemas.ids import UserId
from tests.gateway.browser import Browser
from tests.waiting import wait_for
from tests.web.conftest import Crew, Enter, Join, is_active
from tests.whole.product import Product

_ARRIVES = 20_000
"""Milliseconds: whoever leaves counts as present for some seconds more."""


async def write(telegram: Page, text: str) -> None:
    await telegram.locator("#text").fill(text)
    await telegram.get_by_role("button", name="Send", exact=True).click()


async def test_a_person_is_told_where_they_are(
    crew: Crew, enter: Enter, join: Join, browser: Chromium, running: Product
) -> None:
    anna, erin = await enter("anna"), await join("Erin")
    telegram = await browser.new_page(locale="en-GB")
    await telegram.goto(running.line["simulator_url"])

    # Linked: the bot gives a code, which is typed into the profile.
    await telegram.get_by_role("button", name="Add a person").click()
    await telegram.locator("#person-dialog [name=name]").fill("Erin")
    await telegram.locator("#person-dialog").get_by_role("button", name="Add", exact=True).click()
    await expect(telegram.locator("#person-dialog")).to_be_hidden()
    await telegram.get_by_role("button", name="Start", exact=True).click()
    await write(telegram, "/link")
    code = telegram.locator("#messages .text").filter(has_text=re.compile(r"\b\d{6}\b"))
    await expect(code).to_be_visible(timeout=_ARRIVES)
    found = re.search(r"\b\d{6}\b", await code.inner_text())
    assert found is not None
    await erin.page.goto("/profile")
    await erin.page.get_by_test_id("telegram-code").fill(found[0])
    await erin.page.get_by_test_id("telegram-confirm").click()
    await expect(erin.page.get_by_test_id("telegram-reachable")).to_be_visible()

    # Told by a toast while she is there, and not in Telegram.
    await crew.do("PATCH", f"/api/tasks/{await crew.task('Buy paper')}/", {"assignee": crew.ids[erin.username]})
    await expect(erin.toast("Anna Petrova assigned “Buy paper” to you")).to_be_visible()

    # Told in Telegram when she has closed the page.
    await erin.page.close()
    task = await crew.task("Buy ink")
    await crew.do("PATCH", f"/api/tasks/{task}/", {"assignee": crew.ids[erin.username]})
    message = telegram.locator("#messages > li").filter(has_text="Buy ink")
    await expect(message).to_be_visible(timeout=_ARRIVES)
    await expect(telegram.locator("#messages > li").filter(has_text="Buy paper")).to_have_count(0)

    # It leads to where the task is.
    async with telegram.context.expect_page() as opened:
        await message.get_by_role("button", name="Open").click()
    assert (await opened.value).url == f"{running.url}/teams/{crew.team}?task={task}"

    # Done from a button there, which Anna sees at once.
    await message.get_by_role("button", name="Done").click()
    await expect(anna.card("Buy ink")).to_have_attribute("data-done", "true")
    await telegram.close()


async def test_the_predecessors_endpoints_alone_tell_the_same_story(crew: Crew, edge: Bus, running: Product) -> None:
    """Its bot asks for a code, its page types it in; the notice comes by its socket, then through Telegram."""
    ben = Browser(running.url)
    await ben.post("/api/auth/login/", {"username": "ben", "password": running.password("ben")})
    bearer = {"Authorization": f"Bearer {running.settings.service_token}"}
    bot = Browser(running.url)
    async with ClientSession(running.line["simulator_url"]) as simulator:
        async with simulator.post("/simulator/people", json={"name": "Ben", "language": "en"}) as answer:
            person = (await answer.json())["id"]
        async with simulator.post(f"/simulator/people/{person}/messages", json={"text": "/start"}) as answer:
            assert answer.status == 201
        code = (await bot.post("/api/telegram/create_code/", {"tg_user_id": person}, headers=bearer)).body["code"]
        assert (await ben.post("/api/telegram/confirm/", {"code": code})).body["status"] == "ok"

        async def sent(title: str) -> bool:
            async with simulator.get(f"/simulator/people/{person}/messages") as answer:
                return any(title in (message.get("text") or "") for message in await answer.json())

        page = await ben.listen_for_oneself()
        await page.socket.send_str('{"type": "heartbeat"}')
        await wait_for(lambda: is_active(edge, UserId(crew.ids["ben"])))
        first = await crew.task("Buy paper")
        await crew.do("PATCH", f"/api/tasks/{first}/", {"assignee": crew.ids["ben"]})
        while "Buy paper" not in (await page.until("notify"))["text"]:
            pass
        await page.close()
        second = await crew.task("Buy ink")
        await crew.do("PATCH", f"/api/tasks/{second}/", {"assignee": crew.ids["ben"]})
        await wait_for(lambda: sent("Buy ink"), timeout=20)
        # The page of the predecessor acknowledges nothing, and still nobody is told twice.
        assert not await sent("Buy paper")

    as_ben = bearer | {"X-TG-USER": str(person)}
    assert {first, second} <= {task["id"] for task in (await bot.get("/api/tg/tasks/", headers=as_ben)).body}
    assert (await bot.post(f"/api/tg/tasks/{second}/done/", headers=as_ben)).body == {"status": "ok"}
    assert next(task for task in (await crew.board())["tasks"] if task["id"] == second)["is_done"]
    await ben.close()
    await bot.close()
