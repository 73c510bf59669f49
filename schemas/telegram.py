"""Links between people here and their Telegram accounts: one to one."""

from typing import Annotated, ClassVar

import msgspec

from schemas.accounts import AccountCommand, Language, OwnCommand, TimeZone, User
from schemas.base import Record, Role, UserEvent, UtcTime
from schemas.ids import TelegramId, UserId
from schemas.text import Name, Username

LinkCode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$(?!\n)", description="Six digits.")]


StartCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)", description="Of a deep link.")]
BotAddress = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^https?://[!-~]+$(?!\n)")]


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

    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY, Role.BOT, Role.NOTIFIER})

    telegram: TelegramId


class StartLink(Record):
    """A link that opens the bot and links whoever opened it."""

    url: str | None
    """None while no bot has said where it is."""
    expires_at: UtcTime


class StartTelegram(OwnCommand[StartLink], tag="telegram.start"):
    """A deep link that links the asker to the Telegram account that opens it; good once and for five minutes."""


class RedeemStart(AccountCommand[TelegramLink], tag="telegram.redeem"):
    """Link a Telegram account to whoever made this deep link; NOT_FOUND when it is used up or too old.

    CONFLICT when it is linked to somebody else: a link that a stranger sent shall not move it with one tap.
    """

    senders: ClassVar[frozenset[Role]] = frozenset({Role.BOT})
    confidential: ClassVar[bool] = True

    telegram: TelegramId
    code: StartCode


class EndTelegram(AccountCommand[None], tag="telegram.end"):
    """End the link of a Telegram account, as its owner wishes there; nothing happens when there is none."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.BOT})

    telegram: TelegramId


class MarkReachable(AccountCommand[None], tag="telegram.mark"):
    """Whether the bot may write to a Telegram account, as Telegram just said."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.BOT})

    telegram: TelegramId
    is_reachable: bool


class IntroduceBot(AccountCommand[None], tag="telegram.introduce"):
    """Where the bot is: a deep link is this address with a code behind it, such as `https://t.me/some_bot?start=`."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.BOT})

    address: BotAddress


class TelegramLinkChanged(UserEvent, tag="telegram.changed"):
    """Somebody is linked to another Telegram account, to none, or the bot may no longer write to it, or may again."""

    owner: ClassVar[Role] = Role.ACCOUNTS

    user: UserId
    link: TelegramLink | None


class Contact(Record):
    """What has to be known to tell somebody something."""

    user: UserId
    username: Username
    name: Name
    language: Language | None
    time_zone: TimeZone
    is_active: bool
    telegram: TelegramId | None
    is_reachable: bool
    """Whether the bot may write there; False without a link."""


class ListContacts(AccountCommand[list[Contact]], tag="account.contacts"):
    """How these people are told something; those who do not exist are left out."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.NOTIFIER, Role.BOT})

    users: Annotated[tuple[UserId, ...], msgspec.Meta(max_length=1000)]
