"""Chats over HTTP: `/simulator/chats` lists all, `/simulator/groups/...` makes and changes those of many people."""

from typing import Annotated

import msgspec
from aiohttp import web

from bot.simulator import groups
from bot.simulator.answers import answer, decode, nothing, number, query
from bot.simulator.errors import Refused
from bot.simulator.members import Status
from bot.simulator.room import Room
from bot.simulator.shapes import Title, User
from bot.simulator.telegram import Telegram
from schemas.base import Record


class NewGroup(Record, forbid_unknown_fields=True):
    """Without `supergroup` or `forum` it is a plain one."""

    by: int
    title: Title
    supergroup: bool = False
    forum: bool = False


class By(Record, forbid_unknown_fields=True):
    """Who does it."""

    by: int


class Move(By, forbid_unknown_fields=True):
    status: Status


class NewTopic(By, forbid_unknown_fields=True):
    name: Title


class Upgrade(By, forbid_unknown_fields=True):
    forum: bool = False


class Behind(Record, forbid_unknown_fields=True):
    after: int = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000


class Groups:
    """Making groups, and deciding who is in them."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    def routes(self) -> list[web.RouteDef]:
        group = r"/simulator/groups/{group:-\d{1,15}}"
        return [
            web.get("/simulator/bot", self.get_bot),
            web.get("/simulator/chats", self.list_chats),
            web.get("/simulator/messages", self.list_messages),
            web.post("/simulator/groups", self.create),
            web.put(group + r"/members/{person:\d{1,15}}", self.move_person),
            web.put(f"{group}/bot", self.move_bot),
            web.post(f"{group}/topics", self.add_topic),
            web.delete(group + r"/topics/{thread:\d{1,15}}", self.remove_topic),
            web.post(f"{group}/upgrade", self.upgrade),
        ]

    async def get_bot(self, _request: web.Request) -> web.Response:
        return answer(self._telegram.bot)

    async def list_chats(self, _request: web.Request) -> web.Response:
        return answer([room.record() for room in self._telegram.rooms.values()])

    async def list_messages(self, request: web.Request) -> web.Response:
        behind = query(request, Behind)
        return answer(self._telegram.messages_after(behind.after, behind.limit))

    async def create(self, request: web.Request) -> web.Response:
        new = await decode(request, NewGroup)
        by = self._telegram.person(new.by)
        room = groups.create_group(self._telegram, by, new.title, is_super=new.supergroup, is_forum=new.forum)
        return answer(room.record(), status=201)

    async def move_person(self, request: web.Request) -> web.Response:
        move, room = await decode(request, Move), self._group(request)
        who = self._telegram.person(number(request, "person"))
        groups.change_person(self._telegram, room, self._member(room, move.by), who, move.status)
        return answer(room.record())

    async def move_bot(self, request: web.Request) -> web.Response:
        move, room = await decode(request, Move), self._group(request)
        if move.status is Status.CREATOR:
            raise Refused(400, "a bot makes no groups")
        groups.change_bot(self._telegram, room, self._member(room, move.by), move.status)
        return answer(room.record())

    async def add_topic(self, request: web.Request) -> web.Response:
        new, room = await decode(request, NewTopic), self._group(request)
        return answer(groups.add_topic(self._telegram, room, self._member(room, new.by), new.name), status=201)

    async def remove_topic(self, request: web.Request) -> web.Response:
        groups.remove_topic(self._telegram, self._group(request), number(request, "thread"))
        return nothing()

    async def upgrade(self, request: web.Request) -> web.Response:
        new, room = await decode(request, Upgrade), self._group(request)
        by = self._member(room, new.by)
        return answer(groups.upgrade(self._telegram, room, by, is_forum=new.forum).record(), status=201)

    def _group(self, request: web.Request) -> Room:
        return self._telegram.room(number(request, "group"))

    def _member(self, room: Room, person: int) -> User:
        """Whether they are an admin is not asked: a simulation has to let anything happen."""
        if not room.is_present(person):
            raise Refused(403, "this person is not in that chat")
        return self._telegram.person(person)
