"""Invites: links that let somebody into a team, and into the product where that asks for one."""

from typing import Annotated, ClassVar

import msgspec

from schemas.base import Command, Record, Role, TeamEvent, UtcTime
from schemas.boards import BoardChange, BoardCommand
from schemas.ids import InviteId, TeamId, UserId
from schemas.members import MemberRole, Person
from schemas.teams import MyTeam
from schemas.text import Name

InviteCode = Annotated[
    str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_-]+$(?!\n)", description="From the link.")
]


Uses = Annotated[int, msgspec.Meta(ge=1, le=100)]
DAYS_AT_MOST = 30


class Invite(Record):
    """An open door into a team. Whoever has its code may enter until it expires or is used up."""

    id: InviteId
    team: TeamId
    role: MemberRole
    created_by: UserId
    created_at: UtcTime
    expires_at: UtcTime
    uses_left: int | None
    hint: str
    """How the code ends, to tell one from another."""


class InviteView(Record):
    """What somebody sees who holds a code and is in no team yet."""

    team_name: Name
    team: TeamId
    role: MemberRole
    invited_by: Name
    expires_at: UtcTime
    uses_left: int | None
    """How many may still enter; None is any number."""


class LookAtInvite(Command[InviteView], tag="invite.look"):
    """Where an invite leads; NOT_FOUND when it is unknown, expired, revoked or used up."""

    owner: ClassVar[Role] = Role.TASK_STORE
    senders: ClassVar[frozenset[Role]] = frozenset({Role.GATEWAY, Role.ACCOUNTS})
    confidential: ClassVar[bool] = True

    code: InviteCode


class InviteMade(Record):
    """An invite and its code, which nobody is told again: only a digest of it is kept."""

    invite: Invite
    code: InviteCode


class CreateInvite(BoardChange[InviteMade], tag="invite.create"):
    """Open a door into a team for 30 days at most; it holds for as long as the asker might still open it.

    A retry makes another invite whatever its key is: the code of the first is kept nowhere.
    """

    team: TeamId
    role: MemberRole
    expires_at: UtcTime
    uses: Uses | None = None
    """How many may enter; None is any number."""


class RevokeInvite(BoardChange[Invite], tag="invite.revoke"):
    """Shut a door into a team; NOT_FOUND when it is of another one than `team`."""

    invite: InviteId
    team: TeamId | None = None


class AcceptInvite(BoardChange[MyTeam], tag="invite.accept"):
    """Enter a team; CONFLICT when the asker, who must be the person, is in it already."""

    confidential: ClassVar[bool] = True

    code: InviteCode
    person: Person


class ListInvites(BoardCommand[list[Invite]], tag="invite.list"):
    """The open doors into a team, the newest first; for its admins."""

    team: TeamId


class InviteCreated(TeamEvent, tag="invite.created"):
    """There is another way into the team."""

    invite: Invite


class InviteRevoked(TeamEvent, tag="invite.revoked"):
    """A way into the team was shut."""

    invite: Invite
