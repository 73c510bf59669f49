"""The administration: what those who run the site may do to the accounts of others."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET
from sqlalchemy.exc import IntegrityError

from actors.accounts.act import Act
from actors.accounts.desk import Desk
from actors.accounts.passwords import HASHES_AT_ONCE, HASHES_WAITING
from actors.accounts.people import differences
from actors.accounts.tokens import described
from actors.sql import tokens, users
from infra.actor import handle, handle_few
from schemas.accounts import ActAsAdmin, ChangeUser, ListUsers, User, UserPage
from schemas.audit import Act as Recorded
from schemas.errors import conflict, not_found
from schemas.ids import UserId


class Administration(Desk):
    """Commands of administrators."""

    @handle
    async def list_users(self, query: ListUsers) -> UserPage:
        async with self._act() as act:
            await act.admin(query.by)
            count, found = await users.page(
                act.connection, query.q, is_active=query.is_active, limit=query.limit, offset=query.offset
            )
        return UserPage(count=count, users=found)

    @handle
    async def act_as_admin(self, command: ActAsAdmin) -> User:
        async with self._act() as act:
            admin = await act.admin(command.by)
            await act.record(command.act, admin, team=command.team, detail=command.about or "")
        return admin

    @handle_few(workers=HASHES_AT_ONCE, capacity=HASHES_WAITING)
    async def change(self, command: ChangeUser) -> User:
        password: dict[str, Any] = {}
        if command.password is not UNSET:
            await self._check_admin(command.by)
            password["password_hash"] = await self._passwords.hash(command.password)
        try:
            async with self._act() as act:
                return await _change(act, command, password)
        except IntegrityError as error:
            raise conflict("this username is taken", field="username") from error


async def _change(act: Act, command: ChangeUser, password: dict[str, Any]) -> User:
    admins: set[UserId] = set()
    if command.is_admin is False or command.is_active is False:
        # First, so that of two administrators who withdraw each other's rights at once one comes too late.
        admins = await users.lock_active_admins(act.connection)
    admin = await act.admin(command.by)
    if admins == {command.user}:
        raise conflict("the last active administrator must stay one")
    user = await users.get(act.connection, command.user, lock=True)
    if user is None:
        raise not_found("user")
    news = differences(user, command, "username", "name", "is_admin", "is_active") | password
    if not news:
        return user
    is_shut_out = bool(password) or news.get("is_active") is False
    if is_shut_out:
        news["signed_out_at"] = act.at
    changed = await users.change(act.connection, user.id, news)
    act.changed.append(changed)
    for what, detail in _acts(user, changed, news):
        await act.record(what, admin, about=user.id, detail=detail)
    # Whoever had their password may have made a token too, or may again be let in later.
    for token in await tokens.remove_all(act.connection, user.id) if is_shut_out else ():
        await act.record(Recorded.TOKEN_REVOKED, admin, about=user.id, detail=described(token))
    return changed


def _acts(user: User, changed: User, news: dict[str, Any]) -> Iterator[tuple[Recorded, str]]:
    """What goes on record, and about whom or what."""
    rights = {
        ("is_active", False): Recorded.DEACTIVATED,
        ("is_active", True): Recorded.RESTORED,
        ("is_admin", True): Recorded.ADMIN_GRANTED,
        ("is_admin", False): Recorded.ADMIN_WITHDRAWN,
    }
    for name in ("is_active", "is_admin"):
        if name in news:
            yield rights[name, news[name]], changed.username
    if "password_hash" in news:
        yield Recorded.PASSWORD_CHANGED, changed.username
    if "username" in news:
        yield Recorded.CHANGED, f"{user.username} has the username {changed.username} now"
    if "name" in news:
        yield Recorded.CHANGED, f"{changed.username} has the name {changed.name} now"
