"""One person's browser, as far as the gateway can tell."""

from typing import Any, NamedTuple

from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType
from yarl import URL

from schemas.accounts import User
from tests.conftest import PASSWORD

COOKIE = "ttm_session"
"""Its value is the secret of the session."""


class Answer(NamedTuple):
    """`body` is the decoded JSON, or the text of what is not JSON."""

    status: int
    body: Any
    headers: Any

    @property
    def refused(self) -> tuple[int, str | None]:
        """The status and the field of a problem document, which it must be."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        assert self.body["status"] == self.status
        assert self.body["type"] == "about:blank"
        assert self.body["title"]
        assert self.body["detail"]
        return self.status, self.body.get("field")


class Browser:
    """Keeps cookies; `user` is whoever signed in here."""

    def __init__(self, address: str, user: User | None = None) -> None:
        self._address = URL(address)
        self._session = ClientSession(self._address, cookie_jar=CookieJar(unsafe=True))
        self._user = user

    @property
    def user(self) -> User:
        assert self._user is not None
        return self._user

    @property
    def cookie(self) -> str:
        """The secret of the session."""
        (cookie,) = [cookie for cookie in self._session.cookie_jar if cookie.key == COOKIE]
        return cookie.value

    async def close(self) -> None:
        await self._session.close()

    def resume(self, session: str) -> None:
        """Go on in a session that was begun elsewhere."""
        self._session.cookie_jar.update_cookies({COOKIE: session}, self._address)

    async def sign_in(self, password: str = PASSWORD) -> Answer:
        return await self.post("/api/auth/login/", {"username": self.user.username, "password": password})

    async def send(self, method: str, path: str, json: Any = None, **options: Any) -> Answer:
        """`options` are aiohttp's: `data`, `headers`, ..."""
        if json is not None:
            options["json"] = json
        async with self._session.request(method, path, allow_redirects=False, **options) as response:
            body: Any = await response.text()
            if "json" in response.headers.get("Content-Type", "") and body:
                body = await response.json(content_type=None)
            return Answer(response.status, body, response.headers)

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.send("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> Answer:
        return await self.send("POST", path, json, **options)

    async def patch(self, path: str, json: Any, **options: Any) -> Answer:
        return await self.send("PATCH", path, json, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self.send("DELETE", path, **options)

    async def listen(self, team: object, after: int | None = None, **options: Any) -> "Ear":
        """Open a team's socket."""
        path = f"/ws/team/{team}/" if after is None else f"/ws/team/{team}/?after={after}"
        return Ear(await self._session.ws_connect(path, **options))

    async def listen_for_oneself(self, **options: Any) -> "Ear":
        """Open the person's own socket."""
        return Ear(await self._session.ws_connect("/ws/user/", **options))


class Ear:
    """The browser's end of a socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def frame(self) -> dict[str, Any]:
        """The next frame but those that come by the clock."""
        while (frame := await self.any_frame())["type"] in ("position", "viewers"):
            pass
        return frame

    async def any_frame(self) -> dict[str, Any]:
        message = await self.socket.receive()
        assert message.type is WSMsgType.TEXT, (message, self.socket.close_code)
        return message.json()

    async def frames(self, count: int) -> list[dict[str, Any]]:
        return [await self.frame() for _ in range(count)]

    async def until(self, kind: str) -> dict[str, Any]:
        """The next frame of this type; those before it are passed over."""
        while (frame := await self.frame())["type"] != kind:
            pass
        return frame

    async def closed(self) -> int | None:
        """Read to the end; the close code."""
        async for _ in self.socket:
            pass
        return self.socket.close_code

    async def close(self) -> None:
        await self.socket.close()
