"""Links between people here and their Telegram accounts: one to one."""

from typing import Annotated, ClassVar

import msgspec

from schemas.accounts import AccountCommand, OwnCommand, User
from schemas.base import Record, Role, UtcTime
from schemas.ids import TelegramId, UserId

LinkCode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$(?!\n)", description="Six digits.")]


class TelegramCode(Record):
    """What somebody types into their profile to prove that a Telegram account is theirs."""

    code: LinkCode
    expires_at: UtcTime


class TelegramLink(Record):
    """Where somebody reads what we have to tell them."""

    user: UserId
    telegram: TelegramId
    linked_at: UtcTime
    is_reachable: bool
    """False when Telegram said that the bot may not write to them."""


class CreateTelegramCode(AccountCommand[TelegramCode], tag="telegram.create_code"):
    """Give a Telegram account a code, good once and for five minutes; the one it had before is void."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY, Role.BOT})

    telegram: TelegramId


class ConfirmTelegram(OwnCommand[TelegramLink], tag="telegram.confirm"):
    """Link oneself to the Telegram account that was given this code; the links that either had before end."""

    confidential: ClassVar[bool] = True

    code: LinkCode


class GetTelegramLink(OwnCommand[TelegramLink | None], tag="telegram.link"):
    """One's own link, if there is one."""


class UnlinkTelegram(OwnCommand[None], tag="telegram.unlink"):
    """End one's own link; nothing happens when there is none."""


class FindTelegramUser(AccountCommand[User], tag="telegram.who"):
    """The active user who is linked to a Telegram account."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY, Role.BOT})

    telegram: TelegramId
