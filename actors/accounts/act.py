"""An act: one transaction in somebody's name, with whom it changes and what goes on record of it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql import audit, users
from schemas.accounts import User
from schemas.audit import AuditEntry
from schemas.errors import forbidden
from schemas.ids import TeamId, UserId
from schemas.telegram import TelegramLink


class Act:
    """Others learn of what it `changed`, of links made and ended and of its `entries` once it is committed."""

    def __init__(self, connection: AsyncConnection, at: datetime) -> None:
        self.connection = connection
        self.at = at
        self.changed: list[User] = []
        self.linked: dict[UserId, TelegramLink | None] = {}
        """The link that each has now."""
        self.entries: list[AuditEntry] = []

    async def asker(self, by: UserId, *, lock: bool = False) -> User:
        """Who asks; with `lock`, one such act of theirs after another. FORBIDDEN when they are no longer active."""
        asker = await users.get(self.connection, by, lock=lock)
        if asker is None or not asker.is_active:
            raise forbidden("this account is not active")
        return asker

    async def admin(self, by: UserId) -> User:
        """Who asks; FORBIDDEN unless they administrate the site."""
        asker = await self.asker(by)
        if not asker.is_admin:
            raise forbidden("only administrators may do this")
        return asker

    async def record(
        self,
        act: str,
        by: User | None,
        *,
        about: UserId | None = None,
        team: TeamId | None = None,
        detail: str = "",
        username: str = "",
    ) -> None:
        """Put it on record; `username` is for those who are nobody yet."""
        entry = await audit.add(
            self.connection,
            at=self.at,
            by=by.id if by else None,
            username=by.username if by else username,
            act=act,
            user=about,
            team=team,
            detail=detail,
        )
        self.entries.append(entry)
