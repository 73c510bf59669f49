"""Invites: links that let people into a team."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from yarl import URL

from gateway.access.limits import INVITE
from gateway.api import Ask, route
from gateway.auth import Caller
from schemas.base import Record
from schemas.ids import InviteId, TeamId
from schemas.invites import (
    DAYS_AT_MOST,
    AcceptInvite,
    CreateInvite,
    Invite,
    InviteCode,
    InviteMade,
    InviteView,
    ListInvites,
    LookAtInvite,
    RevokeInvite,
    Uses,
)
from schemas.members import MemberRole, Person
from schemas.teams import MyTeam

_A_WEEK = 7 * 24
PAGE = "/invite/"
"""Where the client shows an invite."""


class NewInvite(Record, forbid_unknown_fields=True):
    """What those become who come by it, how long it holds, and for how many; null is any number."""

    role: MemberRole = MemberRole.MEMBER
    expires_in_hours: Annotated[int, msgspec.Meta(ge=1, le=DAYS_AT_MOST * 24)] = _A_WEEK
    uses: Uses | None = None


class InviteLink(InviteMade):
    """An invite, and the link to send to those who are invited."""

    url: str


@route("GET", "/api/teams/{team}/invites/", also=(403,))
async def list_invites(ask: Ask, caller: Caller, team: TeamId) -> list[Invite]:
    """The invites to a team that hold, newest first."""
    return await ask(ListInvites(by=caller.id, team=team))


@route("POST", "/api/teams/{team}/invites/", status=201, example=NewInvite(uses=1))
async def create_invite(ask: Ask, caller: Caller, team: TeamId, url: URL, body: NewInvite) -> InviteLink:
    """Make an invite; its code is told this once. It holds for as long as you may invite people yourself."""
    expires_at = datetime.now(UTC) + timedelta(hours=body.expires_in_hours)
    made = await ask(CreateInvite(by=caller.id, team=team, role=body.role, expires_at=expires_at, uses=body.uses))
    return InviteLink(invite=made.invite, code=made.code, url=str(url.join(URL(f"{PAGE}{made.code}"))))


@route("DELETE", "/api/teams/{team}/invites/{invite}/", status=204)
async def revoke_invite(ask: Ask, caller: Caller, team: TeamId, invite: InviteId) -> None:
    """Let nobody in by an invite any more."""
    await ask(RevokeInvite(by=caller.id, team=team, invite=invite))


@route("GET", "/api/invites/{code}/", limit=INVITE)
async def look_at_invite(ask: Ask, code: InviteCode) -> InviteView:
    """Where an invite leads; whoever has the code may see that."""
    return await ask(LookAtInvite(code=code))


@route("POST", "/api/invites/{code}/accept/", limit=INVITE)
async def accept_invite(ask: Ask, caller: Caller, code: InviteCode) -> MyTeam:
    """Enter the team; 409 when you are in it."""
    person = Person(user=caller.id, username=caller.username, name=caller.name)
    return await ask(AcceptInvite(by=caller.id, code=code, person=person))
