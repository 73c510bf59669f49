"""What the journal says: each line is one thing as it is from then on."""

from bot.simulator.members import Status
from bot.simulator.menus import BotCommand, Scope
from bot.simulator.shapes import Chat, Message, Press, User
from bot.simulator.update import Update, Webhook
from schemas.base import Record


class PersonLine(Record, tag="person"):
    person: User


class RoomLine(Record, tag="chat"):
    """A chat, without its messages."""

    chat: Chat
    bot: Status
    members: dict[int, Status]
    topics: dict[int, str]
    migrated_to: int | None


class MessageLine(Record, tag="message"):
    """A message, new or changed."""

    message: Message


class DeletedLine(Record, tag="deleted"):
    chat: int
    message_id: int


class PressLine(Record, tag="press"):
    """A button pressed, or answered."""

    chat: int
    press: Press


class MenuLine(Record, tag="menu"):
    scope: Scope
    language: str
    commands: tuple[BotCommand, ...]


class UpdateLine(Record, tag="update"):
    update: Update


class ConfirmedLine(Record, tag="confirmed"):
    """The updates before `offset` are done with."""

    offset: int


class WebhookLine(Record, tag="webhook"):
    """Where updates go (None: the bot asks for them), and which kinds; none named are all."""

    webhook: Webhook | None
    allowed_updates: tuple[str, ...]


class NumbersLine(Record, tag="numbers"):
    """The last that were given, in case that what had them is gone."""

    message: int
    press: int


Line = (
    PersonLine
    | RoomLine
    | MessageLine
    | DeletedLine
    | PressLine
    | MenuLine
    | UpdateLine
    | ConfirmedLine
    | WebhookLine
    | NumbersLine
)
