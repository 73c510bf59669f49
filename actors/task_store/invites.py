"""The rules of invites: whoever has the code of one may enter its team, for as long as it holds."""

import secrets
from datetime import timedelta

from msgspec.structs import replace

from actors.sql.invites import KeptInvite, digest_of
from actors.sql.needs import Needs
from actors.task_store.ledger import Ledger
from actors.task_store.members import may_grant
from actors.task_store.rules import decide, need
from schemas.errors import BusError, conflict, forbidden, invalid, not_found
from schemas.invites import (
    DAYS_AT_MOST,
    AcceptInvite,
    CreateInvite,
    Invite,
    InviteCreated,
    InviteMade,
    InviteRevoked,
    RevokeInvite,
)
from schemas.members import Member, MemberAdded, MemberRole
from schemas.teams import MyTeam

_AT_MOST = 100
_CODE_BYTES = 24
_HINT = 4


@need.register
def _(change: CreateInvite, needs: Needs) -> None:
    needs.new_invites += 1
    needs.inviting.add(change.team)


@need.register
def _(change: RevokeInvite, needs: Needs) -> None:
    needs.invites.add(change.invite)


@need.register
def _(change: AcceptInvite, needs: Needs) -> None:
    needs.codes.add(digest_of(change.code))


@decide.register
def create_invite(change: CreateInvite, ledger: Ledger) -> InviteMade:
    ledger.team(change.team, change.by, MemberRole.ADMIN)
    _check_role(change, ledger)
    if not ledger.now < change.expires_at <= ledger.now + timedelta(days=DAYS_AT_MOST, minutes=1):
        raise invalid(f"an invite expires within {DAYS_AT_MOST} days from now", "expires_at")
    if sum(invite.team == change.team for invite in ledger.invites.values()) >= _AT_MOST:
        raise conflict(f"a team has at most {_AT_MOST} invites; revoke one first")
    code = secrets.token_urlsafe(_CODE_BYTES)
    invite = KeptInvite(
        id=next(ledger.new_invite_ids),
        team=change.team,
        role=change.role,
        created_by=change.by,
        created_at=ledger.now,
        expires_at=change.expires_at,
        uses_left=change.uses,
        hint=code[-_HINT:],
        digest=digest_of(code),
    )
    ledger.invites[invite.id] = invite
    ledger.emit(InviteCreated, invite.team, change.by, invite=invite.shown())
    return InviteMade(invite=invite.shown(), code=code)


def _check_role(change: CreateInvite, ledger: Ledger) -> None:
    if change.role is MemberRole.OWNER:
        raise invalid("nobody becomes an owner by an invite", "role")
    inviter = ledger.members.get((change.team, change.by))
    if inviter is None:
        raise forbidden("an invite is in the name of a member; join the team first")
    if not may_grant(inviter.role, change.role):
        raise forbidden("only an owner makes or unmakes admins and owners")


@decide.register
def revoke_invite(change: RevokeInvite, ledger: Ledger) -> Invite:
    invite = ledger.invites.get(change.invite)
    if invite is None or change.team not in (None, invite.team) or ledger.standing(invite.team, change.by) is None:
        raise not_found("invite")
    ledger.team(invite.team, change.by, MemberRole.ADMIN)
    del ledger.invites[invite.id]
    ledger.emit(InviteRevoked, invite.team, change.by, invite=invite.shown())
    return invite.shown()


@decide.register
def accept_invite(change: AcceptInvite, ledger: Ledger) -> MyTeam:
    person = change.person
    if person.user != change.by:
        raise invalid("everybody enters for themselves", "person")
    digest = digest_of(change.code)
    invite = next((invite for invite in ledger.invites.values() if invite.digest == digest), None)
    if invite is None or not _holds(invite, ledger):
        raise no_such_invite()
    if (invite.team, change.by) in ledger.members:
        raise conflict("you are in this team already")
    member = Member(team=invite.team, user=person.user, username=person.username, name=person.name, role=invite.role)
    ledger.members[member.team, member.user] = member
    _use(invite, ledger)
    ledger.emit(MemberAdded, invite.team, change.by, member=member, invited_by=invite.created_by)
    return ledger.my_team(ledger.teams[invite.team], change.by)


def no_such_invite() -> BusError:
    """The same whatever is wrong with it, so that nobody learns which codes there ever were."""
    return BusError(not_found("invite").code, "this invite does not hold, or no longer; ask for a new one")


def _holds(invite: KeptInvite, ledger: Ledger) -> bool:
    """While whoever made it might still make it: the same is read in actors/sql/invites.py."""
    inviter = ledger.members.get((invite.team, invite.created_by))
    return (
        invite.expires_at > ledger.now
        and ledger.teams[invite.team].deleted_at is None
        and inviter is not None
        and inviter.is_active
        and inviter.role in (MemberRole.ADMIN, MemberRole.OWNER)
        and may_grant(inviter.role, invite.role)
    )


def _use(invite: KeptInvite, ledger: Ledger) -> None:
    """The last use shuts the door."""
    if invite.uses_left == 1:
        del ledger.invites[invite.id]
    elif invite.uses_left is not None:
        ledger.invites[invite.id] = replace(invite, uses_left=invite.uses_left - 1)
