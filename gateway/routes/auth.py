"""Signing in and out."""

from aiohttp import web

from gateway.api import Ask, Edge, WithCookie, route
from gateway.auth import Caller
from schemas.accounts import SignIn
from schemas.base import Record
from schemas.ids import UserId
from schemas.text import Name, Password, Username


class Credentials(Record, forbid_unknown_fields=True):
    """What a person types to sign in."""

    username: Username
    password: Password


class Me(Record):
    """Who is signed in. `name` is what others see; `is_admin` lets into the administration."""

    id: UserId
    username: Username
    name: Name
    is_admin: bool


_EXAMPLE = Credentials(username="ann", password="correct horse battery")  # noqa: S106 - nobody's password


@route("POST", "/api/auth/login/", example=_EXAMPLE, also=(401,))
async def login(request: web.Request, edge: Edge, ask: Ask, body: Credentials) -> WithCookie[Me]:
    """Sign in; the answer sets the session cookie."""
    user = await ask(SignIn(username=body.username, password=body.password))
    cookie = await edge.door.sign_in(user, request)
    me = Me(id=user.id, username=user.username, name=user.name, is_admin=user.is_admin)
    return WithCookie(body=me, cookie=cookie)


@route("POST", "/api/auth/logout/", status=204)
async def logout(request: web.Request, edge: Edge) -> WithCookie[None]:
    """Sign out; nobody is refused for having signed out before."""
    return WithCookie(body=None, cookie=await edge.door.sign_out(request))


@route("GET", "/api/auth/me/")
async def me(caller: Caller) -> Me:
    """Who is signed in."""
    return Me(id=caller.id, username=caller.username, name=caller.name, is_admin=caller.is_admin)
