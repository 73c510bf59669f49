"""The people's side over HTTP: `/simulator/...`, used by the chat page and by tests."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any, TypeVar

import msgspec
from aiohttp import web

from bot.simulator.markup import utf16_length
from bot.simulator.methods import TEXT_LIMIT
from bot.simulator.shapes import Language, PersonName
from bot.simulator.telegram import ChatLog, Telegram
from schemas.base import Record

Body = TypeVar("Body")

KEEP_ALIVE = 15.0
"""Seconds between two signs of life on a quiet event stream."""


class NewPerson(Record, forbid_unknown_fields=True):
    name: PersonName
    language: Language | None = None


class NewMessage(Record, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(pattern=r"\S")]


class NewPress(Record, forbid_unknown_fields=True):
    message_id: int
    data: str


class People:
    """Choosing a person, writing as that person, and seeing what the bot says."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    def routes(self) -> list[web.RouteDef]:
        person = r"/simulator/people/{person:\d{1,15}}"
        return [
            web.get("/simulator/people", self.list_people),
            web.post("/simulator/people", self.add_person),
            web.get(f"{person}/messages", self.list_messages),
            web.post(f"{person}/messages", self.write),
            web.get(f"{person}/presses", self.list_presses),
            web.post(f"{person}/presses", self.press),
            web.get(f"{person}/commands", self.list_commands),
            web.get("/simulator/events", self.events),
        ]

    async def list_people(self, _request: web.Request) -> web.Response:
        return _json([log.person for log in self._telegram.chats.values()])

    async def add_person(self, request: web.Request) -> web.Response:
        new = await _decode(request, NewPerson)
        return _json(self._telegram.add_person(new.name, new.language), status=201)

    async def list_messages(self, request: web.Request) -> web.Response:
        return _json(list(self._log(request).messages))

    async def write(self, request: web.Request) -> web.Response:
        new = await _decode(request, NewMessage)
        if utf16_length(new.text) > TEXT_LIMIT:
            raise refusal(web.HTTPBadRequest, f"a message has at most {TEXT_LIMIT} characters")
        return _json(self._telegram.write(self._log(request), new.text), status=201)

    async def list_presses(self, request: web.Request) -> web.Response:
        return _json(list(self._log(request).presses))

    async def press(self, request: web.Request) -> web.Response:
        new = await _decode(request, NewPress)
        log = self._log(request)
        message = log.message(new.message_id)
        rows = message.reply_markup.inline_keyboard if message and message.reply_markup else ()
        if message is None or new.data not in {button.callback_data for row in rows for button in row}:
            raise refusal(web.HTTPNotFound, "no such button")
        return _json(self._telegram.press(log, message, new.data), status=201)

    async def list_commands(self, request: web.Request) -> web.Response:
        return _json(self._telegram.menu(self._log(request).person.language_code))

    async def events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        # Listen first: what happens between a page's load and its first event must not be missed.
        with self._telegram.live.page() as queue, suppress(ConnectionResetError):
            await response.prepare(request)
            while (frame := await _next(queue)) is not None:
                await response.write(frame)
        return response

    def _log(self, request: web.Request) -> ChatLog:
        log = self._telegram.chats.get(int(request.match_info["person"]))
        if log is None:
            raise refusal(web.HTTPNotFound, "no such person")
        return log


async def _next(queue: asyncio.Queue[bytes | None]) -> bytes | None:
    try:
        return await asyncio.wait_for(queue.get(), KEEP_ALIVE)
    except TimeoutError:
        return b": still here\n\n"


async def _decode(request: web.Request, kind: type[Body]) -> Body:
    # Another site's page can send forms here but, without our leave, no JSON.
    if request.content_type != "application/json":
        raise refusal(web.HTTPUnsupportedMediaType, "send application/json")
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refusal(web.HTTPBadRequest, str(error)) from error


def refusal(kind: type[web.HTTPException], detail: str) -> web.HTTPException:
    """An error to raise, with its reason as JSON."""
    return kind(text=msgspec.json.encode({"detail": detail}).decode(), content_type="application/json")


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")
