"""One's own account."""

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType

from gateway.access.limits import NEW_PASSWORD
from gateway.api import Ask, Edge, WithCookie, route
from gateway.auth import Caller, OwnSession
from gateway.me import Me
from schemas.accounts import ChangePassword, GetUser, Language, TimeZone, UpdateProfile
from schemas.base import Record
from schemas.text import Name, NewPassword, Password


class MyChanges(Record, forbid_unknown_fields=True):
    """What is sent changes, the rest stays."""

    name: Name | UnsetType = UNSET
    language: Language | UnsetType | None = UNSET
    time_zone: TimeZone | UnsetType = UNSET


class PasswordChange(Record, forbid_unknown_fields=True):
    old: Password
    new: NewPassword


_EXAMPLE = PasswordChange(old="correct horse battery", new="staple battery horse")


@route("GET", "/api/auth/me/")
async def me(ask: Ask, caller: Caller) -> Me:
    """Who is signed in."""
    return Me.of(await ask(GetUser(user=caller.id)))


@route("PATCH", "/api/auth/me/", example=MyChanges(name="Ann B."))
async def update_me(ask: Ask, caller: Caller, body: MyChanges) -> Me:
    """Change one's own name, language or time zone."""
    return Me.of(await ask(UpdateProfile(by=caller.id, **msgspec.structs.asdict(body))))


@route("POST", "/api/auth/password/", status=204, example=_EXAMPLE, limit=NEW_PASSWORD)
async def change_password(
    request: web.Request, edge: Edge, ask: Ask, session: OwnSession, body: PasswordChange
) -> WithCookie[None]:
    """Give oneself another password; all other sessions end, and this one goes on under a new cookie."""
    user = await ask(ChangePassword(by=session.caller.id, old=body.old, new=body.new))
    return WithCookie(body=None, cookie=await edge.door.sign_in_again(user, session, request))
