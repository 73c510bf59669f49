"""One bot, the people who write to it, and their chats: what Telegram's servers would remember."""

import itertools
import re
import time
from collections import deque

from msgspec.structs import replace

from bot.simulator.live import Live
from bot.simulator.markup import find_commands
from bot.simulator.shapes import (
    BotApiError,
    BotCommand,
    CallbackQuery,
    Chat,
    Entity,
    Keyboard,
    Message,
    Press,
    User,
    bad_request,
)
from bot.simulator.updates import Updates

HISTORY = 1000
"""Messages and presses kept per chat."""

_TOKEN = re.compile(r"(\d{1,15}):[A-Za-z0-9_-]{3,}")


class ChatLog:
    """One chat as both sides see it."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.chat = Chat(id=person.id, type="private", first_name=person.first_name)
        self.messages: deque[Message] = deque(maxlen=HISTORY)
        self.presses: deque[Press] = deque(maxlen=HISTORY)
        self.started = False
        """Whether the person has written; before that a bot may not."""

    def message(self, message_id: int) -> Message | None:
        return next((message for message in self.messages if message.message_id == message_id), None)


class Telegram:
    """Everything in one place, because whatever one side does shows at once on the other."""

    def __init__(self, token: str = "") -> None:
        self._token = token
        self.bot = User(id=1, is_bot=True, first_name="Team Task Manager", username="team_task_manager_bot")
        self.chats: dict[int, ChatLog] = {}
        self.commands: dict[str, tuple[BotCommand, ...]] = {}
        """The menu by language; the empty language is everyone else's."""
        self.updates = Updates()
        self.live = Live()
        self._person_ids = itertools.count(1001)
        self._message_ids = itertools.count(1)
        self._press_ids = itertools.count(1)

    def admit(self, token: str) -> None:
        """Raises BotApiError 401 unless this is the bot's token; with none configured, any of the right form is."""
        form = _TOKEN.fullmatch(token)
        if token != (self._token or token) or not form:
            raise BotApiError(401, "Unauthorized")
        self.bot = replace(self.bot, id=int(form[1]))

    def add_person(self, name: str, language: str | None) -> User:
        person = User(id=next(self._person_ids), is_bot=False, first_name=name, language_code=language)
        self.chats[person.id] = ChatLog(person)
        self.live.tell("user", person.id, person)
        return person

    def menu(self, language: str | None) -> tuple[BotCommand, ...]:
        """The commands that a person of this language is shown."""
        return self.commands.get((language or "")[:2]) or self.commands.get("", ())

    # What people do.

    def write(self, log: ChatLog, text: str) -> Message:
        message = self._keep(log, log.person, text, find_commands(text), None)
        log.started = True
        self.updates.add(message=message)
        return message

    def press(self, log: ChatLog, message: Message, data: str) -> Press:
        press = Press(id=str(next(self._press_ids)), message_id=message.message_id, data=data)
        log.presses.append(press)
        query = CallbackQuery(
            id=press.id, sender=log.person, chat_instance=str(log.person.id), message=message, data=data
        )
        self.updates.add(callback_query=query)
        return press

    # What the bot does.

    def chat_with(self, chat_id: int) -> ChatLog:
        """Raises BotApiError where a bot may not write."""
        log = self.chats.get(chat_id)
        if log is None:
            raise bad_request("chat not found")
        if not log.started:
            raise BotApiError(403, "Forbidden: bot can't initiate conversation with a user")
        return log

    def reply(self, log: ChatLog, text: str, entities: tuple[Entity, ...], keyboard: Keyboard | None) -> Message:
        return self._keep(log, self.bot, text, entities, keyboard)

    def edit(self, log: ChatLog, old: Message, new: Message) -> Message:
        """Put `new` in the place of `old`. Raises BotApiError when they do not differ."""
        if new == old:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        new = replace(new, edit_date=int(time.time()))
        log.messages[log.messages.index(old)] = new
        self.live.tell("message", log.person.id, new)
        return new

    def answer_press(self, press_id: str, answer: str) -> None:
        for log in self.chats.values():
            for at, press in enumerate(log.presses):
                if press.id == press_id and press.answer is None:
                    log.presses[at] = replace(press, answer=answer)
                    self.live.tell("press", log.person.id, log.presses[at])
                    return
        raise bad_request("query is too old and response timeout expired or query ID is invalid")

    def _keep(
        self, log: ChatLog, sender: User, text: str, entities: tuple[Entity, ...], keyboard: Keyboard | None
    ) -> Message:
        message = Message(
            message_id=next(self._message_ids),
            date=int(time.time()),
            chat=log.chat,
            sender=sender,
            text=text,
            entities=entities,
            reply_markup=keyboard,
        )
        log.messages.append(message)
        self.live.tell("message", log.person.id, message)
        return message

    def close(self) -> None:
        """Let go of everyone who waits."""
        self.updates.release()
        self.live.close()
