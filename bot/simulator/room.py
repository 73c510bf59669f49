"""One chat, as everybody in it sees it."""

from collections.abc import Iterator
from typing import Any, TypeVar

from bot.simulator.errors import BotApiError, bad_request, forbidden
from bot.simulator.lines import RoomLine
from bot.simulator.members import ADMINS, PRESENT, Status
from bot.simulator.shapes import Chat, Message, Press

K = TypeVar("K")

HISTORY = 1000
"""Messages and presses kept per chat."""


class Room:
    """A private chat has one person in it, a group any number; the bot is counted apart."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.bot = Status.LEFT
        """In a private chat: LEFT until the person has written, KICKED while the person blocks the bot."""
        self.members: dict[int, Status] = {}
        self.topics: dict[int, str] = {}
        """Names by thread; every forum also has the general topic, which has no number."""
        self.migrated_to: int | None = None
        self.messages: dict[int, Message] = {}
        self.presses: dict[str, Press] = {}

    @property
    def is_private(self) -> bool:
        return self.chat.type == "private"

    def keep(self, message: Message) -> None:
        """Remember, in the place of the one with the same number if there is one."""
        self.messages[message.message_id] = message
        _forget_oldest(self.messages)

    def keep_press(self, press: Press) -> None:
        self.presses[press.id] = press
        _forget_oldest(self.presses)

    def after(self, message_id: int) -> Iterator[Message]:
        """The messages behind a number, newest first."""
        for message in reversed(self.messages.values()):
            if message.message_id <= message_id:
                return
            yield message

    def is_present(self, person: int) -> bool:
        return self.members.get(person) in PRESENT

    def is_admin(self, person: int) -> bool:
        return self.members.get(person) in ADMINS

    def let_bot_in(self) -> None:
        """Raises BotApiError where the bot may not write."""
        if self.migrated_to is not None:
            raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=self.migrated_to)
        if self.bot not in PRESENT:
            raise self._shut()

    def _shut(self) -> BotApiError:
        if self.is_private:
            blocked = self.bot is Status.KICKED
            return forbidden(
                "bot was blocked by the user" if blocked else "bot can't initiate conversation with a user"
            )
        if self.bot is Status.KICKED:
            return forbidden(f"bot was kicked from the {self.chat.type} chat")
        return forbidden(f"bot is not a member of the {self.chat.type} chat")

    def record(self) -> RoomLine:
        """All but messages and presses."""
        return RoomLine(
            chat=self.chat,
            bot=self.bot,
            members=dict(self.members),
            topics=dict(self.topics),
            migrated_to=self.migrated_to,
        )

    def restore(self, line: RoomLine) -> None:
        self.chat, self.bot, self.migrated_to = line.chat, line.bot, line.migrated_to
        self.members, self.topics = dict(line.members), dict(line.topics)


def _forget_oldest(kept: dict[K, Any]) -> None:
    if len(kept) > HISTORY:
        kept.pop(next(iter(kept)))
