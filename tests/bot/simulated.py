"""A Telegram with people in it, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bot.simulator.app import serve
from bot.simulator.telegram import Telegram

TOKEN = "4242:simulated-bot-token"


class Control:
    """The simulator's own HTTP calls, as the chat page and fault tests make them."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The answer's JSON; an error is raised."""
        given = {name: str(value) for name, value in query.items() if value is not None}
        async with self.http.request(
            method, f"/simulator/{path}", json=body, params=given, raise_for_status=True
        ) as answer:
            return await answer.json() if answer.status != 204 else None

    async def fault(self, kind: str, **fault: Any) -> dict[str, Any]:
        """`refuse` (with code, retry_after), `slow` (seconds), `lose_call`, `lose_answer`; see NewFault."""
        return await self.ask("POST", "faults", {"kind": kind, **fault})

    async def calls(self, after: int = 0, wait: float = 0) -> dict[str, Any]:
        """`calls`, and `after` to go on from; waits for the first of them."""
        return await self.ask("GET", "calls", after=after, wait=wait)

    async def calls_of(self, method: str) -> list[dict[str, Any]]:
        return [call for call in (await self.calls())["calls"] if call["method"] == method]

    @asynccontextmanager
    async def events(self, chat: int) -> AsyncGenerator[AsyncGenerator[dict[str, Any]]]:
        """What happens in a chat from now on."""
        async with self.http.get("/simulator/events", raise_for_status=True) as stream:

            async def of_this_chat() -> AsyncGenerator[dict[str, Any]]:
                async for line in stream.content:
                    if line.startswith(b"data: "):
                        event = json.loads(line.removeprefix(b"data: "))
                        if event["chat"] == chat:
                            yield event

            yield of_this_chat()


class Someone:
    """A person of the simulator. Where no `chat` is given, it is the one with the bot alone."""

    def __init__(self, control: Control, person: Mapping[str, Any]) -> None:
        self.id: int = person["id"]
        self.name: str = person["first_name"]
        self._control = control

    async def _ask(self, method: str, what: str, body: Any = None, **query: Any) -> Any:
        return await self._control.ask(method, f"people/{self.id}/{what}", body, **query)

    async def writes(self, text: str, **where: Any) -> dict[str, Any]:
        """`chat`, `thread`, `reply_to` (a message's number), `origin` of a forwarded message."""
        return await self._ask("POST", "messages", {"text": text, **where})

    async def forwards(self, text: str, **origin: Any) -> dict[str, Any]:
        """`type` (user, hidden_user, chat, channel), and `person` or `name`."""
        return await self.writes(text, origin=origin)

    async def edits(self, message_id: int, text: str, chat: int | None = None) -> dict[str, Any]:
        return await self._ask("PATCH", f"messages/{message_id}", {"text": text, "chat": chat})

    async def presses(self, message_id: int, data: str, chat: int | None = None) -> dict[str, Any]:
        return await self._ask("POST", "presses", {"message_id": message_id, "data": data, "chat": chat})

    async def sees(self, what: str, chat: int | None = None) -> list[dict[str, Any]]:
        """`messages`, `presses` or `commands`."""
        return await self._ask("GET", what, chat=chat)

    async def blocks(self) -> None:
        await self._ask("PUT", "block")

    async def unblocks(self) -> None:
        await self._ask("DELETE", "block")

    async def asks(self, text: str, **where: Any) -> dict[str, Any]:
        """Write, and wait for the bot's next message in that chat."""
        async with self.events(where.get("chat")) as events:
            await self.writes(text, **where)
            return await said_by_bot(events)

    @asynccontextmanager
    async def events(self, chat: int | None = None) -> AsyncGenerator[AsyncGenerator[dict[str, Any]]]:
        """What happens in a chat from now on."""
        async with self._control.events(self.id if chat is None else chat) as events:
            yield events


async def said_by_bot(events: AsyncGenerator[dict[str, Any]]) -> dict[str, Any]:
    """The bot's next message among these events, new or edited."""
    async for event in events:
        if event.get("message", {}).get("from", {}).get("is_bot"):
            return event["message"]
    raise AssertionError("the event stream ended")


class Group:
    """A group of the simulator; whoever made it does what is done to it."""

    def __init__(self, control: Control, record: Mapping[str, Any], by: Someone) -> None:
        self.id: int = record["chat"]["id"]
        self._control = control
        self._by = by

    async def _ask(self, method: str, what: str, **body: Any) -> Any:
        return await self._control.ask(method, f"groups/{self.id}/{what}", {"by": self._by.id, **body})

    async def moves(self, person: Someone, status: str = "member") -> None:
        """`administrator`, `member`, `left` or `kicked`."""
        await self._ask("PUT", f"members/{person.id}", status=status)

    async def moves_bot(self, status: str = "member") -> None:
        await self._ask("PUT", "bot", status=status)

    async def adds_topic(self, name: str) -> int:
        """The topic's number."""
        return (await self._ask("POST", "topics", name=name))["message_thread_id"]

    async def upgrades(self, *, forum: bool = False) -> "Group":
        """The supergroup that it becomes."""
        return Group(self._control, await self._ask("POST", "upgrade", forum=forum), self._by)

    @asynccontextmanager
    async def events(self) -> AsyncGenerator[AsyncGenerator[dict[str, Any]]]:
        async with self._control.events(self.id) as events:
            yield events


class People(Control):
    """Makes people and groups, and calls the Bot API as a bot would."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        super().__init__(http)
        self.url = url

    async def add(self, name: str = "Ann", language: str | None = "en", username: str | None = None) -> Someone:
        person = {"name": name, "language": language, "username": username}
        return Someone(self, await self.ask("POST", "people", person))

    async def group(self, by: Someone, title: str = "Team", *, bot: str | None = "member", **kind: bool) -> Group:
        """With the bot in it; `supergroup` or `forum` says what it is."""
        group = Group(self, await self.ask("POST", "groups", {"by": by.id, "title": title, **kind}), by)
        if bot:
            await group.moves_bot(bot)
        return group

    async def bot_calls(self, method: str, token: str = TOKEN, **parameters: Any) -> dict[str, Any]:
        async with self.http.post(f"/bot{token}/{method}", json=parameters) as answer:
            body = await answer.json()
            assert answer.status == body.get("error_code", 200)
            return body

    async def bot_sends(self, to: Someone | Group, text: str, **parameters: Any) -> dict[str, Any]:
        answer = await self.bot_calls("sendMessage", chat_id=to.id, text=text, **parameters)
        assert answer["ok"], answer
        return answer["result"]

    async def updates(self) -> list[dict[str, Any]]:
        """What waits for the bot, which is done with it after that."""
        updates = (await self.bot_calls("getUpdates"))["result"]
        if updates:
            await self.bot_calls("getUpdates", offset=updates[-1]["update_id"] + 1)
        return updates


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
