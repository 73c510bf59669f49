"""The rules of teams."""

from datetime import datetime

from msgspec.structs import replace

from actors.sql.needs import Needs, PlacedTeam
from actors.task_store.ledger import Ledger
from actors.task_store.members import member_of
from actors.task_store.rules import decide, need
from schemas.errors import conflict, invalid
from schemas.ids import Seq
from schemas.members import Member, MemberAdded, MemberChanged, MemberRole
from schemas.teams import (
    CreateTeam,
    DeleteTeam,
    MyTeam,
    RenameTeam,
    RestoreTeam,
    TeamCreated,
    TeamDeleted,
    TeamRenamed,
    TeamRestored,
    TeamTransferred,
    TransferTeam,
)


@need.register
def _(_change: CreateTeam, needs: Needs) -> None:
    needs.new_teams += 1


@need.register
def _(change: TransferTeam, needs: Needs) -> None:
    needs.users.add(change.to)


@need.register
def _(_change: RestoreTeam, needs: Needs) -> None:
    needs.restores = True


@decide.register
def create_team(change: CreateTeam, ledger: Ledger) -> MyTeam:
    person = change.person
    if person.user != change.by and not change.as_admin:
        raise invalid("a team begins with the one who creates it", "person")
    name = change.name.strip()
    team = PlacedTeam(id=next(ledger.new_team_ids), name=name, seq=Seq(0), version=1, created_at=ledger.now)
    owner = Member(team=team.id, user=person.user, username=person.username, name=person.name, role=MemberRole.OWNER)
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
def transfer_team(change: TransferTeam, ledger: Ledger) -> MyTeam:
    """An administrator of the site who is no owner takes nothing away from anybody."""
    team = ledger.team(change.team, change.by, MemberRole.OWNER)
    heir = member_of(ledger, team.id, change.to)
    if heir.role is MemberRole.OWNER:
        raise conflict("they own the team already", field="to")
    if not heir.is_active:
        raise conflict("they can no longer sign in, so the team cannot be theirs", field="to")
    heir = replace(heir, role=MemberRole.OWNER)
    ledger.members[heir.team, heir.user] = heir
    ledger.emit(TeamTransferred, team.id, change.by, member=heir)
    giver = ledger.members.get((team.id, change.by))
    if giver is not None and giver.role is MemberRole.OWNER:
        giver = replace(giver, role=MemberRole.ADMIN)
        ledger.members[giver.team, giver.user] = giver
        ledger.emit(MemberChanged, team.id, change.by, member=giver)
    return ledger.my_team(ledger.teams[team.id], change.by)


@decide.register
def delete_team(change: DeleteTeam, ledger: Ledger) -> MyTeam:
    team = ledger.team(change.team, change.by, MemberRole.OWNER)
    ledger.check_version(change.version, team.version, ledger.my_team(team, change.by))
    _put(ledger, team, ledger.now)
    ledger.emit(TeamDeleted, team.id, change.by, deleted_at=ledger.now)
    return ledger.my_team(ledger.teams[team.id], change.by)


@decide.register
def restore_team(change: RestoreTeam, ledger: Ledger) -> MyTeam:
    team = ledger.team(change.team, change.by, MemberRole.OWNER, deleted=True)
    if team.deleted_at is not None:
        _put(ledger, team, None)
        ledger.emit(TeamRestored, team.id, change.by)
    return ledger.my_team(ledger.teams[team.id], change.by)


def _put(ledger: Ledger, team: PlacedTeam, deleted_at: datetime | None) -> None:
    """Into the trash or out of it."""
    ledger.teams[team.id] = replace(team, deleted_at=deleted_at, version=team.version + 1)
