"""The people's side over HTTP: `/simulator/people/...`, used by the chat page and by tests."""

from aiohttp import web

from bot.simulator import acts
from bot.simulator.acts import NewMessage, Text
from bot.simulator.answers import answer, decode, nothing, number, query
from bot.simulator.groups import change_bot
from bot.simulator.members import Status
from bot.simulator.room import Room
from bot.simulator.shapes import Language, PersonName, User, Username
from bot.simulator.telegram import Telegram
from schemas.base import Record


class NewPerson(Record, forbid_unknown_fields=True):
    name: PersonName
    language: Language | None = None
    username: Username | None = None


class Change(Record, forbid_unknown_fields=True):
    text: Text
    chat: int | None = None


class NewPress(Record, forbid_unknown_fields=True):
    message_id: int
    data: str
    chat: int | None = None


class Where(Record, forbid_unknown_fields=True):
    """A chat, and the messages behind a number; without a chat it is the one with the bot alone."""

    chat: int | None = None
    after: int = 0


class People:
    """Choosing a person, acting as that person, and seeing what the person sees."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    def routes(self) -> list[web.RouteDef]:
        person = r"/simulator/people/{person:\d{1,15}}"
        message = person + r"/messages/{message:\d{1,15}}"
        return [
            web.get("/simulator/people", self.list_people),
            web.post("/simulator/people", self.add_person),
            web.get(f"{person}/messages", self.list_messages),
            web.post(f"{person}/messages", self.write),
            web.patch(message, self.edit),
            web.delete(message, self.delete),
            web.get(f"{person}/presses", self.list_presses),
            web.post(f"{person}/presses", self.press),
            web.get(f"{person}/commands", self.list_commands),
            web.put(f"{person}/block", self.block),
            web.delete(f"{person}/block", self.unblock),
        ]

    async def list_people(self, _request: web.Request) -> web.Response:
        return answer(list(self._telegram.people.values()))

    async def add_person(self, request: web.Request) -> web.Response:
        new = await decode(request, NewPerson)
        return answer(acts.add_person(self._telegram, new.name, new.language, new.username), status=201)

    async def list_messages(self, request: web.Request) -> web.Response:
        where = query(request, Where)
        room = self._room(self._person(request), where.chat)
        return answer(list(room.after(where.after))[::-1])

    async def write(self, request: web.Request) -> web.Response:
        new = await decode(request, NewMessage)
        return answer(acts.write(self._telegram, self._person(request), new), status=201)

    async def edit(self, request: web.Request) -> web.Response:
        new, person = await decode(request, Change), self._person(request)
        room = self._room(person, new.chat)
        return answer(acts.edit(self._telegram, person, room, number(request, "message"), new.text))

    async def delete(self, request: web.Request) -> web.Response:
        person = self._person(request)
        room = self._room(person, query(request, Where).chat)
        message = acts.own_message(room, person, number(request, "message"))
        self._telegram.delete(room, message.message_id)
        return nothing()

    async def list_presses(self, request: web.Request) -> web.Response:
        person = self._person(request)
        presses = self._room(person, query(request, Where).chat).presses.values()
        return answer([press for press in presses if press.person == person.id])

    async def press(self, request: web.Request) -> web.Response:
        new, person = await decode(request, NewPress), self._person(request)
        room = self._room(person, new.chat)
        return answer(acts.press(self._telegram, person, room, new.message_id, new.data), status=201)

    async def list_commands(self, request: web.Request) -> web.Response:
        person = self._person(request)
        room = self._room(person, query(request, Where).chat)
        group = None if room.is_private else room.chat.id
        is_admin = room.is_admin(person.id)
        return answer(self._telegram.menus.shown(person.id, person.language_code, group=group, is_admin=is_admin))

    async def block(self, request: web.Request) -> web.Response:
        person = self._person(request)
        change_bot(self._telegram, self._room(person, None), person, Status.KICKED)
        return nothing()

    async def unblock(self, request: web.Request) -> web.Response:
        person = self._person(request)
        if (room := self._room(person, None)).bot is Status.KICKED:
            change_bot(self._telegram, room, person, Status.MEMBER)
        return nothing()

    def _person(self, request: web.Request) -> User:
        return self._telegram.person(number(request, "person"))

    def _room(self, person: User, chat: int | None) -> Room:
        return self._telegram.room(person.id if chat is None else chat)
