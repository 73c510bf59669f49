"""What the simulator knows after it was killed."""

import asyncio
import json
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.simulator.main import main
from bot.simulator.recall import remember
from bot.simulator.telegram import Telegram
from infra.config import ConfigError, Settings
from tests.bot.simulated import TOKEN, People, Someone, simulated
from tests.bot.test_process import start
from tests.waiting import wait_for


@asynccontextmanager
async def remembering(path: Path) -> AsyncGenerator[People]:
    """A simulator that goes on from a file."""
    telegram = Telegram(TOKEN)
    await asyncio.to_thread(remember, telegram, path)
    async with simulated(telegram) as people:
        yield people


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "simulator.jsonl"


async def test_people_groups_menus_and_messages_outlast_a_restart(path: Path) -> None:
    async with remembering(path) as people:
        ann = await people.add("Аня", "ru", "anya")
        forum = await people.group(ann, "Garden", forum=True)
        thread = await forum.adds_topic("Repairs")
        await ann.writes("hello")
        keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
        asked = await people.bot_sends(forum, "Well?", message_thread_id=thread, reply_markup=keyboard)
        gone = await people.bot_sends(ann, "Never mind")
        await people.bot_calls("deleteMessage", chat_id=ann.id, message_id=gone["message_id"])
        await people.bot_calls("setMyCommands", commands=[{"command": "help", "description": "Help"}])
        pressed = await ann.presses(asked["message_id"], "yes", forum.id)
        before = [await people.ask("GET", what) for what in ("people", "chats", "messages")]
        seen = [await ann.sees("presses", forum.id), await ann.sees("commands")]

    async with remembering(path) as people:
        assert [await people.ask("GET", what) for what in ("people", "chats", "messages")] == before
        ann = Someone(people, before[0][0])
        assert [await ann.sees("presses", forum.id), await ann.sees("commands")] == seen
        assert (await people.bot_calls("answerCallbackQuery", callback_query_id=pressed["id"]))["ok"]
        # Numbers are not given twice, not even those of what is gone.
        assert (await ann.writes("I am back"))["message_id"] == gone["message_id"] + 1
        assert (await people.add("Ben")).id == ann.id + 1
        assert (await people.group(ann, forum=True)).id == forum.id - 1


async def test_updates_wait_for_the_bot_over_a_restart(path: Path) -> None:
    async with remembering(path) as people:
        ann = await people.add()
        for text in ("one", "two", "three"):
            await ann.writes(text)
        first, *_ = (await people.bot_calls("getUpdates"))["result"]
        await people.bot_calls("getUpdates", offset=first["update_id"] + 1)

    for _ in range(2):
        async with remembering(path) as people:
            waiting = (await people.bot_calls("getUpdates"))["result"]
            assert [update["message"]["text"] for update in waiting] == ["two", "three"]


async def test_a_webhook_outlasts_a_restart(path: Path) -> None:
    async with remembering(path) as people:
        await people.bot_calls("setWebhook", url="http://127.0.0.1:9/", allowed_updates=["message"])
        before = await people.bot_calls("getWebhookInfo")

    async with remembering(path) as people:
        assert await people.bot_calls("getWebhookInfo") == before
        assert before["result"]["allowed_updates"] == ["message"]


async def test_a_group_that_moved_stays_moved(path: Path) -> None:
    async with remembering(path) as people:
        ann = await people.add()
        old = await people.group(ann)
        new = await old.upgrades()

    async with remembering(path) as people:
        refused = await people.bot_calls("sendMessage", chat_id=old.id, text="hello")
        assert refused["parameters"] == {"migrate_to_chat_id": new.id}


async def test_half_a_line_at_the_end_was_never_written(path: Path) -> None:
    async with remembering(path) as people:
        await (await people.add()).writes("hello")
    whole = await asyncio.to_thread(path.read_bytes)
    await asyncio.to_thread(path.write_bytes, whole + b'{"type":"message","mess')

    async with remembering(path) as people:
        assert [message["text"] for message in await people.ask("GET", "messages")] == ["hello"]


async def test_the_file_is_written_anew_without_what_is_over(path: Path) -> None:
    async with remembering(path) as people:
        ann = await people.add()
        for _ in range(50):
            await ann.writes("hello")
            await people.updates()
    before = (await asyncio.to_thread(path.read_bytes)).count(b"\n")

    async with remembering(path):
        assert (await asyncio.to_thread(path.read_bytes)).count(b"\n") < before / 2


@pytest.mark.timeout(30)
async def test_what_was_answered_is_there_after_a_kill(path: Path) -> None:
    """And so is what was only pressed and asked for."""
    sent: list[str] = []

    async def send_until_it_dies(url: str, number: int) -> None:
        async with aiohttp.ClientSession(url) as http:
            people = People(http, url)
            ann = await people.add(f"Ann {number}")
            await ann.writes("hello")
            for count in range(10_000):
                await people.bot_sends(ann, f"{number}.{count}")
                sent.append(f"{number}.{count}")

    async with start("bot.simulator.main", SIMULATOR_PORT="0", SIMULATOR_FILE=str(path), **QUICK) as child:
        url = await address(child)
        senders = [asyncio.create_task(send_until_it_dies(url, number)) for number in range(4)]
        await wait_for(lambda: len(sent) >= 200, timeout=20)
        child.send_signal(signal.SIGKILL)
        ends = await asyncio.gather(*senders, return_exceptions=True)
    assert all(isinstance(end, aiohttp.ClientError) for end in ends)

    async with (
        start("bot.simulator.main", SIMULATOR_PORT="0", SIMULATOR_FILE=str(path), **QUICK) as child,
        aiohttp.ClientSession(await address(child)) as http,
    ):
        kept = await People(http, "").ask("GET", "messages", limit=10_000)
    assert set(sent) <= {message["text"] for message in kept}
    assert len(kept) <= len(sent) + 8


QUICK = {"SIMULATOR_LIMITS": "false", "LOG_FORMAT": "json", "BOT_TOKEN": TOKEN}


async def address(child: asyncio.subprocess.Process) -> str:
    assert child.stderr is not None
    return json.loads(await child.stderr.readline())["url"]


def test_a_file_of_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("buy milk\n")

    with pytest.raises(ConfigError, match=r"SIMULATOR_FILE: .*notes\.txt is none of the simulator's"):
        main(Settings(simulator_file=str(tmp_path / "notes.txt")))
    with pytest.raises(ConfigError, match="SIMULATOR_FILE"):
        main(Settings(simulator_file=str(tmp_path)))
