"""Who is in a chat, and as what.

https://core.telegram.org/bots/api#chatmember
"""

from enum import StrEnum
from typing import Any

import msgspec

from bot.simulator.shapes import Chat, Shape, User


class Status(StrEnum):
    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    LEFT = "left"
    """Not there, or not yet."""
    KICKED = "kicked"
    """Put out; of the bot in a private chat: blocked by the person."""


PRESENT = frozenset({Status.CREATOR, Status.ADMINISTRATOR, Status.MEMBER})
ADMINS = frozenset({Status.CREATOR, Status.ADMINISTRATOR})

_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_pin_messages",
    "can_manage_topics",
)


def chat_member(user: User, status: Status) -> dict[str, Any]:
    """As the Bot API shows it. Administrators have every right here."""
    member: dict[str, Any] = {"user": user, "status": status}
    if status in ADMINS:
        member["is_anonymous"] = False
    if status is Status.ADMINISTRATOR:
        member |= {"can_be_edited": False, **dict.fromkeys(_RIGHTS, True)}
    if status is Status.KICKED:
        member["until_date"] = 0
    return member


class ChatMemberUpdated(Shape):
    """Somebody's place in a chat is another; the bot is told of its own."""

    chat: Chat
    sender: User = msgspec.field(name="from")
    date: int
    old_chat_member: dict[str, Any]
    new_chat_member: dict[str, Any]
