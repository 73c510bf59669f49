"""The rules of teams and their members."""

from msgspec.structs import replace

from actors.sql.changes import Needs, PlacedTeam
from actors.task_store.ledger import Ledger
from actors.task_store.rules import decide, need
from schemas.boards import (
    AddMember,
    ChangeRole,
    CreateTeam,
    Member,
    MemberAdded,
    MemberChanged,
    MemberRemoved,
    MemberRole,
    MyTeam,
    RemoveMember,
    RenameTeam,
    TeamCreated,
    TeamRenamed,
)
from schemas.errors import conflict, forbidden, invalid, not_found
from schemas.ids import Seq, TeamId, UserId
from schemas.tasks import TaskAssigned

_MANAGED_BY_OWNERS = (MemberRole.ADMIN, MemberRole.OWNER)


@need.register
def _(_change: CreateTeam, needs: Needs) -> None:
    needs.new_teams += 1


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
def create_team(change: CreateTeam, ledger: Ledger) -> MyTeam:
    if change.person.user != change.by:
        raise invalid("a team begins with the one who creates it", "person")
    name = change.name.strip()
    team = PlacedTeam(id=next(ledger.new_team_ids), name=name, seq=Seq(0), version=1, created_at=ledger.now)
    owner = Member(
        team=team.id,
        user=change.by,
        username=change.person.username,
        name=change.person.name,
        role=MemberRole.OWNER,
    )
    ledger.teams[team.id] = team
    ledger.members[owner.team, owner.user] = owner
    ledger.emit(TeamCreated, team.id, change.by, name=name)
    ledger.emit(MemberAdded, team.id, change.by, member=owner)
    return ledger.my_team(team, change.by)


@decide.register
def rename_team(change: RenameTeam, ledger: Ledger) -> MyTeam:
    team = ledger.team(change.team, change.by, MemberRole.ADMIN)
    ledger.check_version(change.version, team.version, ledger.my_team(team, change.by))
    name = change.name.strip()
    if name != team.name:
        ledger.teams[team.id] = replace(team, name=name, version=team.version + 1)
        ledger.emit(TeamRenamed, team.id, change.by, name=name)
    return ledger.my_team(ledger.teams[team.id], change.by)


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
    member = _member(ledger, change.team, change.user)
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
    member = _member(ledger, change.team, change.user)
    if not leaving:
        _check_may_manage(ledger, change.team, change.by, member.role)
    _check_owner_remains(ledger, member)
    _unassign_all(ledger, member, change.by)
    del ledger.members[member.team, member.user]
    ledger.emit(MemberRemoved, change.team, change.by, member=member)
    return member


def _member(ledger: Ledger, team: TeamId, user: UserId) -> Member:
    member = ledger.members.get((team, user))
    if member is None:
        raise not_found("member")
    return member


def _check_may_manage(ledger: Ledger, team: TeamId, by: UserId, *roles: MemberRole) -> None:
    if any(role in _MANAGED_BY_OWNERS for role in roles) and ledger.role(team, by) is not MemberRole.OWNER:
        raise forbidden("only an owner makes or unmakes admins and owners")


def _check_owner_remains(ledger: Ledger, member: Member) -> None:
    owners = [m for m in ledger.members.values() if m.team == member.team and m.role is MemberRole.OWNER]
    if owners == [member]:
        raise conflict("a team keeps at least one owner", field="role")


def _unassign_all(ledger: Ledger, member: Member, by: UserId) -> None:
    """Open tasks must not wait for somebody who is gone."""
    theirs = [t for t in ledger.tasks.values() if (t.team, t.assignee) == (member.team, member.user)]
    for task in theirs:
        if not task.is_done and task.deleted_at is None:
            freed = replace(task, assignee=None, version=task.version + 1, updated_at=ledger.now)
            ledger.save_task(freed)
            ledger.emit(TaskAssigned, member.team, by, task=freed, previous=member.user)
