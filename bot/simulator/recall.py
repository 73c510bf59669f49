"""Everything as lines of a journal, and back."""

from collections.abc import Iterator
from pathlib import Path

from bot.simulator.journal import read_lines
from bot.simulator.lines import (
    ConfirmedLine,
    DeletedLine,
    Line,
    MenuLine,
    MessageLine,
    NumbersLine,
    PersonLine,
    PressLine,
    RoomLine,
    UpdateLine,
    WebhookLine,
)
from bot.simulator.room import Room
from bot.simulator.telegram import Telegram


def remember(telegram: Telegram, path: Path) -> None:
    """Go on from what the file says, and keep it up to date. Blocks: to be called before there is a loop.

    Raises OSError, and msgspec.DecodeError for a file that is no journal.
    """
    for line in read_lines(path):
        recall(telegram, line)
    telegram.journal.begin(path, lines_of(telegram))


def recall(telegram: Telegram, line: Line) -> None:
    """Bring about what a line says, with no announcement."""
    match line:
        case PersonLine(person=person):
            telegram.people[person.id] = person
            telegram.numbers.take_chat(person.id)
        case RoomLine(chat=chat):
            telegram.rooms.setdefault(chat.id, Room(chat)).restore(line)
            telegram.numbers.take_chat(chat.id)
        case MessageLine(message=message):
            telegram.rooms[message.chat.id].keep(message)
            telegram.numbers.message = max(telegram.numbers.message, message.message_id)
        case DeletedLine(chat=chat, message_id=number):
            telegram.rooms[chat].messages.pop(number, None)
        case PressLine(chat=chat, press=press):
            room = telegram.rooms_of_presses[press.id] = telegram.rooms[chat]
            room.keep_press(press)
            telegram.numbers.press = max(telegram.numbers.press, int(press.id))
        case NumbersLine(message=message, press=press):
            telegram.numbers.message, telegram.numbers.press = message, press
        case _:
            _recall_bot(telegram, line)


def _recall_bot(telegram: Telegram, line: Line) -> None:
    """What the bot has set, and has to hear."""
    match line:
        case MenuLine():
            telegram.menus.put(line.scope, line.language, line.commands)
        case UpdateLine(update=update):
            telegram.updates.restore(update)
        case ConfirmedLine(offset=offset):
            telegram.updates.confirm(offset)
        case WebhookLine():
            telegram.updates.webhook = line.webhook
            telegram.updates.allowed = line.allowed_updates
        case _:
            raise TypeError(type(line))


def lines_of(telegram: Telegram) -> Iterator[Line]:
    """As few as say it all."""
    yield NumbersLine(message=telegram.numbers.message, press=telegram.numbers.press)
    for person in telegram.people.values():
        yield PersonLine(person=person)
    for room in telegram.rooms.values():
        yield room.record()
        for message in room.messages.values():
            yield MessageLine(message=message)
        for press in room.presses.values():
            yield PressLine(chat=room.chat.id, press=press)
    for scope, language, commands in telegram.menus.all():
        yield MenuLine(scope=scope, language=language, commands=commands)
    yield WebhookLine(webhook=telegram.updates.webhook, allowed_updates=telegram.updates.allowed)
    for update in telegram.updates.oldest():
        yield UpdateLine(update=update)
