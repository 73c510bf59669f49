"""Where one is signed in."""

from typing import Annotated

import msgspec

from gateway.api import Edge, route
from gateway.auth import OwnSession
from schemas.base import Record, UtcTime
from schemas.errors import not_found

SessionId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$(?!\n)", description="16 hexadecimal digits.")]

_ID_LENGTH = 16


class SessionView(Record):
    """A place where one is signed in. `seen_at`, when it was last used, is exact to a minute."""

    id: SessionId
    created_at: UtcTime
    seen_at: UtcTime
    address: str
    agent: str
    """What the browser calls itself."""
    is_current: bool


@route("GET", "/api/auth/sessions/")
async def list_sessions(edge: Edge, session: OwnSession) -> list[SessionView]:
    """Where one is signed in, the one used last first."""
    return [
        SessionView(
            id=one.key[:_ID_LENGTH],
            created_at=one.session.created_at,
            seen_at=one.seen_at,
            address=one.session.address,
            agent=one.session.agent,
            is_current=one.key == session.key,
        )
        for one in await edge.index.of(session.caller.id)
    ]


@route("DELETE", "/api/auth/sessions/", status=204)
async def end_other_sessions(edge: Edge, session: OwnSession) -> None:
    """Sign out everywhere else."""
    await edge.index.end_all(session.caller.id, but=session.key)


@route("DELETE", "/api/auth/sessions/{session_id}/", status=204)
async def end_session(edge: Edge, session: OwnSession, session_id: SessionId) -> None:
    """Sign out at one place, be it this one."""
    for one in await edge.index.of(session.caller.id):
        if one.key.startswith(session_id):
            await edge.sessions.end(session.caller.id, one.key)
            return
    raise not_found("session")
