"""API tokens: what lets a program act in somebody's name."""

from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from schemas.accounts import AccountCommand, OwnCommand, User
from schemas.base import Record, Role, UtcTime
from schemas.ids import TokenId
from schemas.text import Name

TOKEN_PREFIX = "ttm_"  # noqa: S105 - what all of them begin with, so that they are recognised where they leaked

TokenSecret = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]+$(?!\n)", description="ttm_ and 43 letters."),
]


class Scope(StrEnum):
    """What a token is good for."""

    READ = "read"
    WRITE = "write"


class Token(Record):
    """A token, without the secret that it consists of."""

    id: TokenId
    name: Name
    scope: Scope
    created_at: UtcTime
    last_used_at: UtcTime | None
    """Exact to a minute."""
    expires_at: UtcTime | None
    hint: str
    """The last four characters of the secret."""


class NewToken(Record):
    """A token with its secret, which is shown this once."""

    token: Token
    secret: TokenSecret


class TokenHolder(Record):
    """Who a program acts for, and with how much of their rights."""

    user: User
    scope: Scope
    token: TokenId


class CreateToken(OwnCommand[NewToken], tag="token.create"):
    """Make a token for oneself; CONFLICT when there are too many."""

    name: Name
    scope: Scope
    expires_at: UtcTime | None = None


class ListTokens(OwnCommand[list[Token]], tag="token.list"):
    """One's own tokens, newest first; those that have expired are among them."""


class RevokeToken(OwnCommand[Token], tag="token.revoke"):
    """End one of one's own tokens."""

    token: TokenId


class CheckToken(AccountCommand[TokenHolder], tag="token.check"):
    """Who this secret stands for; UNAUTHENTICATED when it is unknown, expired, or its owner is no longer active."""

    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY})
    confidential: ClassVar[bool] = True

    secret: TokenSecret
