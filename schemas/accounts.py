"""People who may sign in: how they come, what they may change themselves, and what administrators may."""

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from schemas.base import Command, R, Record, Role, UserEvent, UtcTime
from schemas.boards import Limit, Offset, Version
from schemas.ids import TeamId, UserId
from schemas.invites import InviteCode
from schemas.text import Name, NewPassword, Password, Query, Title, Username


class Language(StrEnum):
    """What we can speak."""

    EN = "en"
    RU = "ru"


class Registration(StrEnum):
    """Who may create an account of their own."""

    CLOSED = "closed"
    INVITE = "invite"
    OPEN = "open"


TimeZone = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$(?!\n)", description="As IANA names it: Europe/Berlin."
    ),
]

ActName = Annotated[
    str, msgspec.Meta(max_length=64, pattern=r"^[a-z]+\.[a-z_]+$(?!\n)", description="A noun and what was done to it.")
]


class User(Record):
    """A person known here. `name` is what others see; a username is unique whatever its case."""

    id: UserId
    username: Username
    name: Name
    is_admin: bool
    is_active: bool
    created_at: UtcTime
    language: Language | None = None
    """None means: whatever their browser or Telegram speaks."""
    time_zone: TimeZone = "UTC"
    signed_out_at: UtcTime | None = None
    """Sessions that were opened before this moment are void."""
    version: Version = 1
    """Counts the changes; of two states, the one with the higher version is the newer."""


class AccountCommand(Command[R]):
    """Asked of the actor that owns the users."""

    owner: ClassVar[Role] = Role.ACCOUNTS


class OwnCommand(AccountCommand[R]):
    """Asked in somebody's name about what is theirs; refused when they are no longer active."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})

    by: UserId


class AdminCommand(OwnCommand[R]):
    """Asked in somebody's name; FORBIDDEN unless they administrate the site."""


class CreateUser(AccountCommand[User], tag="account.create"):
    """Create a user, in nobody's name: only the machine's own command line may. CONFLICT when the username is taken."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.CONSOLE})
    confidential: ClassVar[bool] = True

    username: Username
    password: NewPassword
    name: Name
    is_admin: bool = False


class Register(AccountCommand[User], tag="account.register"):
    """Create an account of one's own; FORBIDDEN when registration is closed, or asks for an invite that holds."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})
    confidential: ClassVar[bool] = True

    username: Username
    password: NewPassword
    name: Name
    invite: InviteCode | None = None
    language: Language | None = None
    time_zone: TimeZone = "UTC"


class SignIn(AccountCommand[User], tag="account.sign_in"):
    """Who has this username and password; UNAUTHENTICATED tells nothing about which was wrong."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})
    confidential: ClassVar[bool] = True

    username: Username
    password: Password


class GetUser(AccountCommand[User], tag="account.get"):
    """One user by id: who a session belongs to."""

    user: UserId


class FindUser(AccountCommand[User], tag="account.find"):
    """One active user by username."""

    username: Username


class UpdateProfile(OwnCommand[User], tag="account.update"):
    """Change one's own name, language or time zone."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY, Role.BOT})

    name: Name | UnsetType = UNSET
    language: Language | UnsetType | None = UNSET
    time_zone: TimeZone | UnsetType = UNSET


class ChangePassword(OwnCommand[User], tag="account.change_password"):
    """Give oneself another password; FORBIDDEN when the old one is wrong. Ends all sessions, and no token."""

    confidential: ClassVar[bool] = True

    old: Password
    new: NewPassword


class UserPage(Record):
    count: int
    users: list[User]


class CreateUserAsAdmin(AdminCommand[User], tag="account.create_as_admin"):
    """Create a user; CONFLICT when the username is taken."""

    confidential: ClassVar[bool] = True

    username: Username
    password: NewPassword
    name: Name
    is_admin: bool = False


class ListUsers(AdminCommand[UserPage], tag="account.list"):
    """Users by username; `q` is a part of the username or of the name."""

    q: Query = ""
    is_active: bool | None = None
    limit: Limit = 50
    offset: Offset = 0


class ChangeUser(AdminCommand[User], tag="account.change"):
    """Change any of a user's fields; the last active administrator stays one.

    A new password ends all their sessions and revokes their tokens, and so does it to deactivate them.
    """

    confidential: ClassVar[bool] = True

    user: UserId
    username: Username | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    is_admin: bool | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    password: NewPassword | UnsetType = UNSET


class ActAsAdmin(AdminCommand[User], tag="account.act_as_admin"):
    """Put on record that an administrator does this to a team that they need not be in."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.TASK_STORE, Role.NOTIFIER})

    act: ActName
    team: TeamId | None = None
    about: Title | None = None


class AccountUpdated(UserEvent, tag="account.updated"):
    """A user is new or changed in any way; comes whole, as they are now."""

    owner: ClassVar[Role] = Role.ACCOUNTS

    user: User


def account_event_id(user: User) -> str:
    """What the stream tells duplicates by."""
    return f"user.{user.id}.{user.version}"
