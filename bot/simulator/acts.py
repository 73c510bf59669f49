"""What people do: write, forward, reply, change and delete what they wrote, press buttons."""

import time
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from bot.simulator.drafts import TEXT_LIMIT, ReplyParameters, place, reply
from bot.simulator.errors import Refused
from bot.simulator.finds import find_entities, part
from bot.simulator.markup import utf16_length
from bot.simulator.members import ADMINS, PRESENT, Status
from bot.simulator.room import Room
from bot.simulator.shapes import Chat, Entity, Language, Message, Origin, PersonName, Press, Title, User, Username
from bot.simulator.telegram import Telegram
from bot.simulator.update import CallbackQuery
from schemas.base import Record

Text = Annotated[str, msgspec.Meta(pattern=r"\S")]


class NewOrigin(Record, forbid_unknown_fields=True):
    """Where a forwarded message came from."""

    type: Literal["user", "hidden_user", "chat", "channel"]
    person: int | None = None
    """Of a user; the bot is a user too."""
    name: Title | None = None
    """Of anything else."""


class NewMessage(Record, forbid_unknown_fields=True):
    """What a person sends; without `chat` to the bot alone."""

    text: Text
    chat: int | None = None
    thread: int | None = None
    reply_to: int | None = None
    origin: NewOrigin | None = None


def add_person(telegram: Telegram, name: PersonName, language: Language | None, username: Username | None) -> User:
    """With a private chat that nobody has written in."""
    number = telegram.numbers.next_person()
    person = User(id=number, is_bot=False, first_name=name, username=username, language_code=language)
    room = Room(Chat(id=number, type="private", first_name=name, username=username))
    room.members[number] = Status.MEMBER
    telegram.keep_person(person)
    telegram.keep_room(room)
    return person


def write(telegram: Telegram, person: User, new: NewMessage) -> Message:
    """Raises Refused, and BotApiError where a topic or a message is not there."""
    room = telegram.room(person.id if new.chat is None else new.chat)
    _let_in(room, person)
    answered = reply(room, ReplyParameters(message_id=new.reply_to) if new.reply_to is not None else None)
    where = place(room, new.thread, answered)
    message = telegram.say(
        room,
        person,
        text=_checked(new.text),
        entities=_entities(telegram, room, new.text),
        forward_origin=_origin(telegram, new.origin) if new.origin else None,
        **where,
    )
    if room.is_private and room.bot is Status.LEFT:
        room.bot = Status.MEMBER
        telegram.keep_room(room)
    if _hears(telegram.bot, room, message):
        telegram.updates.add(message=message)
    return message


def edit(telegram: Telegram, person: User, room: Room, message_id: int, text: str) -> Message:
    _let_in(room, person)
    old = own_message(room, person, message_id)
    new = replace(old, text=_checked(text), entities=_entities(telegram, room, text), edit_date=int(time.time()))
    telegram.keep_message(room, new)
    if _hears(telegram.bot, room, new):
        telegram.updates.add(edited_message=new)
    return new


def press(telegram: Telegram, person: User, room: Room, message_id: int, data: str) -> Press:
    _let_in(room, person)
    message = room.messages.get(message_id)
    rows = message.reply_markup.inline_keyboard if message and message.reply_markup else ()
    if message is None or data not in {button.callback_data for row in rows for button in row}:
        raise Refused(404, "no such button")
    pressed = Press(id=telegram.numbers.next_press(), person=person.id, message_id=message_id, data=data)
    telegram.keep_press(room, pressed)
    query = CallbackQuery(id=pressed.id, sender=person, chat_instance=str(room.chat.id), message=message, data=data)
    telegram.updates.add(callback_query=query)
    return pressed


def own_message(room: Room, person: User, message_id: int) -> Message:
    """Raises Refused."""
    message = room.messages.get(message_id)
    if message is None or message.text is None or message.sender.id != person.id:
        raise Refused(404, "this person has written no such message")
    return message


def _let_in(room: Room, person: User) -> None:
    if not room.is_present(person.id):
        raise Refused(403, "this person is not in that chat")
    if room.migrated_to is not None:
        raise Refused(409, "this group has become a supergroup")
    if room.is_private and room.bot is Status.KICKED:
        raise Refused(409, "this person has blocked the bot")


def _checked(text: str) -> str:
    if utf16_length(text) > TEXT_LIMIT:
        raise Refused(400, f"a message has at most {TEXT_LIMIT} characters")
    return text


def _entities(telegram: Telegram, room: Room, text: str) -> tuple[Entity, ...]:
    members = () if room.is_private else [telegram.people[member] for member in room.members if room.is_present(member)]
    return find_entities(text, members)


def _origin(telegram: Telegram, new: NewOrigin) -> Origin:
    now, name = int(time.time()), new.name or "?"
    match new.type:
        case "user":
            sender = telegram.bot if new.person == telegram.bot.id else telegram.person(new.person or 0)
            return Origin(type="user", date=now, sender_user=sender)
        case "hidden_user":
            return Origin(type="hidden_user", date=now, sender_user_name=name)
        case "chat":
            return Origin(type="chat", date=now, sender_chat=Chat(id=-1, type="supergroup", title=name))
        case "channel":
            return Origin(type="channel", date=now, chat=Chat(id=-2, type="channel", title=name), message_id=1)


def _hears(bot: User, room: Room, message: Message) -> bool:
    """In groups a bot that is no admin hears only what is meant for it.

    https://core.telegram.org/bots/features#privacy-mode
    """
    if room.is_private or room.bot in ADMINS:
        return True
    answered = message.reply_to_message
    is_answer = answered is not None and answered.sender.id == bot.id
    return room.bot in PRESENT and (is_answer or any(_is_for(bot, message, each) for each in message.entities))


def _is_for(bot: User, message: Message, entity: Entity) -> bool:
    name = part(message.text or "", entity).lower().partition("@")[2]
    if entity.type == "bot_command":
        return name in ("", (bot.username or "").lower())
    return entity.type == "mention" and name == (bot.username or "").lower()
