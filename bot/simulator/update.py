"""What the bot is told, and where.

https://core.telegram.org/bots/api#update
"""

from typing import Annotated

import msgspec

from bot.simulator.members import ChatMemberUpdated
from bot.simulator.shapes import Message, Shape, User


class CallbackQuery(Shape):
    """A person pressed a button."""

    id: str
    sender: User = msgspec.field(name="from")
    chat_instance: str
    message: Message
    data: str


class Update(Shape):
    """Something for the bot to know; one of the fields after the number is there."""

    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: ChatMemberUpdated | None = None


UNASKED = frozenset({"message", "edited_message", "callback_query", "my_chat_member"})
"""The kinds that a bot gets unless it says which it wants; the simulator has no others."""

HookUrl = Annotated[str, msgspec.Meta(pattern=r"^(https?://[!-~]+)?$(?!\n)")]
HookSecret = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{0,256}$(?!\n)")]


class Webhook(Shape):
    """Where updates are sent. Unlike Telegram's, it may be at any address, without TLS and on any port."""

    url: str
    secret_token: str = ""
    max_connections: int = 40


class WebhookInfo(Shape, omit_defaults=False):
    """What the bot is told about its webhook; an empty `url` means that there is none."""

    url: str
    has_custom_certificate: bool
    pending_update_count: int
    max_connections: int | msgspec.UnsetType = msgspec.UNSET
    last_error_date: int | msgspec.UnsetType = msgspec.UNSET
    last_error_message: str | msgspec.UnsetType = msgspec.UNSET
    allowed_updates: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
