"""Groups that hear of teams. The store says what somebody is in a team, and so what they may do here."""

from datetime import UTC, datetime

from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.notifier.asking import standings
from actors.sql import deliveries
from actors.sql import groups as sql
from infra.bus import Bus
from infra.db import transaction
from schemas.deliveries import BindGroup, ChangeGroup, GetGroup, Group, ListGroups, MoveGroup, UnbindGroup
from schemas.errors import conflict, forbidden, invalid, not_found
from schemas.ids import TeamId, UserId
from schemas.members import MemberRole, Standing

_MANAGERS = (MemberRole.ADMIN, MemberRole.OWNER)
_AT_MOST = 50
"""Groups of one team: each event that they hear of is written once for each."""


class Groups:
    """What is asked about groups."""

    def __init__(self, bus: Bus, engine: AsyncEngine) -> None:
        self._bus = bus
        self._engine = engine

    async def bind(self, command: BindGroup) -> Group:
        if command.chat >= 0:
            raise invalid("only a group can hear of a team", field="chat")
        standing = await self._manager(command.team, command.by, "team")
        before = await self.get(GetGroup(chat=command.chat, thread=command.thread))
        other = before if before and before.team != command.team else None
        if other is not None:
            await self._check_may_end(other, command.by)
        async with transaction(self._engine) as connection:
            if (before is None or other is not None) and await sql.count(connection, command.team) >= _AT_MOST:
                raise conflict(f"a team has at most {_AT_MOST} groups")
            if other is not None:
                await sql.unbind(connection, command.chat, command.thread)
            return await sql.bind(connection, command, standing.team_name, datetime.now(UTC))

    async def unbind(self, command: UnbindGroup) -> None:
        await self._check_may_change(command)
        async with transaction(self._engine) as connection:
            await sql.unbind(connection, command.chat, command.thread)

    async def change(self, command: ChangeGroup) -> Group:
        group = await self._check_may_change(command)
        kinds = group.kinds if command.kinds is UNSET else command.kinds
        async with transaction(self._engine) as connection:
            changed = await sql.choose(connection, command.chat, command.thread, kinds)
        if changed is None:
            raise not_found("group")
        return changed

    async def of_team(self, query: ListGroups) -> list[Group]:
        await self._standing(query.team, query.by, "team")
        async with transaction(self._engine) as connection:
            return await sql.of_team(connection, query.team)

    async def get(self, query: GetGroup) -> Group | None:
        async with transaction(self._engine) as connection:
            return await sql.get(connection, query.chat, query.thread)

    async def move(self, command: MoveGroup) -> None:
        if command.chat >= 0 or command.to >= 0:
            raise invalid("only a group can hear of a team", field="chat")
        async with transaction(self._engine) as connection:
            for chat in sorted({command.chat, command.to}):
                await deliveries.lock_chat(connection, chat)
            await sql.move(connection, command.chat, command.to)

    async def _check_may_end(self, group: Group, user: UserId) -> None:
        """Whoever is in a group could have a team; that alone takes the group from no other team that there is."""
        found = await standings(self._bus, [(group.team, user), (group.team, group.bound_by)])
        asker = found.get((group.team, user))
        is_manager = asker is not None and asker.is_active and asker.role in _MANAGERS
        if found.get((group.team, group.bound_by)) and not is_manager:
            raise conflict("this group hears of another team; an admin of that one sends /unbind first")

    async def _check_may_change(self, command: UnbindGroup | ChangeGroup) -> Group:
        async with transaction(self._engine) as connection:
            group = await sql.get(connection, command.chat, command.thread)
        if group is None:
            raise not_found("group")
        await self._manager(group.team, command.by, "group")
        return group

    async def _manager(self, team: TeamId, user: UserId, noun: str) -> Standing:
        standing = await self._standing(team, user, noun)
        if standing.role not in _MANAGERS:
            raise forbidden(f"your role here is {standing.role}; this takes admin or more")
        return standing

    async def _standing(self, team: TeamId, user: UserId, noun: str) -> Standing:
        """Whoever is not in the team may not know of it."""
        standing = (await standings(self._bus, [(team, user)])).get((team, user))
        if standing is None or not standing.is_active:
            raise not_found("group") if noun == "group" else not_found("team")
        return standing
