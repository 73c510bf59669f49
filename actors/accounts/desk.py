"""What all parts of the actor work with: its stores, and one way to change them that others are told of."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import ClassVar

from argon2 import PasswordHasher
from mode.types import ServiceT
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.accounts.act import Act
from actors.accounts.announcer import Announcer
from actors.accounts.codes import Codes
from actors.accounts.passwords import Passwords
from actors.accounts.places import Places
from actors.accounts.starts import Starts
from infra.actor import Actor
from infra.bus import Bus
from infra.db import transaction
from infra.log import get_logger
from infra.redis import Redis
from schemas.accounts import Registration, User
from schemas.audit import AuditEntry, AuditRecorded
from schemas.base import Role
from schemas.ids import UserId
from schemas.telegram import TelegramLink, TelegramLinkChanged

log = get_logger(__name__)


class Desk(Actor):
    """The base of the actor's parts; each adds the commands of one noun."""

    abstract = True
    role: ClassVar[Role] = Role.ACCOUNTS

    def __init__(
        self,
        bus: Bus,
        engine: AsyncEngine,
        redis: Redis,
        *,
        registration: Registration = Registration.INVITE,
        hasher: PasswordHasher | None = None,
    ) -> None:
        super().__init__(bus)
        self._engine = engine
        self._codes = Codes(redis)
        self._starts = Starts(redis)
        self._places = Places(redis)
        self._registration = registration
        self._passwords = Passwords(hasher)
        self._announcer = Announcer(bus, engine)
        self._refused: list[tuple[datetime, User]] = []
        """Sign-ins that are not yet on record."""

    def on_init_dependencies(self) -> Iterable[ServiceT]:
        return [self._announcer]

    async def on_start(self) -> None:
        await self._passwords.prepare()
        await super().on_start()

    @asynccontextmanager
    async def _act(self) -> AsyncGenerator[Act]:
        """One transaction; what came of it is told to others when it is committed."""
        async with transaction(self._engine) as connection:
            act = Act(connection, datetime.now(UTC))
            yield act
        # It has been done: whatever fails from here on must not say otherwise.
        try:
            await self._announcer.announce(act.changed)
            await self._tell(act.linked)
            await self._show(act.entries)
        except Exception:
            log.exception("what was done could not be told at once")

    async def _check_admin(self, by: UserId) -> None:
        """Before any work for them: a hash is dear."""
        async with transaction(self._engine) as connection:
            await Act(connection, datetime.now(UTC)).admin(by)

    async def _tell(self, linked: Mapping[UserId, TelegramLink | None]) -> None:
        """Who has another link now. Whoever misses it asks for contacts, where the truth is."""
        for user, link in linked.items():
            if self.bus.connected:
                await self.bus.publish(TelegramLinkChanged(user=user, link=link), TelegramLinkChanged.subject_of(user))

    async def _show(self, entries: Iterable[AuditEntry]) -> None:
        """To operators who watch just now."""
        for entry in entries:
            log.info("on record", act=entry.act, by=entry.by, user=entry.user, team=entry.team)
            if self.bus.connected:
                await self.bus.publish(AuditRecorded(entry=entry), AuditRecorded.subjects())
