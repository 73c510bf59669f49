"""What a browser shows at the door: a cookie that says who it is for, an origin that says whose page is asking."""

from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from gateway.auth import Caller, Sessions
from gateway.errors import HttpProblem
from schemas.accounts import User
from schemas.errors import BusError, ErrorCode

COOKIE = "ttm_session"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# The server decides how long a session lasts, so the cookie lives as long as browsers let one.
_COOKIE_SECONDS = 400 * 24 * 3600
_OWN_SITES = (None, "same-origin", "none")


def session_of(request: web.Request) -> str:
    """The session's id, or the empty string. Reads one cookie where `request.cookies` would parse them all."""
    for cookie in request.headers.get("Cookie", "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


class Door:
    """Lets browsers in, and nobody who only borrows one."""

    def __init__(self, sessions: Sessions, public_url: str = "") -> None:
        self.sessions = sessions
        self._public_host = urlsplit(public_url).netloc.lower()
        self._public_https = public_url.startswith("https:")

    async def caller(self, request: web.Request) -> Caller:
        """Who is signed in; raises BusError UNAUTHENTICATED."""
        token = session_of(request)
        caller = await self.sessions.find(token) if token else None
        if caller is None:
            raise BusError(ErrorCode.UNAUTHENTICATED, "please sign in")
        return caller

    def check_origin(self, request: web.Request) -> None:
        """Refuse what another site's page sends with our cookie; programs send neither header."""
        if request.headers.get("Sec-Fetch-Site") not in _OWN_SITES:
            raise HttpProblem(HTTPStatus.FORBIDDEN, "another site may not do this")
        origin = request.headers.get("Origin")
        if origin is None:
            return
        host = origin.partition("://")[2].lower()
        if not host or host not in (request.headers.get("Host", "").lower(), self._public_host):
            raise HttpProblem(HTTPStatus.FORBIDDEN, "another site may not do this")

    async def sign_in(self, user: User, request: web.Request) -> str:
        """Open a session; gives the `Set-Cookie` for it. A session that the browser had before ends."""
        await self.sign_out(request)
        token = await self.sessions.open(user)
        return self._cookie(request, token, _COOKIE_SECONDS)

    async def sign_out(self, request: web.Request) -> str:
        """End the session, if there is one; gives the `Set-Cookie` that forgets it."""
        if token := session_of(request):
            await self.sessions.close(token)
        return self._cookie(request, "", 0)

    def _cookie(self, request: web.Request, value: str, seconds: int) -> str:
        secure = "; Secure" if self._public_https or request.secure else ""
        return f"{COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
