"""The entrance: how people come in for the first time, and again."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from actors.accounts.act import Act
from actors.accounts.desk import Desk
from actors.accounts.passwords import HASHES_AT_ONCE, HASHES_WAITING
from actors.accounts.time_zones import check_time_zone
from actors.sql import users
from infra.actor import every, handle_few
from infra.db import transaction
from infra.log import get_logger
from schemas.accounts import CreateUser, CreateUserAsAdmin, Register, Registration, SignIn, User
from schemas.audit import Act as Recorded
from schemas.errors import BusError, ErrorCode, conflict, forbidden
from schemas.ids import UserId
from schemas.invites import InviteCode, InviteView, LookAtInvite

log = get_logger(__name__)

_STORE_SECONDS = 3.0
"""Less than those who ask us are ready to wait."""


class Entrance(Desk):
    """Commands that make users, and the one that recognises them."""

    @handle_few(workers=HASHES_AT_ONCE, capacity=HASHES_WAITING)
    async def create(self, command: CreateUser) -> User:
        return await self._create(command, None)

    @handle_few(workers=HASHES_AT_ONCE, capacity=HASHES_WAITING)
    async def create_as_admin(self, command: CreateUserAsAdmin) -> User:
        await self._check_admin(command.by)
        return await self._create(command, command.by)

    async def _create(self, command: CreateUser | CreateUserAsAdmin, by: UserId | None) -> User:
        password_hash = await self._passwords.hash(command.password)
        async with self._act() as act:
            admin = await act.admin(by) if by is not None else None
            user = await _add(act, command, password_hash, is_admin=command.is_admin)
            await act.record(Recorded.CREATED, admin, about=user.id, detail=_with_rights(user))
        return user

    @handle_few(workers=HASHES_AT_ONCE, capacity=HASHES_WAITING)
    async def register(self, command: Register) -> User:
        async with self._allowed(command.invite):
            check_time_zone(command.time_zone)
            password_hash = await self._passwords.hash(command.password)
            async with self._act() as act:
                profile = {"language": command.language, "time_zone": command.time_zone}
                user = await _add(act, command, password_hash, **profile)
                await act.record(Recorded.REGISTERED, user, about=user.id, detail=self._registration.value)
        return user

    @handle_few(workers=HASHES_AT_ONCE, capacity=HASHES_WAITING)
    async def sign_in(self, command: SignIn) -> User:
        """An unknown username takes as long as a wrong password, so that time does not tell who is here."""
        async with transaction(self._engine) as connection:
            found = await users.credentials(connection, command.username)
        fits = await self._passwords.fits(found.password_hash if found else self._passwords.nobodys, command.password)
        if found is None or not fits or not found.user.is_active:
            raise self._refusal(found)
        if self._passwords.is_weak(found.password_hash):
            await self._rehash(found, command.password)
        async with self._act() as act:
            user = await users.get(act.connection, found.user.id)
            # While the hash was made, an administrator or another password may have signed them out.
            if user is None or not user.is_active or user.signed_out_at != found.user.signed_out_at:
                raise self._refusal(found)
            await act.record(Recorded.SIGNED_IN, user, about=user.id)
        return user

    def _refusal(self, found: users.Credentials | None) -> BusError:
        log.info("sign-in refused", user=found.user.id if found else None)
        if found is not None:
            self._refused.append((datetime.now(UTC), found.user))
        return BusError(ErrorCode.UNAUTHENTICATED, "wrong username or password")

    async def record_refusals(self) -> None:
        """Put refused sign-ins on record: not while somebody waits for the answer, who could measure that."""
        refused = self._refused[:]
        if not refused:
            return
        async with self._act() as act:
            for at, user in refused:
                act.at = at
                await act.record(Recorded.SIGN_IN_REFUSED, None, about=user.id, username=user.username)
        del self._refused[: len(refused)]

    _refusals = every(0.5)(record_refusals)

    async def on_stop(self) -> None:
        await super().on_stop()
        with suppress(BusError):
            await self.record_refusals()

    @asynccontextmanager
    async def _allowed(self, code: InviteCode | None) -> AsyncGenerator[None]:
        """To register. Raises BusError FORBIDDEN, or UNAVAILABLE when nobody can say whether the invite holds."""
        if self._registration is Registration.CLOSED:
            raise forbidden("registration is closed here; ask an administrator for an account")
        if self._registration is Registration.OPEN:
            yield
            return
        if code is None:
            raise forbidden("one needs an invite to register here")
        async with self._places.taken(code, await self._look_at(code)):
            yield

    async def _look_at(self, code: InviteCode) -> InviteView:
        try:
            return await self.bus.request(LookAtInvite(code=code), timeout=_STORE_SECONDS)
        except BusError as error:
            if error.code is ErrorCode.NOT_FOUND:
                raise forbidden("this invite is not valid any more; ask for another one") from error
            raise

    async def _rehash(self, found: users.Credentials, password: str) -> None:
        """The password was hashed as an older version did it."""
        stronger = await self._passwords.hash(password)
        async with transaction(self._engine) as connection:
            await users.replace_hash(connection, found.user.id, old=found.password_hash, new=stronger)


async def _add(act: Act, wanted: CreateUser | CreateUserAsAdmin | Register, password_hash: str, **others: Any) -> User:
    told = {"username": wanted.username, "name": wanted.name, "password_hash": password_hash}
    user = await users.add(act.connection, at=act.at, **told, **others)
    if user is None:
        raise conflict("this username is taken", field="username")
    act.changed.append(user)
    return user


def _with_rights(user: User) -> str:
    return f"{user.username}, an administrator" if user.is_admin else user.username
