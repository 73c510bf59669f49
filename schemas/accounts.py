"""People who may sign in."""

from typing import ClassVar

from schemas.base import Command, R, Record, Role, UtcTime
from schemas.ids import UserId
from schemas.text import Name, NewPassword, Password, Username


class User(Record):
    """A person known here. `name` is what others see; a username is unique whatever its case."""

    id: UserId
    username: Username
    name: Name
    is_admin: bool
    is_active: bool
    created_at: UtcTime


class AccountCommand(Command[R]):
    """Asked of the actor that owns the users."""

    owner: ClassVar[Role] = Role.ACCOUNTS


class CreateUser(AccountCommand[User], tag="account.create"):
    """Create a user; CONFLICT when the username is taken."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.CONSOLE})
    confidential: ClassVar[bool] = True

    username: Username
    password: NewPassword
    name: Name
    is_admin: bool = False


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
