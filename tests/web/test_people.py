"""Keyboards, languages, hostile words, and the way out."""

from playwright.async_api import expect

from tests.web.conftest import Crew, Enter, Newcomer, Window

HOSTILE = [
    "<img src=x onerror=\"document.title='broken in'\">",
    "</h3></article><script>document.title='broken in'</script>",
    "{{constructor.constructor('alert(1)')()}} ${7*7} %s {count}",
    "&lt;b&gt;not bold&lt;/b&gt; &amp; &#x41;",
    "javascript:alert(1)//'\"`--><svg/onload=alert(1)>",
    "שלום עולם — right to left",
    "\u202emirrored\u202c and \u2066isolated\u2069",
    "👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, e\u0301 accent, \u200bnothing",
    "Z̸͍̆ä̷̡l̵̰̈g̸̗̽ö̸̮",
    "W" * 200,
]


STICKING_OUT = """list => [...list.querySelectorAll('article, h3')]
    .filter(part => part.getBoundingClientRect().right > list.getBoundingClientRect().right)
    .map(part => part.textContent)"""


async def test_a_card_moves_under_the_keyboard_alone(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    await crew.task("Buy ink", "Doing")
    ben, clara = await enter("ben"), await enter("clara")
    said = ben.page.get_by_test_id("announcement")

    await ben.card("Buy paper").focus()
    await ben.page.keyboard.press("Space")
    await expect(said).to_contain_text("Picked up Buy paper: To do, place 1 of 1")
    await ben.page.keyboard.press("ArrowRight")
    await expect(said).to_have_text("Doing, place 1 of 2.")
    await ben.page.keyboard.press("ArrowDown")
    await expect(said).to_have_text("Doing, place 2 of 2.")
    await ben.page.keyboard.press("Space")
    await expect(said).to_have_text("Dropped Buy paper in Doing, place 2 of 2.")
    await expect(ben.card("Buy paper")).to_be_focused()

    await expect(clara.list_(crew.lists["Doing"]).get_by_role("article")).to_have_count(2)
    for person in (ben, clara):
        await person.shows(await crew.board())


async def test_escape_puts_a_lifted_card_back(crew: Crew, enter: Enter) -> None:
    await crew.task("Buy paper")
    ben = await enter("ben")
    before = await crew.board()

    await ben.card("Buy paper").focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "Escape"):
        await ben.page.keyboard.press(key)
    await expect(ben.page.get_by_test_id("announcement")).to_have_text("Left where it was: Buy paper.")

    await ben.card("Buy paper").hover()
    await ben.page.mouse.down()
    box = await ben.list_(crew.lists["Done"]).bounding_box()
    assert box is not None
    await ben.page.mouse.move(box["x"] + 50, box["y"] + 50, steps=5)
    await expect(ben.page.get_by_test_id("drop-place")).to_be_visible()
    await ben.page.keyboard.press("Escape")
    await ben.page.mouse.up()

    await ben.shows(before)
    assert await crew.board() == before


async def test_whoever_signs_out_is_out_in_every_window(crew: Crew, enter: Enter) -> None:
    ben = await enter("ben", anew=True)
    other = await ben.context.new_page()
    ben.follow(other)
    await other.goto(f"/teams/{crew.team}")
    await expect(other.get_by_test_id("connection")).to_have_attribute("data-state", "live")

    await ben.page.get_by_test_id("account").click()
    await ben.page.get_by_test_id("sign-out").click()

    for page in (ben.page, other):
        await expect(page.get_by_test_id("sign-in-submit")).to_be_visible()
    assert (await ben.context.request.get("/api/auth/me/")).status == 401
    await ben.page.goto(f"/teams/{crew.team}")
    await expect(ben.page.get_by_test_id("sign-in-submit")).to_be_visible()


async def test_a_wrong_password_is_refused_in_words(crew: Crew, enter: Enter) -> None:
    ben = await enter("ben")
    await ben.context.clear_cookies()
    await ben.page.goto("/")

    await ben.page.get_by_test_id("sign-in-username").fill("ben")
    await ben.page.get_by_test_id("sign-in-password").fill("not my password")
    await ben.page.get_by_test_id("sign-in-submit").click()

    await expect(ben.page.get_by_test_id("sign-in-problem")).to_be_visible()
    await ben.sign_in()
    await expect(ben.page.get_by_test_id(f"team-{crew.team}")).to_be_visible()


async def test_a_russian_browser_speaks_russian_until_told_otherwise(
    crew: Crew, newcomer: Newcomer, window: Window
) -> None:
    await crew.task("Купить бумагу")
    user = await newcomer("Lev")
    await crew.do("POST", f"/api/teams/{crew.team}/members/", {"username": user.username, "role": "viewer"})
    lev = await window(user.username, locale="ru-RU")
    await lev.open(crew.team)

    await expect(lev.page.locator("html")).to_have_attribute("lang", "ru")
    await expect(lev.page.get_by_placeholder("Поиск по карточкам")).to_be_visible()
    await expect(lev.page.get_by_test_id("connection")).to_have_text("На связи")

    await lev.page.get_by_test_id("account").click()
    await lev.page.get_by_test_id("language-en").click()
    await expect(lev.page.locator("html")).to_have_attribute("lang", "en")
    await expect(lev.page.get_by_placeholder("Search cards")).to_be_visible()

    # The account remembers, wherever its owner signs in next.
    elsewhere = await window(user.username, locale="ru-RU")
    await elsewhere.open(crew.team)
    await expect(elsewhere.page.locator("html")).to_have_attribute("lang", "en")


async def test_hostile_words_are_words(crew: Crew, enter: Enter) -> None:
    ben, clara = await enter("ben"), await enter("clara")
    name, todo = await ben.page.title(), crew.lists["To do"]

    for title in HOSTILE:
        await ben.add(todo, title)

    await expect(clara.list_(todo).get_by_role("article")).to_have_count(len(HOSTILE))
    for person in (ben, clara):
        await person.shows(await crew.board())
        assert await person.list_(todo).locator("h3").all_text_contents() == HOSTILE
        await expect(person.list_(todo).locator("article :is(img, script, b)")).to_have_count(0)
        assert await person.page.title() == name
        assert await person.list_(todo).evaluate(STICKING_OUT) == []


async def test_hostile_words_are_words_in_a_form_too(crew: Crew, enter: Enter) -> None:
    title = HOSTILE[1]
    await crew.task(title)
    ben, clara = await enter("ben"), await enter("clara")

    await clara.edit(title, description="\n".join(HOSTILE))

    await expect(ben.card(title)).to_have_attribute("data-version", "2")
    await ben.card(title).click()
    await expect(ben.page.get_by_test_id("task-title")).to_have_value(title)
    await expect(ben.page.get_by_test_id("task-description")).to_have_value("\n".join(HOSTILE))
