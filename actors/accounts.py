"""The users and their passwords."""

import asyncio
import secrets
import unicodedata
from datetime import UTC, datetime
from typing import ClassVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql import users
from infra.actor import Actor, handle, handle_few
from infra.bus import Bus
from infra.db import transaction
from infra.log import get_logger
from schemas.accounts import CreateUser, FindUser, GetUser, SignIn, User
from schemas.base import Role
from schemas.errors import BusError, ErrorCode, conflict, not_found

log = get_logger(__name__)

_HASHES_AT_ONCE = 2


class Accounts(Actor):
    """Owns the people who may sign in, and what proves that it is they."""

    role: ClassVar[Role] = Role.ACCOUNTS

    def __init__(self, bus: Bus, engine: AsyncEngine, hasher: PasswordHasher | None = None) -> None:
        super().__init__(bus)
        self._engine = engine
        self._hasher = hasher or PasswordHasher()
        # A hash takes some 50 ms of a core and 64 MB, by design.
        self._hashing = asyncio.Semaphore(_HASHES_AT_ONCE)
        self._nobodys_hash = ""

    async def on_start(self) -> None:
        """Have a hash ready that no password fits."""
        self._nobodys_hash = await self._hash(secrets.token_urlsafe())
        await super().on_start()

    @handle_few(workers=_HASHES_AT_ONCE, capacity=50)
    async def create(self, command: CreateUser) -> User:
        password_hash = await self._hash(command.password)
        async with transaction(self._engine) as connection:
            user = await users.add(
                connection,
                username=command.username,
                name=command.name,
                password_hash=password_hash,
                is_admin=command.is_admin,
                at=datetime.now(UTC),
            )
        if user is None:
            raise conflict("this username is taken", field="username")
        log.info("user created", user=user.id, is_admin=user.is_admin)
        return user

    @handle_few(workers=_HASHES_AT_ONCE, capacity=50)
    async def sign_in(self, command: SignIn) -> User:
        """An unknown username takes as long as a wrong password, so that time does not tell who is here."""
        async with transaction(self._engine) as connection:
            found = await users.credentials(connection, command.username)
        fits = await self._fits(found.password_hash if found else self._nobodys_hash, command.password)
        if found is None or not fits or not found.user.is_active:
            log.info("sign-in refused", user=found.user.id if found else None)
            raise BusError(ErrorCode.UNAUTHENTICATED, "wrong username or password")
        if self._hasher.check_needs_rehash(found.password_hash):
            await self._rehash(found, command.password)
        log.info("signed in", user=found.user.id)
        return found.user

    @handle
    async def get(self, query: GetUser) -> User:
        async with transaction(self._engine) as connection:
            user = await users.get(connection, query.user)
        if user is None:
            raise not_found("user")
        return user

    @handle
    async def find(self, query: FindUser) -> User:
        async with transaction(self._engine) as connection:
            user = await users.find_active(connection, query.username)
        if user is None:
            raise not_found("user")
        return user

    async def _rehash(self, found: users.Credentials, password: str) -> None:
        """The password was hashed as an older version did it."""
        stronger = await self._hash(password)
        async with transaction(self._engine) as connection:
            await users.replace_hash(connection, found.user.id, old=found.password_hash, new=stronger)

    async def _hash(self, password: str) -> str:
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, _typed(password))

    async def _fits(self, password_hash: str, password: str) -> bool:
        async with self._hashing:
            try:
                return await asyncio.to_thread(self._hasher.verify, password_hash, _typed(password))
            except VerifyMismatchError:
                return False


def _typed(password: str) -> str:
    """One form for what looks alike: keyboards differ in how they compose an accented letter."""
    return unicodedata.normalize("NFKC", password)
