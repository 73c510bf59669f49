"""What the Bot API sends, as far as we use it.

https://core.telegram.org/bots/api#available-types
"""

from typing import Annotated, Any

import msgspec

from schemas.base import RecordMeta

PersonName = Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=r"\S")]
Language = Annotated[str, msgspec.Meta(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$")]
Username = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{3,31}$(?!\n)")]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"\S")]


class Shape(msgspec.Struct, metaclass=RecordMeta, omit_defaults=True):
    """Fields that a message does not have are left out of its JSON, as Telegram does."""


class User(Shape):
    id: int
    is_bot: bool
    first_name: str
    username: str | None = None
    language_code: str | None = None


class Chat(Shape):
    """A private one, whose id is the person's, a group (below 0) or a supergroup (below -10^12)."""

    id: int
    type: str
    title: str | None = None
    first_name: str | None = None
    username: str | None = None
    is_forum: bool | None = None


class Entity(Shape):
    """Formatting of a part of a text, or what is found in it; offset and length count UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user: User | None = None
    language: str | None = None


class Button(Shape):
    text: str
    callback_data: str | None = None
    url: str | None = None


class Keyboard(Shape):
    """Rows of buttons below a message. Any other kind of keyboard is read as one without buttons."""

    inline_keyboard: tuple[tuple[Button, ...], ...] = ()


class Origin(Shape):
    """Where a forwarded message came from: `type` says which of the other fields are there."""

    type: str
    date: int
    sender_user: User | None = None
    sender_user_name: str | None = None
    sender_chat: Chat | None = None
    chat: Chat | None = None
    message_id: int | None = None


class TopicCreated(Shape):
    name: str
    icon_color: int


class Message(Shape):
    """Said by somebody, or something that happened in the chat: then there is no text, but one of the last fields."""

    message_id: int
    date: int
    chat: Chat
    sender: User = msgspec.field(name="from")
    text: str | None = None
    message_thread_id: int | None = None
    is_topic_message: bool | None = None
    forward_origin: Origin | None = None
    reply_to_message: "Message | None" = None
    entities: tuple[Entity, ...] = ()
    link_preview_options: dict[str, Any] | None = None
    edit_date: int | None = None
    reply_markup: Keyboard | None = None
    new_chat_members: tuple[User, ...] = ()
    left_chat_member: User | None = None
    group_chat_created: bool | None = None
    supergroup_chat_created: bool | None = None
    forum_topic_created: TopicCreated | None = None
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None


class Press(Shape):
    """A button pressed, and what the bot said to that; `answer` is None until it has."""

    id: str
    person: int
    message_id: int
    data: str
    answer: str | None = None
    show_alert: bool | None = None
