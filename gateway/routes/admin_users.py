"""The administration: users, and the record of who did what."""

from msgspec import UNSET, UnsetType
from yarl import URL

from gateway.access.administrators import administrator
from gateway.api import Ask, route
from gateway.auth import Caller, OwnSession
from gateway.pages import Page, Paging, page
from schemas.accounts import ChangeUser, CreateUserAsAdmin, ListUsers, User
from schemas.audit import AuditPage, ListAudit
from schemas.base import Record
from schemas.boards import Limit
from schemas.ids import AuditId, UserId
from schemas.text import Name, NewPassword, Query, Username


class UserQuery(Paging):
    """`q` is a part of the username or of the name."""

    q: Query = ""
    is_active: bool | None = None


class NewUser(Record, forbid_unknown_fields=True):
    username: Username
    password: NewPassword
    name: Name
    is_admin: bool = False


class UserChanges(Record, forbid_unknown_fields=True):
    """What is sent changes, the rest stays; a new password ends all of the user's sessions."""

    username: Username | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    is_admin: bool | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    password: NewPassword | UnsetType = UNSET


class AuditQuery(Record, forbid_unknown_fields=True):
    """`q` is a part of a username, of an act or of its detail; `before` gets the next page."""

    q: Query = ""
    before: AuditId | None = None
    limit: Limit = 50


_NEW = NewUser(username="ben", password="correct horse battery", name="Ben")  # noqa: S106 - nobody's password


@route("GET", "/api/admin/users/", also=(403,))
async def admin_list_users(ask: Ask, caller: Caller, url: URL, query: UserQuery) -> Page[User]:
    """All users, by username."""
    by = administrator(caller)
    wanted = ListUsers(by=by, q=query.q, is_active=query.is_active, limit=query.limit, offset=query.offset)
    found = await ask(wanted)
    return page(url, query, found.count, found.users)


@route("POST", "/api/admin/users/", status=201, example=_NEW)
async def admin_create_user(ask: Ask, session: OwnSession, body: NewUser) -> User:
    """Create a user; 409 when the username is taken."""
    new = CreateUserAsAdmin(
        by=administrator(session.caller),
        username=body.username,
        password=body.password,
        name=body.name,
        is_admin=body.is_admin,
    )
    return await ask(new)


@route("PATCH", "/api/admin/users/{user}/", example=UserChanges(name="Benjamin"))
async def admin_update_user(ask: Ask, session: OwnSession, user: UserId, body: UserChanges) -> User:
    """Change a user; the last active administrator stays one."""
    change = ChangeUser(
        by=administrator(session.caller),
        user=user,
        username=body.username,
        name=body.name,
        is_admin=body.is_admin,
        is_active=body.is_active,
        password=body.password,
    )
    return await ask(change)


@route("GET", "/api/admin/audit/", also=(403,))
async def admin_list_audit(ask: Ask, caller: Caller, query: AuditQuery) -> AuditPage:
    """Who did what, newest first."""
    return await ask(ListAudit(by=administrator(caller), q=query.q, before=query.before, limit=query.limit))
