"""What somebody in the demo does over HTTP, so that there is something to lose."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.gateway.browser import Browser
from tests.whole.product import Product

TITLE = "Survive the winter"


@asynccontextmanager
async def signed_in(product: Product, username: str = "anna") -> AsyncGenerator[Browser]:
    """Somebody in the demo, signed in."""
    browser = Browser(product.url)
    try:
        answer = await browser.post("/api/auth/login/", {"username": username, "password": product.password(username)})
        assert answer.status == 200, answer
        yield browser
    finally:
        await browser.close()


async def add_task(product: Product, title: str = TITLE) -> None:
    async with signed_in(product) as anna:
        team = (await anna.get("/api/teams/")).body["results"][0]["id"]
        board = (await anna.get(f"/api/teams/{team}/board/")).body
        answer = await anna.post("/api/tasks/", {"title": title, "list": board["lists"][0]["id"]})
        assert answer.status == 201, answer


async def titles(product: Product) -> list[str]:
    """Of all tasks that anna sees."""
    async with signed_in(product) as anna:
        page = (await anna.get("/api/tasks/?limit=500")).body
        assert page["next"] is None
        return sorted(task["title"] for task in page["results"])
