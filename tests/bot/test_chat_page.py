"""The people's side of the simulator: the page and what it calls."""

import json
import re

import aiohttp
import pytest

from bot.simulator.app import PAGE
from bot.simulator.telegram import Telegram
from tests.bot.simulated import People


async def test_the_page_runs_no_inline_script(people: People) -> None:
    async with people.http.get("/") as answer:
        page = await answer.text()

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page)


@pytest.mark.parametrize("name", sorted(path.name for path in PAGE.iterdir()))
async def test_every_file_of_the_page_is_served(people: People, name: str) -> None:
    async with people.http.get(f"/page/{name}") as answer:
        assert answer.status == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_never_makes_markup_out_of_text() -> None:
    for script in PAGE.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", script.read_text()), script


async def test_what_a_person_writes_shows_at_once_on_every_page(people: People) -> None:
    ann = await people.add("Ann")
    async with ann.events() as first, ann.events() as second:
        message = await ann.writes("hello")

        assert (await anext(first))["message"] == message
        assert (await anext(second))["message"] == message
    assert await ann.sees("messages") == [message]


async def test_people_see_the_menu_of_their_language(people: People) -> None:
    for language, description in (("", "Begin"), ("ru", "Начать")):
        menu = [{"command": "start", "description": description}]
        await people.bot_calls("setMyCommands", commands=menu, language_code=language)

    shown = [(await (await people.add("A", code)).sees("commands"))[0]["description"] for code in ("ru-RU", "de", None)]
    assert shown == ["Начать", "Begin", "Begin"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("people", {"name": ""}, 400),
        ("people", {"name": " "}, 400),
        ("people", {"name": "Ann", "language": "<b>"}, 400),
        ("people", {"name": "Ann", "role": "owner"}, 400),
        ("people/1001/messages", {"text": "\n"}, 400),
        ("people/1001/messages", {"text": "x" * 4097}, 400),
        ("people/999/messages", {"text": "hello"}, 404),
        ("people/1001/presses", {"message_id": 1, "data": "no such button"}, 404),
    ],
)
async def test_mistakes_are_explained(people: People, path: str, body: dict[str, object], status: int) -> None:
    await people.add()
    async with people.http.post(f"/simulator/{path}", json=body) as answer:
        assert answer.status == status
        assert (await answer.json())["detail"]


async def test_a_form_of_another_site_is_refused(people: People) -> None:
    async with people.http.post("/simulator/people", data=json.dumps({"name": "Eve"})) as answer:
        assert answer.status == 415


async def test_an_open_page_does_not_hold_up_the_end(people: People, telegram: Telegram) -> None:
    async with people.http.get("/simulator/events", timeout=aiohttp.ClientTimeout(total=5)) as stream:
        telegram.close()
        assert await stream.read() == b""
