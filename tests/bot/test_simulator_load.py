"""Many people and many messages."""

import asyncio

import pytest
from aiohttp import ClientTimeout

from bot.simulator.calls import KEPT, Calls
from tests.bot.simulated import TOKEN, People

CROWD, EACH = 200, 10


@pytest.mark.timeout(60)
async def test_two_thousand_messages_are_counted_by_a_cursor_and_stay_in_order(people: People) -> None:
    crowd = [await people.add(f"Person {number}") for number in range(CROWD)]
    await asyncio.gather(*(person.writes("hello") for person in crowd))
    start = (await people.calls())["after"]

    async def send(chat: int) -> None:
        for number in range(EACH):
            await people.bot_calls("sendMessage", chat_id=chat, text=str(number))

    async with asyncio.TaskGroup() as group:
        for person in crowd:
            group.create_task(send(person.id))
        counted = await count(people, start, CROWD * EACH)

    assert len({call["message_id"] for call in counted}) == CROWD * EACH
    for person in crowd[::20]:
        said = [message["text"] for message in await person.sees("messages")]
        assert said == ["hello", *map(str, range(EACH))]


async def count(people: People, after: int, wanted: int) -> list[dict[str, int]]:
    """Read on in the log until that many are there."""
    found: list[dict[str, int]] = []
    while len(found) < wanted:
        page = await people.calls(after, wait=30)
        assert page["lost"] == 0
        found += page["calls"]
        after = page["after"]
    return found


async def test_many_people_write_while_the_bot_waits(people: People) -> None:
    crowd = [await people.add(str(number)) for number in range(CROWD)]
    seen: list[int] = []

    async def poll() -> None:
        offset = 0
        while len(seen) < CROWD:
            body = {"offset": offset, "timeout": 30, "limit": 100}
            url = f"/bot{TOKEN}/getUpdates"
            async with people.http.post(url, json=body, timeout=ClientTimeout(total=40)) as answer:
                for update in (await answer.json())["result"]:
                    offset = update["update_id"] + 1
                    seen.append(update["message"]["from"]["id"])

    async with asyncio.TaskGroup() as group:
        group.create_task(poll())
        for person in crowd:
            group.create_task(person.writes("hello"))

    assert sorted(seen) == [person.id for person in crowd]


def test_the_log_has_bounds_and_says_what_it_forgot() -> None:
    calls = Calls()
    before = calls.page(0, 1).after
    for _ in range(KEPT + 7):
        calls.add(at=0.0, seconds=0.0, method="getMe", ok=True)

    page = calls.page(before, KEPT)
    assert (len(page.calls), page.lost, page.after) == (KEPT, 7, before + KEPT + 7)
    assert calls.page(page.after, 10).calls == []
