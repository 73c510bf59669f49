"""Is it alive, is it ready: for supervisors and load balancers."""

import asyncio
from typing import Any, Literal

from gateway.api import Edge, route
from schemas.accounts import GetUser
from schemas.base import Command, Record
from schemas.errors import BusError, ErrorCode
from schemas.ids import UserId
from schemas.replay import GetPositions

_SECONDS = 2.0


class Health(Record):
    status: Literal["ok"] = "ok"


@route("GET", "/healthz")
async def alive() -> Health:
    """The process answers."""
    return Health()


@route("GET", "/readyz")
async def ready(edge: Edge) -> Health:
    """All that requests need is there; otherwise 503 says what is missing."""
    answers = await asyncio.gather(
        _answers(edge, GetPositions(teams=[])),
        _answers(edge, GetUser(user=UserId(1))),
        _sessions(edge),
    )
    missing = [name for name, there in zip(("task-store", "accounts", "redis"), answers, strict=True) if not there]
    if not edge.bus.connected:
        missing.insert(0, "nats")
    if missing:
        raise BusError(ErrorCode.OVERLOADED, f"not ready: {', '.join(missing)}")
    return Health()


async def _answers(edge: Edge, command: Command[Any]) -> bool:
    """Whether the actor that owns `command` is there; a refusal is an answer too."""
    try:
        await edge.bus.request(command, timeout=_SECONDS)
    except BusError as error:
        return error.code not in (ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED, ErrorCode.INTERNAL)
    return True


async def _sessions(edge: Edge) -> bool:
    try:
        await edge.sessions.ping()
    except BusError:
        return False
    return True
