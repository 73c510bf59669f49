"""Invites: the open doors into teams. A code is never kept, only its digest."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from actors.sql.board import invites
from actors.sql.needs import Needs
from schemas.ids import InviteId, TeamId, UserId
from schemas.invites import Invite, InviteCode
from schemas.members import MemberRole


class KeptInvite(Invite):
    """An invite and what its code is known by."""

    digest: str

    def shown(self) -> Invite:
        """Without that."""
        return msgspec.convert(self, Invite, from_attributes=True)


class Invites(msgspec.Struct):
    """Those that a batch asks about, and ids for new ones."""

    known: list[KeptInvite]
    ids: list[InviteId]


class OfTeam(msgspec.Struct):
    """The asker's role and what there is to see for those who may."""

    role: MemberRole
    invites: list[Invite]


def digest_of(code: InviteCode) -> str:
    """What is kept of a code."""
    return sha256(code.encode()).hexdigest()


# An invite holds while whoever made it might still make it: the same is decided in actors/task_store/invites.py.
_HOLDS = """
    FROM board.invites i JOIN board.teams t ON t.id = i.team AND t.deleted_at IS NULL
    JOIN board.members m ON m.team = i.team AND m."user" = i.created_by AND m.is_active
        AND (m.role = 'owner' OR (m.role = 'admin' AND i.role <> 'admin'))
    WHERE i.expires_at > now()"""

_WANTED = """
    FROM board.invites i WHERE i.team = ANY (CAST(:inviting AS bigint[]))
        OR i.id = ANY (CAST(:invites AS bigint[])) OR i.digest = ANY (CAST(:codes AS text[]))"""

_FIND = text(f"SELECT i.team, i.created_by {_WANTED}")
_LOAD = text(f"""
    SELECT CAST(json_build_object(
        'known', (SELECT coalesce(json_agg(i), '[]') {_WANTED}),
        'ids', ARRAY(SELECT nextval('board.invites_id_seq') FROM generate_series(1, :new_invites))) AS text)
""")
_SAVE = text("""
    INSERT INTO board.invites (id, team, role, created_by, created_at, expires_at, uses_left, hint, digest)
    SELECT id, team, role, created_by, created_at, expires_at, uses_left, hint, digest
    FROM json_populate_recordset(NULL::board.invites, CAST(:invites AS json))
    ON CONFLICT (id) DO UPDATE SET uses_left = excluded.uses_left
""")
_LOOK = text(f"""
    SELECT CAST(json_build_object('team_name', t.name, 'team', t.id, 'role', i.role, 'invited_by', m.name,
        'expires_at', i.expires_at, 'uses_left', i.uses_left) AS text) {_HOLDS} AND i.digest = :digest
""")
_OF_TEAM = text(f"""
    SELECT CAST(json_build_object('role', me.role, 'invites', (
        SELECT coalesce(json_agg(i ORDER BY i.id DESC), '[]') {_HOLDS} AND i.team = me.team)) AS text)
    FROM board.members me JOIN board.teams t ON t.id = me.team AND t.deleted_at IS NULL
    WHERE me.team = :team AND me."user" = :by
""")

_invites = msgspec.json.Decoder(Invites)
_of_team = msgspec.json.Decoder(OfTeam)


async def need_teams(connection: AsyncConnection, needs: Needs) -> None:
    """Have the teams of the invites that are asked about loaded too, and who made them; neither ever changes."""
    for team, user in await connection.execute(_FIND, _wanted(needs)):
        needs.teams.add(team)
        needs.users.add(user)


async def load(connection: AsyncConnection, needs: Needs) -> Invites:
    """Under the lock of their teams, without which nobody changes an invite."""
    parameters = _wanted(needs) | {"new_invites": needs.new_invites}
    return _invites.decode((await connection.execute(_LOAD, parameters)).scalar_one())


async def save(connection: AsyncConnection, changed: Sequence[KeptInvite], removed: Sequence[InviteId]) -> None:
    """Write what became of them, under that lock."""
    if changed:
        await connection.execute(_SAVE, {"invites": msgspec.json.encode(changed).decode()})
    if removed:
        await connection.execute(delete(invites).where(invites.c.id.in_(removed)))


async def look(connection: AsyncConnection, code: InviteCode) -> msgspec.Raw | None:
    """An InviteView as JSON, if the invite holds."""
    found: str | None = (await connection.execute(_LOOK, {"digest": digest_of(code)})).scalar_one_or_none()
    return None if found is None else msgspec.Raw(found.encode())


async def of_team(connection: AsyncConnection, team: TeamId, by: UserId) -> OfTeam | None:
    """Those of a team that hold; None for whoever is not in it."""
    found: str | None = (await connection.execute(_OF_TEAM, {"team": team, "by": by})).scalar_one_or_none()
    return None if found is None else _of_team.decode(found)


async def forget_expired(connection: AsyncConnection, before: datetime) -> None:
    await connection.execute(delete(invites).where(invites.c.expires_at < before))


def _wanted(needs: Needs) -> dict[str, Any]:
    return {name: list(getattr(needs, name)) for name in ("inviting", "invites", "codes")}
