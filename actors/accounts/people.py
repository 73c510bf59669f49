"""People: who they are, and what they change about themselves."""

from typing import Any

import msgspec
from msgspec import UNSET

from actors.accounts.desk import Desk
from actors.accounts.passwords import HASHES_AT_ONCE, HASHES_WAITING
from actors.accounts.time_zones import check_time_zone
from actors.sql import users
from infra.actor import handle, handle_few
from infra.db import transaction
from schemas.accounts import ChangePassword, FindUser, GetUser, UpdateProfile, User
from schemas.audit import Act as Recorded
from schemas.errors import BusError, ErrorCode, conflict, not_found
from schemas.ids import UserId


class People(Desk):
    """Commands about one person, most of them their own."""

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

    @handle
    async def update(self, command: UpdateProfile) -> User:
        if command.time_zone is not UNSET:
            check_time_zone(command.time_zone)
        async with self._act() as act:
            asker = await act.asker(command.by, lock=True)
            news = differences(asker, command, "name", "language", "time_zone")
            if not news:
                return asker
            user = await users.change(act.connection, asker.id, news)
            act.changed.append(user)
        return user

    @handle_few(workers=HASHES_AT_ONCE, capacity=HASHES_WAITING)
    async def change_password(self, command: ChangePassword) -> User:
        old_hash = await self._checked_hash(command.by, command.old)
        new_hash = await self._passwords.hash(command.new)
        async with self._act() as act:
            asker = await act.asker(command.by, lock=True)
            if not await users.replace_hash(act.connection, asker.id, old=old_hash, new=new_hash):
                raise conflict("the password was changed meanwhile")
            user = await users.change(act.connection, asker.id, {"signed_out_at": act.at})
            act.changed.append(user)
            await act.record(Recorded.PASSWORD_CHANGED, asker, about=asker.id, detail="their own")
        return user

    async def _checked_hash(self, by: UserId, password: str) -> str:
        """The hash that the password of the asker was found to fit. Raises BusError FORBIDDEN."""
        async with transaction(self._engine) as connection:
            found = await users.credentials(connection, by)
        fits = found is not None and await self._passwords.fits(found.password_hash, password)
        if found is None or not fits:
            raise BusError(ErrorCode.FORBIDDEN, "the old password is wrong", field="old")
        return found.password_hash


def differences(user: User, command: msgspec.Struct, *names: str) -> dict[str, Any]:
    """Those fields of the command that are there and say something new about the user."""
    said = {name: getattr(command, name) for name in names}
    return {name: value for name, value in said.items() if value is not UNSET and value != getattr(user, name)}
