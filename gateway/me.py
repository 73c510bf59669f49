"""Oneself, as one is told about it."""

from typing import Self

from schemas.accounts import Language, TimeZone, User
from schemas.base import Record, UtcTime
from schemas.ids import UserId
from schemas.text import Name, Username


class Me(Record):
    """Who is signed in. `name` is what others see; `is_admin` lets into the administration."""

    id: UserId
    username: Username
    name: Name
    is_admin: bool
    language: Language | None
    """null means the browser's."""
    time_zone: TimeZone
    created_at: UtcTime

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(
            id=user.id,
            username=user.username,
            name=user.name,
            is_admin=user.is_admin,
            language=user.language,
            time_zone=user.time_zone,
            created_at=user.created_at,
        )
