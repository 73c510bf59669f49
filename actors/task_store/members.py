"""The rules of a team's members."""

from msgspec.structs import replace

from actors.sql.needs import Needs
from actors.task_store.ledger import Ledger
from actors.task_store.rules import decide, need
from schemas.errors import conflict, forbidden, not_found
from schemas.ids import TeamId, UserId
from schemas.members import (
    AddMember,
    ChangeRole,
    Member,
    MemberAdded,
    MemberChanged,
    MemberRemoved,
    MemberRole,
    RemoveMember,
)
from schemas.tasks import TaskAssigned

_MANAGED_BY_OWNERS = (MemberRole.ADMIN, MemberRole.OWNER)


@need.register
def _(change: AddMember, needs: Needs) -> None:
    needs.users.add(change.person.user)


@need.register
def _(change: ChangeRole, needs: Needs) -> None:
    needs.users.add(change.user)


@need.register
def _(change: RemoveMember, needs: Needs) -> None:
    needs.users.add(change.user)
    needs.leaving.add((change.team, change.user))


@decide.register
def add_member(change: AddMember, ledger: Ledger) -> Member:
    ledger.team(change.team, change.by, MemberRole.ADMIN)
    if (change.team, change.person.user) in ledger.members:
        raise conflict("they are in the team already", field="username")
    _check_may_manage(ledger, change.team, change.by, change.role)
    person = change.person
    member = Member(team=change.team, user=person.user, username=person.username, name=person.name, role=change.role)
    ledger.members[member.team, member.user] = member
    ledger.emit(MemberAdded, change.team, change.by, member=member)
    return member


@decide.register
def change_role(change: ChangeRole, ledger: Ledger) -> Member:
    ledger.team(change.team, change.by, MemberRole.ADMIN)
    member = member_of(ledger, change.team, change.user)
    if member.role == change.role:
        return member
    _check_may_manage(ledger, change.team, change.by, member.role, change.role)
    _check_owner_remains(ledger, member)
    member = replace(member, role=change.role)
    ledger.members[member.team, member.user] = member
    ledger.emit(MemberChanged, change.team, change.by, member=member)
    return member


@decide.register
def remove_member(change: RemoveMember, ledger: Ledger) -> Member:
    leaving = change.user == change.by
    ledger.team(change.team, change.by, MemberRole.VIEWER if leaving else MemberRole.ADMIN)
    member = member_of(ledger, change.team, change.user)
    if not leaving:
        _check_may_manage(ledger, change.team, change.by, member.role)
    _check_owner_remains(ledger, member)
    _unassign_all(ledger, member, change.by)
    del ledger.members[member.team, member.user]
    ledger.emit(MemberRemoved, change.team, change.by, member=member)
    return member


def member_of(ledger: Ledger, team: TeamId, user: UserId) -> Member:
    """Raises NOT_FOUND."""
    member = ledger.members.get((team, user))
    if member is None:
        raise not_found("member")
    return member


def may_grant(giver: MemberRole, *roles: MemberRole) -> bool:
    """Whether an admin or an owner may give these roles to others, or take them away."""
    return giver is MemberRole.OWNER or not any(role in _MANAGED_BY_OWNERS for role in roles)


def _check_may_manage(ledger: Ledger, team: TeamId, by: UserId, *roles: MemberRole) -> None:
    if not may_grant(ledger.standing(team, by) or MemberRole.VIEWER, *roles):
        raise forbidden("only an owner makes or unmakes admins and owners")


def _check_owner_remains(ledger: Ledger, member: Member) -> None:
    """An owner who can no longer sign in is nobody to leave a team to."""
    if member.role is not MemberRole.OWNER:
        return
    others = (m for m in ledger.members.values() if m.team == member.team and m.user != member.user)
    if not any(other.role is MemberRole.OWNER and other.is_active for other in others):
        raise conflict("a team keeps at least one owner", field="role")


def _unassign_all(ledger: Ledger, member: Member, by: UserId) -> None:
    """Open tasks must not wait for somebody who is gone."""
    theirs = [t for t in ledger.tasks.values() if (t.team, t.assignee) == (member.team, member.user)]
    for task in theirs:
        if not task.is_done and task.deleted_at is None:
            freed = replace(task, assignee=None, version=task.version + 1, updated_at=ledger.now)
            ledger.save_task(freed)
            ledger.emit(TaskAssigned, member.team, by, task=freed, previous=member.user)
