"""Answers that a client has already: ETag, If-None-Match and 304."""

from collections.abc import Awaitable, Callable
from hashlib import blake2b
from http import HTTPStatus

import msgspec
from aiohttp import web

from gateway.auth import Caller
from infra.bus import Bus
from schemas.errors import BusError
from schemas.history import Board
from schemas.ids import Seq, TeamId, UserId
from schemas.replay import GetPositions
from schemas.teams import GetTeam

IF_NONE_MATCH = "If-None-Match"

_DIGEST_BYTES = 12
_HEADERS = {"Content-Type": "application/json", "Cache-Control": "private, no-cache"}
# The same position looks different to a client of another version.
_BOARD_FORM = blake2b(msgspec.json.encode(msgspec.json.schema(Board)), digest_size=4).hexdigest()

Unchanged = Callable[[web.Request, Caller, TeamId], Awaitable[str | None]]


def has(request: web.Request, tag: str) -> bool:
    """Whether the client says that it holds what has this tag."""
    known = request.headers.get(IF_NONE_MATCH)
    if known is None:
        return False
    return known.strip() == "*" or any(part.strip() in (tag, tag[2:]) for part in known.split(","))


def tagged(request: web.Request, body: bytes, tag: str = "") -> web.Response:
    """The answer with its tag, made from the body unless there is a better one; or 304 for a client that has it."""
    tag = tag or f'W/"{blake2b(body, digest_size=_DIGEST_BYTES).hexdigest()}"'
    if has(request, tag):
        return not_modified(tag)
    return web.Response(body=body, headers={**_HEADERS, "ETag": tag})


def not_modified(tag: str) -> web.Response:
    return web.Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag, "Cache-Control": "private, no-cache"})


def board_tag(user: UserId, team: TeamId, seq: Seq) -> str:
    """A board is what its position says; its asker's role, which it tells too, is part of the history as well."""
    return f'W/"board-{_BOARD_FORM}-{user}-{team}-{seq}"'


def unchanged_board(bus: Bus) -> Unchanged:
    """Finds out whether a client has the newest board, without making one."""

    async def look(request: web.Request, caller: Caller, team: TeamId) -> str | None:
        """The tag that the client showed, if it is that of the newest board and the caller may see it."""
        if IF_NONE_MATCH not in request.headers:
            return None
        try:
            await bus.request(GetTeam(by=caller.id, team=team))
            positions = await bus.request(GetPositions(teams=[team]))
        except BusError:
            return None  # whoever makes the board will say what is the matter
        tag = board_tag(caller.id, team, positions[0].seq) if positions else ""
        return tag if tag and has(request, tag) else None

    return look
