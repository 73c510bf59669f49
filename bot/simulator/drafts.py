"""What is checked before the bot's message is taken."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from bot.simulator.errors import bad_request
from bot.simulator.markup import parse_html, utf16_length
from bot.simulator.room import Room
from bot.simulator.shapes import Button, Entity, Keyboard, Message, User
from bot.simulator.telegram import Telegram
from schemas.base import Record

TEXT_LIMIT = 4096
"""UTF-16 units of a message, after its markup has been read."""

DATA_LIMIT = 64
"""Bytes that a button carries."""

BUTTON_LIMIT = 100
_PERSON_URL = "tg://user?id="


class ReplyParameters(Record):
    message_id: int
    allow_sending_without_reply: bool = False


def formatted(text: str, parse_mode: str, people: Mapping[int, User]) -> tuple[str, tuple[Entity, ...]]:
    """Plain text and entities. Raises BotApiError for what Telegram would not send."""
    if parse_mode.lower() not in ("", "html"):
        raise bad_request("the simulator reads no other parse_mode than HTML")
    plain, entities = parse_html(text) if parse_mode else (text, ())
    if not plain.strip():
        raise bad_request("message text is empty")
    if utf16_length(plain) > TEXT_LIMIT:
        raise bad_request("message is too long")
    known = (_mention(entity, people) for entity in entities)
    return plain, tuple(entity for entity in known if entity)


def _mention(entity: Entity, people: Mapping[int, User]) -> Entity | None:
    """Links to people become mentions of them, or plain text where there is nobody of that number."""
    if not (entity.url or "").startswith(_PERSON_URL):
        return entity
    number = (entity.url or "").removeprefix(_PERSON_URL)
    person = people.get(int(number)) if number.isdecimal() else None
    return replace(entity, type="text_mention", url=None, user=person) if person else None


def keyboard(given: Keyboard | None) -> Keyboard | None:
    """The buttons as a message has them. Raises BotApiError."""
    rows = tuple(row for row in given.inline_keyboard if row) if given else ()
    if sum(map(len, rows)) > BUTTON_LIMIT:
        raise bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            _check(button)
    return Keyboard(inline_keyboard=rows) if rows else None


def _check(button: Button) -> None:
    if not button.text.strip():
        raise bad_request("can't parse inline keyboard button: button text must be non-empty")
    if button.url is not None:
        # Telegram takes no address of this machine either; demos need theirs.
        if not button.url.startswith(("http://", "https://", "tg://")):
            raise bad_request(f"inline keyboard button URL '{button.url}' is invalid: Unsupported URL protocol")
    elif button.callback_data is None:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    elif not 1 <= len(button.callback_data.encode()) <= DATA_LIMIT:
        raise bad_request("BUTTON_DATA_INVALID")


def reply(room: Room, given: ReplyParameters | None) -> Message | None:
    """The message that is replied to. Raises BotApiError."""
    if given is None:
        return None
    message = room.messages.get(given.message_id)
    if message is None and not given.allow_sending_without_reply:
        raise bad_request("message to be replied not found")
    return message


def place(room: Room, thread: int | None, answered: Message | None) -> dict[str, Any]:
    """The fields that say where in a chat a message is. Raises BotApiError for a topic that is not there."""
    if room.chat.is_forum:
        return _in_topic(room, thread if thread or not answered else answered.message_thread_id, answered)
    if thread:
        raise bad_request("message thread not found")
    if answered is None:
        return {}
    fields: dict[str, Any] = {"reply_to_message": replace(answered, reply_to_message=None)}
    if room.chat.type == "supergroup":
        # A chain of replies is a thread too, called after its first message.
        fields["message_thread_id"] = answered.message_thread_id or answered.message_id
    return fields


def _in_topic(room: Room, thread: int | None, answered: Message | None) -> dict[str, Any]:
    if thread and thread not in room.topics:
        raise bad_request("message thread not found")
    if answered is None and thread:
        # Whatever is said in a topic counts as a reply to the topic's beginning.
        answered = room.messages.get(thread)
    fields: dict[str, Any] = {"message_thread_id": thread, "is_topic_message": True} if thread else {}
    if answered:
        fields["reply_to_message"] = replace(answered, reply_to_message=None)
    return fields


def own_message(telegram: Telegram, chat_id: int, message_id: int) -> tuple[Room, Message]:
    """A message that the bot may edit. Raises BotApiError."""
    room = telegram.room_for_bot(chat_id)
    message = room.messages.get(message_id)
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender.id != telegram.bot.id or message.text is None:
        raise bad_request("message can't be edited")
    return room, message
