"""The chat page in a browser."""

import re
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.simulator.app import PAGE
from tests.bot.simulated import People
from tests.waiting import wait_for
from tests.web.chromium import chromium

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]

KEYBOARD = {"inline_keyboard": [[{"text": "Done", "callback_data": "done:42"}, {"text": "Open", "url": "http://x/42"}]]}


@pytest.fixture(scope="module")
async def browser() -> AsyncGenerator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def page(browser: Browser) -> AsyncGenerator[Page]:
    """A window in which nothing goes wrong unseen."""
    context = await browser.new_context(locale="en-US", viewport={"width": 390, "height": 844})
    page = await context.new_page()
    page.set_default_timeout(15_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield page
    await context.close()
    assert wrong == []


async def add_person(page: Page, name: str) -> None:
    """Whom one adds, one is."""
    await page.click("#open-person")
    await page.fill("#person-dialog [name=name]", name)
    await page.click("#person-dialog button:text('Add')")
    await expect(page.locator("#subtitle")).to_contain_text(f"as {name}")


async def update(people: People, kind: str) -> dict[str, Any]:
    """The next update of that kind; those before it are dropped."""

    async def of_kind() -> dict[str, Any] | None:
        return next((each[kind] for each in await people.updates() if kind in each), None)

    return await wait_for(of_kind, timeout=15)


async def test_a_newcomer_plays_the_story(people: People, page: Page) -> None:
    await people.bot_calls("setMyCommands", commands=[{"command": "tasks", "description": "My tasks"}])
    await page.goto(people.url)
    await add_person(page, "Ann")
    await page.click("#shut:text('Start')")
    chat = (await update(people, "message"))["chat"]["id"]
    asked = await people.bot_calls("sendMessage", chat_id=chat, text="Buy paper: see /task_42", reply_markup=KEYBOARD)

    await page.click(".keyboard button:text('Done')")
    query = await update(people, "callback_query")
    assert (query["data"], query["message"]["message_id"]) == ("done:42", asked["result"]["message_id"])
    await people.bot_calls("answerCallbackQuery", callback_query_id=query["id"], text="Well done")
    await expect(page.locator("#notice")).to_have_text("Well done")
    await people.bot_calls("editMessageText", chat_id=chat, message_id=query["message"]["message_id"], text="Bought")
    await expect(page.locator("li.bot .text")).to_have_text("Bought")

    await page.hover("li.bot .bubble")
    await page.click("li.bot [aria-label='Reply']")
    await page.fill("#text", "A4 it was")
    await page.keyboard.press("Enter")
    answer = await update(people, "message")
    assert (answer["text"], answer["reply_to_message"]["text"]) == ("A4 it was", "Bought")

    await page.click("#open-menu")
    await page.click("#menu button:has-text('/tasks')")
    assert (await update(people, "message"))["text"] == "/tasks"


async def test_a_command_in_a_message_can_be_clicked(people: People, page: Page) -> None:
    ann = await people.add()
    await ann.writes("hello")
    await people.bot_sends(ann, "Try /task_42 or https://example.org/a?b=1.")
    await page.goto(f"{people.url}/#{ann.id}/{ann.id}")

    await expect(page.locator("li.bot a")).to_have_attribute("href", "https://example.org/a?b=1")
    await page.click(".command:text('/task_42')")

    async def last_said() -> bool:
        return (await people.updates())[-1:] != []

    await wait_for(last_said)
    assert (await ann.sees("messages"))[-1]["text"] == "/task_42"


async def test_a_deep_link_starts_the_bot_as_whoever_is_chosen(people: People, page: Page) -> None:
    ann = await people.add("Ann")
    await ann.blocks()
    await page.goto(f"{people.url}/?start=Ab_-1")
    await page.click("#starters button:has-text('Ann')")

    message = await update(people, "message")
    assert (message["text"], message["from"]["id"]) == ("/start Ab_-1", ann.id)
    # Who loads the page anew starts nothing a second time.
    assert "start=" not in page.url


async def test_a_deep_link_waits_for_somebody_new(people: People, page: Page) -> None:
    await page.goto(f"{people.url}/?start=Ab_-1")
    await page.click("#start-new")
    await page.fill("#person-dialog [name=name]", "Ben")
    await page.click("#person-dialog button:text('Add')")

    message = await update(people, "message")
    assert (message["text"], message["from"]["first_name"]) == ("/start Ab_-1", "Ben")


async def test_what_somebody_else_wrote_is_forwarded(people: People, page: Page) -> None:
    ann = await people.add()
    await ann.writes("hello")
    await page.goto(f"{people.url}/#{ann.id}/{ann.id}")
    await page.click("#open-forward")
    await page.fill("#forward-dialog [name=text]", "Water the plants")
    await page.select_option("#forward-dialog [name=origin]", "hidden_user")
    await page.fill("#forward-dialog [name=name]", "Boris")
    await page.click("#forward-dialog button:text('Send')")

    await expect(page.locator("#messages .from")).to_have_text("Forwarded from Boris")
    assert (await people.updates())[-1]["message"]["forward_origin"]["sender_user_name"] == "Boris"


async def test_the_bot_is_blocked_and_unblocked(people: People, page: Page) -> None:
    ann = await people.add()
    await ann.writes("hello")
    await page.goto(f"{people.url}/#{ann.id}/{ann.id}")
    await page.click("#block")
    await page.click("#shut:has-text('Unblock')")
    await expect(page.locator("#composer")).to_be_visible()

    moves = [each["my_chat_member"]["new_chat_member"]["status"] for each in (await people.updates())[1:]]
    assert moves == ["kicked", "member"]


async def test_a_group_is_made_with_the_bot_and_a_topic(people: People, page: Page) -> None:
    await people.add("Ben")
    await page.goto(people.url)
    await add_person(page, "Ann")
    await page.click("#back")
    await page.click("text=New group")
    await page.fill("#new-group-dialog [name=title]", "Garden")
    await page.select_option("#new-group-dialog [name=kind]", "forum")
    await page.click("#new-group-dialog button:text('Add')")
    await page.click("#open-group")
    await page.select_option("#members [aria-label='Ben']", "member")
    await page.select_option("#members [aria-label='The bot']", "administrator")
    await page.fill("#new-topic [name=name]", "Repairs")
    await page.click("#new-topic button")
    await page.click("#topics button:text('Repairs')")
    await page.fill("#text", "hello all")
    await page.click("#composer button:text('Send')")
    await expect(page.locator("#messages li.mine .text")).to_have_text("hello all")

    (*_, said) = await people.updates()
    assert (said["message"]["text"], said["message"]["is_topic_message"]) == ("hello all", True)
    (room,) = [room for room in await people.ask("GET", "chats") if room["chat"]["type"] == "supergroup"]
    assert (room["bot"], sorted(room["members"].values())) == ("administrator", ["creator", "member"])


async def test_faults_are_ordered_seen_and_cleared(people: People, page: Page) -> None:
    await page.goto(people.url)
    await page.click("#open-faults")
    await page.fill("#new-fault [name=seconds]", "9")
    await page.fill("#new-fault [name=times]", "")
    await page.click("#new-fault button")
    await expect(page.locator("#faults li")).to_contain_text("429")

    assert (await people.bot_calls("getMe"))["parameters"] == {"retry_after": 9}
    await expect(page.locator("#calls tr.bad")).to_contain_text("retry after 9")
    await page.click("#clear-faults")
    await expect(page.locator("#faults")).to_have_text("Everything works.")
    await page.check("#limits")
    await wait_for(lambda: limited(people))


async def limited(people: People) -> bool:
    return (await people.ask("GET", "limits"))["rates"] is not None


async def test_the_page_speaks_russian_and_fits_a_phone(browser: Browser, people: People) -> None:
    context = await browser.new_context(locale="ru-RU", viewport={"width": 390, "height": 844})
    page = await context.new_page()
    ann = await people.add("Анна", "ru")
    await ann.writes("x" * 300)
    for address in ("/", f"/#{ann.id}/{ann.id}"):
        await page.goto(people.url + address)
        await expect(page.locator("#status")).to_have_text("На связи")
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await expect(page.locator("#composer button:text('Отправить')")).to_be_visible()
    await context.close()


def test_every_text_is_there_in_both_languages() -> None:
    english, russian = re.findall(
        r"^  \w\w: \{$(.*?)^  \},$", (PAGE / "words.js").read_text(), re.MULTILINE | re.DOTALL
    )
    keys = [re.findall(r'^    "([\w-]+)":', language, re.MULTILINE) for language in (english, russian)]
    sources = {path.name: path.read_text() for path in PAGE.iterdir()}
    asked = set(re.findall(r'data-t(?:-label|-hint)?="([\w-]+)"', sources["index.html"]))
    asked |= {key for source in sources.values() for key in re.findall(r'\bt\("([\w-]+)"', source)}

    assert keys[0] == keys[1]
    assert asked <= set(keys[0])
