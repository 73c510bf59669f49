"""Where the bot is, and with whom."""

from typing import Any

import msgspec

from bot.simulator.errors import bad_request
from bot.simulator.groups import change_bot
from bot.simulator.members import ADMINS, PRESENT, Status, chat_member
from bot.simulator.methods.method import Method
from bot.simulator.telegram import Telegram

_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)


class SendChatAction(Method):
    """Pages show it for a moment; nothing remembers it."""

    chat_id: int
    action: str
    message_thread_id: int | None = None

    async def run(self, telegram: Telegram) -> bool:
        telegram.room_for_bot(self.chat_id)
        telegram.live.tell(self.chat_id, action=self)
        return True


class GetChat(Method):
    chat_id: int

    async def run(self, telegram: Telegram) -> dict[str, Any]:
        chat = msgspec.to_builtins(telegram.room_for_bot(self.chat_id).chat)
        return {**chat, "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}


class GetChatMember(Method):
    chat_id: int
    user_id: int

    async def run(self, telegram: Telegram) -> dict[str, Any]:
        room = telegram.room_for_bot(self.chat_id)
        if self.user_id == telegram.bot.id:
            return chat_member(telegram.bot, room.bot)
        person = telegram.people.get(self.user_id)
        if person is None:
            raise bad_request("PARTICIPANT_ID_INVALID")
        return chat_member(person, room.members.get(person.id, Status.LEFT))


class GetChatAdministrators(Method):
    """Other bots are left out, and there are none here."""

    chat_id: int

    async def run(self, telegram: Telegram) -> list[dict[str, Any]]:
        room = telegram.room_for_bot(self.chat_id)
        if room.is_private:
            raise bad_request("there are no administrators in the private chat")
        admins = [chat_member(telegram.people[key], status) for key, status in room.members.items() if status in ADMINS]
        return [*admins, *([chat_member(telegram.bot, room.bot)] if room.bot in ADMINS else [])]


class GetChatMemberCount(Method):
    """With the bot."""

    chat_id: int

    async def run(self, telegram: Telegram) -> int:
        room = telegram.room_for_bot(self.chat_id)
        return 1 + sum(status in PRESENT for status in room.members.values())


class LeaveChat(Method):
    chat_id: int

    async def run(self, telegram: Telegram) -> bool:
        room = telegram.room_for_bot(self.chat_id)
        if room.is_private:
            raise bad_request("chat member status can't be changed in private chats")
        change_bot(telegram, room, telegram.bot, Status.LEFT)
        return True
