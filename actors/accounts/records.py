"""The record: who did what, read by administrators. Changes of roles in teams come to it as events."""

from collections.abc import Iterable, Sequence

import msgspec
from mode.types import ServiceT

from actors.accounts.act import Act
from actors.accounts.desk import Desk
from actors.sql import audit
from infra.actor import handle
from infra.bus import RawMessage
from infra.log import get_logger
from infra.stream import StreamReader
from schemas.audit import ROLE_CHANGES, AuditEntry, AuditPage, ListAudit
from schemas.base import Record, UtcTime, team_event_subjects
from schemas.ids import Seq, TeamId, UserId
from schemas.members import Member, MemberChanged, MemberRemoved

log = get_logger(__name__)


class RoleChange(Record):
    """What the events of `ROLE_CHANGES` have in common."""

    type: str
    team: TeamId
    seq: Seq
    at: UtcTime
    by: UserId
    member: Member


_changes = msgspec.json.Decoder(RoleChange)


class Records(Desk):
    """Keeps the record up with the teams, and shows it."""

    def on_init_dependencies(self) -> Iterable[ServiceT]:
        reader = StreamReader(self.bus, map(team_event_subjects, ROLE_CHANGES), self.record_role_changes)
        return [*super().on_init_dependencies(), reader]

    @handle
    async def list_audit(self, query: ListAudit) -> AuditPage:
        async with self._act() as act:
            await act.admin(query.by)
            entries = await audit.page(act.connection, query.q, query.before, limit=query.limit)
        return AuditPage(entries=entries, before=entries[-1].id if len(entries) == query.limit else None)

    async def record_role_changes(self, messages: Sequence[RawMessage]) -> None:
        """Each once, however often it comes; returns when that is committed."""
        changes = [change for message in messages if (change := _read(message))]
        async with self._act() as act:
            for change in sorted(changes, key=lambda change: (change.team, change.seq)):
                if entry := await _add(act, change):
                    act.entries.append(entry)


def _read(message: RawMessage) -> RoleChange | None:
    try:
        return _changes.decode(message.data)
    except ValueError:
        # It will not get better by coming again.
        log.exception("an event breaks the contract", subject=message.subject)
        return None


async def _add(act: Act, change: RoleChange) -> AuditEntry | None:
    member = change.member
    role = None if change.type == MemberRemoved.tag() else member.role.value
    if change.type == MemberChanged.tag():
        before = await audit.role_before(act.connection, change.team, member.user, change.seq)
        if before == role:
            # They are called otherwise, and may do what they could before.
            return None
    return await audit.add_of_team(
        act.connection,
        at=change.at,
        by=change.by,
        act=change.type,
        user=member.user,
        team=change.team,
        detail=f"{member.username} as {role}" if role else member.username,
        seq=change.seq,
        role=role,
    )
