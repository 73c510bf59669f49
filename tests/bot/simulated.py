"""A Telegram with people in it, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.simulator.app import serve
from bot.simulator.telegram import Telegram

TOKEN = "4242:simulated-bot-token"


class Someone:
    """A person of the simulator, through the same HTTP calls as the chat page."""

    def __init__(self, http: aiohttp.ClientSession, person: dict[str, Any]) -> None:
        self.id: int = person["id"]
        self._http = http
        self._path = f"/simulator/people/{self.id}"

    async def writes(self, text: str) -> dict[str, Any]:
        async with self._http.post(f"{self._path}/messages", json={"text": text}, raise_for_status=True) as answer:
            return await answer.json()

    async def presses(self, message_id: int, data: str) -> None:
        body = {"message_id": message_id, "data": data}
        async with self._http.post(f"{self._path}/presses", json=body, raise_for_status=True):
            pass

    async def sees(self, what: str) -> list[dict[str, Any]]:
        """`messages`, `presses` or `commands`."""
        async with self._http.get(f"{self._path}/{what}", raise_for_status=True) as answer:
            return await answer.json()

    async def asks(self, text: str) -> dict[str, Any]:
        """Write, and wait for the bot's next message."""
        async with self.events() as events:
            await self.writes(text)
            async for event in events:
                if event.get("message", {}).get("from", {}).get("is_bot"):
                    return event["message"]
        raise AssertionError("the event stream ended")

    @asynccontextmanager
    async def events(self) -> AsyncGenerator[AsyncGenerator[dict[str, Any]]]:
        """What happens in this person's chat from now on."""
        async with self._http.get("/simulator/events", raise_for_status=True) as stream:

            async def of_this_chat() -> AsyncGenerator[dict[str, Any]]:
                async for line in stream.content:
                    if line.startswith(b"data: "):
                        event = json.loads(line.removeprefix(b"data: "))
                        if event["person"] == self.id:
                            yield event

            yield of_this_chat()


class People:
    """Makes people, and calls the Bot API as a bot would."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http = http
        self.url = url

    async def add(self, name: str = "Ann", language: str | None = "en") -> Someone:
        person = {"name": name, "language": language}
        async with self.http.post("/simulator/people", json=person, raise_for_status=True) as answer:
            return Someone(self.http, await answer.json())

    async def bot_calls(self, method: str, token: str = TOKEN, **parameters: Any) -> dict[str, Any]:
        async with self.http.post(f"/bot{token}/{method}", json=parameters) as answer:
            body = await answer.json()
            assert answer.status == body.get("error_code", 200)
            return body

    async def bot_sends(self, to: Someone, text: str, **parameters: Any) -> dict[str, Any]:
        answer = await self.bot_calls("sendMessage", chat_id=to.id, text=text, **parameters)
        assert answer["ok"], answer
        return answer["result"]


@asynccontextmanager
async def simulated(telegram: Telegram, port: int = 0) -> AsyncGenerator[People]:
    async with serve(telegram, "127.0.0.1", port) as url, aiohttp.ClientSession(url) as http:
        yield People(http, url)


async def cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel and wait for the end; any error but the cancellation is raised."""
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return
