"""What the Bot API sends, as far as we use it.

https://core.telegram.org/bots/api#available-types
"""

from typing import Annotated

import msgspec

from schemas.base import RecordMeta

PersonName = Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=r"\S")]
Language = Annotated[str, msgspec.Meta(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$")]


class Shape(msgspec.Struct, metaclass=RecordMeta, omit_defaults=True):
    """Fields that a message does not have are left out of its JSON, as Telegram does."""


class User(Shape):
    id: int
    is_bot: bool
    first_name: str
    username: str | None = None
    language_code: str | None = None


class Chat(Shape):
    """Always a private one, so its id is the person's."""

    id: int
    type: str
    first_name: str


class Entity(Shape):
    """Formatting of a part of a text; offset and length count UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None


class Button(Shape):
    text: str
    callback_data: str | None = None
    url: str | None = None


class Keyboard(Shape):
    """Rows of buttons below a message."""

    inline_keyboard: tuple[tuple[Button, ...], ...]


class Message(Shape):
    message_id: int
    date: int
    chat: Chat
    text: str
    sender: User = msgspec.field(name="from")
    entities: tuple[Entity, ...] = ()
    edit_date: int | None = None
    reply_markup: Keyboard | None = None


class CallbackQuery(Shape):
    """A person pressed a button."""

    id: str
    sender: User = msgspec.field(name="from")
    chat_instance: str
    message: Message
    data: str


class Update(Shape):
    """What getUpdates returns; one of the two is there."""

    update_id: int
    message: Message | None = None
    callback_query: CallbackQuery | None = None


class BotCommand(Shape):
    """One line of the menu that Telegram shows beside the text field."""

    command: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,32}$")]
    description: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class Press(Shape):
    """A button pressed, and what the bot said to that; `answer` is None until it has."""

    id: str
    message_id: int
    data: str
    answer: str | None = None


class BotApiError(Exception):
    """A call is refused, in Telegram's words."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


def bad_request(reason: str) -> BotApiError:
    return BotApiError(400, f"Bad Request: {reason}")
