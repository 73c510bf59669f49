"""Signing in and out, and coming for the first time."""

from aiohttp import web

from gateway.access.limits import REGISTER, SIGN_IN
from gateway.api import Ask, Edge, WithCookie, route
from gateway.me import Me
from schemas.accounts import Language, Register, Registration, SignIn, TimeZone
from schemas.base import Record
from schemas.invites import InviteCode
from schemas.text import Name, NewPassword, Password, Username


class Credentials(Record, forbid_unknown_fields=True):
    """What a person types to sign in."""

    username: Username
    password: Password


class NewAccount(Record, forbid_unknown_fields=True):
    """Somebody who comes for the first time; whether they need an `invite` says `/api/auth/registration/`."""

    username: Username
    password: NewPassword
    name: Name
    invite: InviteCode | None = None
    language: Language | None = None
    time_zone: TimeZone = "UTC"


class RegistrationMode(Record):
    """Who may register: nobody, whoever has an invite, or everybody."""

    mode: Registration


_EXAMPLE = Credentials(username="ann", password="correct horse battery")  # noqa: S106 - nobody's password
_NEW = NewAccount(username="ben", password="correct horse battery", name="Ben")  # noqa: S106 - nobody's password


@route("POST", "/api/auth/login/", example=_EXAMPLE, also=(401,), limit=SIGN_IN)
async def login(request: web.Request, edge: Edge, ask: Ask, body: Credentials) -> WithCookie[Me]:
    """Sign in; the answer sets the session cookie."""
    user = await ask(SignIn(username=body.username, password=body.password))
    return WithCookie(body=Me.of(user), cookie=await edge.door.sign_in(user, request))


@route("POST", "/api/auth/logout/", status=204)
async def logout(request: web.Request, edge: Edge) -> WithCookie[None]:
    """Sign out; nobody is refused for having signed out before."""
    return WithCookie(body=None, cookie=await edge.door.sign_out(request))


@route("POST", "/api/auth/register/", status=201, example=_NEW, also=(409,), limit=REGISTER)
async def register(request: web.Request, edge: Edge, ask: Ask, body: NewAccount) -> WithCookie[Me]:
    """Create an account of one's own; the answer sets the session cookie."""
    command = Register(
        username=body.username,
        password=body.password,
        name=body.name,
        invite=body.invite,
        language=body.language,
        time_zone=body.time_zone,
    )
    user = await ask(command)
    return WithCookie(body=Me.of(user), cookie=await edge.door.sign_in(user, request))


@route("GET", "/api/auth/registration/")
async def registration(edge: Edge) -> RegistrationMode:
    """Who may register."""
    return RegistrationMode(mode=edge.settings.registration)
