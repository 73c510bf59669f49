"""One person in front of one browser window."""

import re
from typing import Any, NamedTuple

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.gateway.browser import COOKIE
from tests.web.cable import Cable

# Chromium writes each of these to the console by itself; a page cannot keep it from doing so.
_BEFORE_SIGNING_IN = r"Failed to load resource: the server responded with a status of 401"
_WITHOUT_A_LINE = r"net::ERR_|WebSocket connection to '.*' failed"
_OUTAGE = r"Failed to load resource: the server responded with a status of 503"
_REFUSED = r"Failed to load resource: the server responded with a status of (403|404|409)"

_SHOWN = """() => [...document.querySelectorAll('[data-list]')].map(list => [
    Number(list.dataset.list),
    [...list.querySelectorAll('[data-testid^="task-"][data-version]')].map(card => [
        Number(card.dataset.task), Number(card.dataset.version), card.getAttribute('aria-label'),
        card.dataset.done === 'true'
    ])
])"""


class Shown(NamedTuple):
    """A board as lists of (task, version, title, done), each in its order."""

    lists: list[tuple[int, list[tuple[int, int, str, bool]]]]

    @classmethod
    def of(cls, board: Any) -> "Shown":
        """What a snapshot must look like."""
        order = sorted(board["tasks"], key=lambda task: (task["rank"], task["id"]))
        lists = sorted(board["lists"], key=lambda row: (row["rank"], row["id"]))
        return cls([(row["id"], [_card(task) for task in order if task["list"] == row["id"]]) for row in lists])


def _card(task: Any) -> tuple[int, int, str, bool]:
    return task["id"], task["version"], task["title"], task["is_done"]


class Person:
    """Acts on the page as people do. `complaints` is what the console holds that nobody expected."""

    def __init__(self, username: str, password: str, page: Page, cable: Cable) -> None:
        self.username = username
        self.page = page
        self.cable = cable
        self.loads = 0
        self._password = password
        self._said: list[str] = []
        self._allowed = [_BEFORE_SIGNING_IN]
        self.follow(page)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def follow(self, page: Page) -> None:
        """Note what goes wrong in a window of this person."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._said.append(f"uncaught: {error}"))
        page.on("dialog", lambda dialog: self._said.append(f"dialog: {dialog.message}"))
        page.on("load", lambda _: self._count_load())

    def _count_load(self) -> None:
        self.loads += 1

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._said.append(message.text)

    def may_lose_the_line(self) -> None:
        self._allowed.append(_WITHOUT_A_LINE)

    def may_be_refused(self) -> None:
        self._allowed.append(_REFUSED)

    def may_meet_an_outage(self) -> None:
        self._allowed.append(_OUTAGE)

    def complaints(self) -> list[str]:
        return [said for said in self._said if not any(re.search(pattern, said) for pattern in self._allowed)]

    async def sign_in(self) -> None:
        await self.page.get_by_test_id("sign-in-username").fill(self.username)
        await self.page.get_by_test_id("sign-in-password").fill(self._password)
        await self.page.get_by_test_id("sign-in-submit").click()

    async def open(self, team: int) -> None:
        """Go to a team's board, sign in there, and wait until it is live."""
        await self.page.goto(f"/teams/{team}")
        await self.sign_in()
        await self.is_live()

    async def resume(self, team: int, session: str) -> None:
        """Go to a team's board as somebody who has signed in before, and wait until it is live."""
        address = self.cable.address
        await self.context.add_cookies([{"name": COOKIE, "value": session, "url": address, "httpOnly": True}])
        await self.page.goto(f"/teams/{team}")
        await self.is_live()

    async def session(self) -> str:
        """The secret of the session in this window."""
        return next(one.get("value", "") for one in await self.context.cookies() if one.get("name") == COOKIE)

    async def is_live(self) -> None:
        await expect(self.page.get_by_test_id("connection")).to_have_attribute("data-state", "live", timeout=15_000)

    async def has_settled(self) -> None:
        """Wait until the server has answered all that was done here and its events have come."""
        await expect(self.page.get_by_test_id("connection")).to_have_attribute("data-unsaved", "0", timeout=10_000)

    async def is_offline(self) -> None:
        await expect(self.page.get_by_test_id("offline")).to_be_visible()

    def list_(self, number: int) -> Locator:
        return self.page.get_by_test_id(f"list-{number}")

    def card(self, title: str, within: int | None = None) -> Locator:
        """A card on the board, or on one list."""
        place = self.page if within is None else self.list_(within)
        return place.get_by_role("article", name=title, exact=True)

    def toast(self, text: str) -> Locator:
        return self.page.get_by_test_id("toast").filter(has_text=text)

    async def add(self, number: int, title: str) -> None:
        field = self.page.get_by_test_id(f"add-task-{number}")
        await field.fill(title)
        await field.press("Enter")

    async def drag(self, title: str, number: int) -> None:
        """Take a card with the mouse, at the first try, and let it go over the middle of a list."""
        assert await self._grab_and_carry(title, number)
        await self.page.mouse.up()

    async def chase(self, title: str, number: int) -> None:
        """As `drag`, while somebody else moves the same card: it may be gone between looking and grabbing."""
        for _ in range(5):
            if await self._grab_and_carry(title, number):
                await self.page.mouse.up()
                return
            await self.page.mouse.up()
        raise AssertionError(f"{title} cannot be taken hold of")

    async def _grab_and_carry(self, title: str, number: int) -> bool:
        """Whether the list shows where the card would go."""
        await self.card(title).hover()
        await self.page.mouse.down()
        box = await self.list_(number).bounding_box()
        assert box is not None
        await self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)
        try:
            await expect(self.list_(number).get_by_test_id("drop-place")).to_be_visible(timeout=1_500)
        except AssertionError:
            return False
        return True

    async def edit(self, title: str, /, **fields: str) -> None:
        """Open a card and fill in `title`, `description`..., or choose an `assignee`, a `list` or a `priority`."""
        await self.card(title).click()
        for name, value in fields.items():
            field = self.page.get_by_test_id(f"task-{name}")
            await (field.select_option(label=value) if name in ("assignee", "list", "priority") else field.fill(value))
        await self.page.get_by_test_id("task-save").click()
        await expect(self.page.get_by_test_id("task-dialog")).to_be_hidden()

    async def open_card(self, title: str) -> Locator:
        """The dialog of a card."""
        await self.card(title).click()
        dialog = self.page.get_by_test_id("task-dialog")
        await expect(dialog).to_be_visible()
        return dialog

    async def open_side(self, name: str) -> Locator:
        """One of the panels beside the board: `activity`, `labels`, `archive` or `trash`."""
        await self.page.get_by_test_id("board-menu").click()
        await self.page.get_by_test_id(f"open-{name}").click()
        return self.page.get_by_test_id(f"{name}-panel")

    async def close_side(self) -> None:
        await self.page.get_by_test_id("panel-close").click()

    async def shows(self, board: Any) -> None:
        """Wait until the page stands where the snapshot does, with nothing pending, and compare the two exactly."""
        connection = self.page.get_by_test_id("connection")
        await expect(connection).to_have_attribute("data-seq", str(board["seq"]), timeout=10_000)
        await self.has_settled()
        shown: Any = await self.page.evaluate(_SHOWN)
        assert [(number, [tuple(card) for card in cards]) for number, cards in shown] == Shown.of(board).lists
