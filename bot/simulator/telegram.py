"""One bot, the people who write to it, and their chats: what Telegram's servers would remember."""

import re
import time
from itertools import chain
from typing import Any

from msgspec.structs import replace

from bot.simulator.calls import Calls
from bot.simulator.errors import BotApiError, Refused, bad_request
from bot.simulator.faults import Faults
from bot.simulator.journal import Journal
from bot.simulator.limits import Limiter
from bot.simulator.lines import DeletedLine, MenuLine, MessageLine, PersonLine, PressLine
from bot.simulator.live import Live
from bot.simulator.menus import Commands, Menus, Scope
from bot.simulator.numbering import Numbers
from bot.simulator.room import Room
from bot.simulator.shapes import Message, Press, User
from bot.simulator.updates import Updates

_TOKEN = re.compile(r"(\d{1,15}):[A-Za-z0-9_-]{3,}")


class Telegram:
    """Everything in one place, because whatever one side does shows at once on the other.

    What may be done is said elsewhere: by `acts` and `groups` of people, by `methods` of the bot.
    """

    def __init__(self, token: str = "", limiter: Limiter | None = None) -> None:
        self._token = token
        self.bot = User(id=1, is_bot=True, first_name="Team Task Manager", username="team_task_manager_bot")
        self.people: dict[int, User] = {}
        self.rooms: dict[int, Room] = {}
        self.menus = Menus()
        self.journal = Journal()
        self.updates = Updates(self.journal)
        self.live = Live()
        self.calls = Calls()
        self.faults = Faults()
        self.limiter = limiter or Limiter()
        self.numbers = Numbers()
        self.rooms_of_presses: dict[str, Room] = {}

    def admit(self, token: str) -> None:
        """Raises BotApiError 401 unless this is the bot's token; with none configured, any of the right form is."""
        form = _TOKEN.fullmatch(token)
        if token != (self._token or token) or not form:
            raise BotApiError(401, "Unauthorized")
        if self.bot.id != int(form[1]):
            self.bot = replace(self.bot, id=int(form[1]))

    # People and chats.

    def person(self, person_id: int) -> User:
        """Raises Refused."""
        if person := self.people.get(person_id):
            return person
        raise Refused(404, "no such person")

    def room(self, chat_id: int) -> Room:
        """Raises Refused."""
        if room := self.rooms.get(chat_id):
            return room
        raise Refused(404, "no such chat")

    def room_for_bot(self, chat_id: int) -> Room:
        """Raises BotApiError where the bot may not be."""
        room = self.rooms.get(chat_id)
        if room is None:
            raise bad_request("chat not found")
        room.let_bot_in()
        return room

    def keep_person(self, person: User) -> None:
        self.people[person.id] = person
        self.journal.note(PersonLine(person=person))
        self.live.tell(person.id, person=person)

    def keep_room(self, room: Room) -> None:
        """After each change of it."""
        self.rooms[room.chat.id] = room
        self.journal.note(room.record())
        self.live.tell(room.chat.id, room=room.record())

    # Messages and presses.

    def say(self, room: Room, sender: User, **fields: Any) -> Message:
        """A new message; `fields` are those of Message."""
        number, now = self.numbers.next_message(), int(time.time())
        message = Message(message_id=number, date=now, chat=room.chat, sender=sender, **fields)
        self.keep_message(room, message)
        return message

    def keep_message(self, room: Room, message: Message) -> None:
        """New, or changed."""
        room.keep(message)
        self.journal.note(MessageLine(message=message))
        self.live.tell(room.chat.id, message=message)

    def edit(self, room: Room, old: Message, new: Message) -> Message:
        """Put `new` in the place of `old`. Raises BotApiError when they do not differ."""
        if new == old:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        self.limiter.count(room.chat.id)
        new = replace(new, edit_date=int(time.time()))
        self.keep_message(room, new)
        return new

    def delete(self, room: Room, message_id: int) -> None:
        del room.messages[message_id]
        line = DeletedLine(chat=room.chat.id, message_id=message_id)
        self.journal.note(line)
        self.live.tell(room.chat.id, deleted=line)

    def keep_press(self, room: Room, press: Press) -> None:
        """New, or answered."""
        room.keep_press(press)
        self.rooms_of_presses[press.id] = room
        self.journal.note(PressLine(chat=room.chat.id, press=press))
        if press.answer is not None:
            self.live.tell(room.chat.id, press=press)

    def messages_after(self, message_id: int, limit: int) -> list[Message]:
        """Of all chats, in the order in which they were said."""
        found = chain.from_iterable(room.after(message_id) for room in self.rooms.values())
        return sorted(found, key=lambda message: message.message_id)[:limit]

    def set_menu(self, scope: Scope, language: str, commands: Commands) -> None:
        self.menus.put(scope, language, commands)
        self.journal.note(MenuLine(scope=scope, language=language, commands=commands))

    def close(self) -> None:
        """Let go of everyone who waits."""
        self.updates.release()
        self.calls.release()
        self.live.close()
