"""What happened, what it looked like then, and taking it back."""

from typing import Annotated

import msgspec

from gateway.api import Ask, route
from gateway.auth import Caller
from schemas.base import Record
from schemas.boards import Limit
from schemas.history import Activity, GetVisit, ListActivity, MarkSeen, Undo, Visit
from schemas.ids import Seq, TaskId, TeamId


class ActivityQuery(Record, forbid_unknown_fields=True):
    task: TaskId | None = None
    """Only what happened to this task."""
    before: Annotated[Seq, msgspec.Meta(ge=1, le=2**53 - 1)] | None = None
    limit: Limit = 50


class SeenUpTo(Record, forbid_unknown_fields=True):
    seq: Annotated[Seq, msgspec.Meta(ge=0, le=2**53 - 1)]


class Undone(Record):
    change: Seq
    """The `seq` of the first event that was taken back."""


@route("GET", "/api/teams/{team}/activity/")
async def list_activity(ask: Ask, caller: Caller, team: TeamId, query: ActivityQuery) -> Activity:
    """What happened in a team, newest first: the events as the bus carried them."""
    asked = ListActivity(by=caller.id, team=team, task=query.task, before=query.before, limit=query.limit)
    return await ask(asked)


@route("POST", "/api/teams/{team}/undo/")
async def undo(ask: Ask, caller: Caller, team: TeamId) -> Undone:
    """Take back your last change; refused with the reason when somebody else changed the same thing since."""
    return Undone(change=await ask(Undo(by=caller.id, team=team)))


@route("GET", "/api/teams/{team}/visit/")
async def get_visit(ask: Ask, caller: Caller, team: TeamId) -> Visit:
    """Where you were when you last left: what is newer in the activity, you have not seen."""
    return await ask(GetVisit(by=caller.id, team=team))


@route("POST", "/api/teams/{team}/visit/", example=SeenUpTo(seq=Seq(1)))
async def mark_seen(ask: Ask, caller: Caller, team: TeamId, body: SeenUpTo) -> Visit:
    """You have seen all up to a position."""
    return await ask(MarkSeen(by=caller.id, team=team, seq=body.seq))
