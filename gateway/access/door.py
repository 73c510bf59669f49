"""What is shown at the door: a cookie or a token that says who it is for, an origin that says whose page is asking."""

from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp import web

from gateway.access.limits import Guesses
from gateway.access.peers import Peers
from gateway.access.session_index import SessionIndex
from gateway.access.sessions import Sessions, session_key
from gateway.access.tokens import Tokens, can_be_token
from gateway.auth import Caller, OwnSession
from gateway.errors import HttpProblem
from schemas.accounts import User
from schemas.errors import BusError, ErrorCode

COOKIE = "ttm_session"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# The server decides how long a session lasts, so the cookie lives as long as browsers let one.
_COOKIE_SECONDS = 400 * 24 * 3600
_OWN_SITES = (None, "same-origin", "none")
_BEARER = {"WWW-Authenticate": "Bearer"}


class Proof(NamedTuple):
    """What somebody showed: the secret of a session, or an API token."""

    secret: str
    is_token: bool

    @property
    def key(self) -> str:
        """The key of the session; empty for a token."""
        return "" if self.is_token else session_key(self.secret)


def session_of(request: web.Request) -> str:
    """The session's secret, or the empty string. Reads one cookie where `request.cookies` would parse them all."""
    for cookie in request.headers.get("Cookie", "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def bearer_of(request: web.Request) -> str | None:
    """The token of `Authorization: Bearer`; None without one, for other schemes belong to the proxy before us."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def proof_of(request: web.Request) -> Proof:
    """Whoever shows a token is asked for nothing else: a wrong one does not fall back to the cookie."""
    token = bearer_of(request)
    return Proof(session_of(request), is_token=False) if token is None else Proof(token, is_token=True)


def wrong_token() -> HttpProblem:
    return HttpProblem(HTTPStatus.UNAUTHORIZED, "this token is not valid", _BEARER)


class Door:
    """Lets people in, and nobody who only borrows a browser."""

    def __init__(
        self,
        sessions: Sessions,
        index: SessionIndex,
        tokens: Tokens,
        guesses: Guesses,
        peers: Peers,
        public_url: str = "",
    ) -> None:
        self._sessions = sessions
        self._index = index
        self._tokens = tokens
        self._guesses = guesses
        self._peers = peers
        public = urlsplit(public_url)
        self._public_origin = f"{public.scheme}://{public.netloc}".lower()
        self._public_host = public.netloc.lower()
        self._public_https = public_url.startswith("https:")

    async def caller(self, request: web.Request) -> Caller:
        """Who asks, with a session or a token; raises BusError UNAUTHENTICATED, or HttpProblem."""
        token = bearer_of(request)
        if token is not None:
            return await self._token_holder(request, token)
        return (await self._session(request)).caller

    async def own_session(self, request: web.Request) -> OwnSession:
        """The session in which somebody asks; raises as `caller`, and refuses tokens."""
        token = bearer_of(request)
        if token is not None:
            await self._token_holder(request, token)
            raise HttpProblem(HTTPStatus.FORBIDDEN, "an API token may not do this; sign in with username and password")
        return await self._session(request)

    async def _session(self, request: web.Request) -> OwnSession:
        secret = session_of(request)
        own = await self._sessions.find(secret) if secret else None
        if own is None:
            raise BusError(ErrorCode.UNAUTHENTICATED, "please sign in")
        return own

    async def _token_holder(self, request: web.Request, token: str) -> Caller:
        if not can_be_token(token):
            raise wrong_token()
        address = self._peers.counted(request)
        if not self._tokens.was_good(token):
            # Whoever guesses keeps nobody out who calls from the same address, behind the same proxy say.
            self._guesses.check(address)
        caller = await self._tokens.find(token)
        if caller is None:
            await self._guesses.wrong(address)
            raise wrong_token()
        return caller

    async def is_good(self, proof: Proof) -> bool:
        """Whether what was shown before would still let somebody in. Raises BusError when that cannot be known."""
        found = await (self._tokens if proof.is_token else self._sessions).find(proof.secret)
        return found is not None

    def check_origin(self, request: web.Request) -> None:
        """Refuse what another site's page sends with our cookie; programs send neither header.

        No page can send another site's token without being asked first, and nobody answers that here.
        """
        if bearer_of(request) is not None:
            return
        if request.headers.get("Sec-Fetch-Site") not in _OWN_SITES:
            raise HttpProblem(HTTPStatus.FORBIDDEN, "another site may not do this")
        origin = request.headers.get("Origin")
        if origin is None:
            return
        if not self._is_own(origin.lower(), request.headers.get("Host", "").lower()):
            raise HttpProblem(HTTPStatus.FORBIDDEN, "another site may not do this")

    def _is_own(self, origin: str, asked: str) -> bool:
        """Whether it is the site of PUBLIC_URL, or else the host that was asked, whose scheme only a proxy knows."""
        host = origin.partition("://")[2]
        if host and host == self._public_host:
            return origin == self._public_origin
        return bool(host) and host == asked

    async def sign_in(self, user: User, request: web.Request) -> str:
        """Open a session; gives the `Set-Cookie` for it. A session that the browser had before ends."""
        await self.sign_out(request)
        await self._index.make_room(user.id)
        return self._cookie(request, await self._open(user, request), _COOKIE_SECONDS)

    async def sign_in_again(self, user: User, session: OwnSession, request: web.Request) -> str:
        """Open a session in the place of this one, whose sockets go over to it, and end all others of the person."""
        secret = await self._open(user, request)
        await self._sessions.end(user.id, session.key, heir=secret)
        await self._index.end_all(user.id, but=session_key(secret))
        return self._cookie(request, secret, _COOKIE_SECONDS)

    async def _open(self, user: User, request: web.Request) -> str:
        # Bytes that are no UTF-8 arrive as halves of characters, which JSON cannot hold.
        agent = request.headers.get("User-Agent", "").encode(errors="replace").decode()
        return await self._sessions.open(user, address=self._peers.address(request), agent=agent)

    async def sign_out(self, request: web.Request) -> str:
        """End the session, if there is one; gives the `Set-Cookie` that forgets it."""
        if secret := session_of(request):
            await self._sessions.close(secret)
        return self._cookie(request, "", 0)

    def _cookie(self, request: web.Request, value: str, seconds: int) -> str:
        secure = "; Secure" if self._public_https or request.secure else ""
        return f"{COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
