"""Members follow their accounts: called otherwise, or no longer able to sign in, they look so in every team."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql import people
from actors.sql.needs import Needs
from actors.task_store.ledger import Ledger
from actors.task_store.rules import decide, need
from infra.bus import RawMessage
from infra.db import transaction
from infra.log import get_logger
from infra.mailbox import Envelope
from infra.telemetry import HEADER
from schemas.accounts import AccountUpdated
from schemas.boards import BoardChange
from schemas.errors import BusError
from schemas.ids import TeamId, UserId
from schemas.members import Member, MemberChanged
from schemas.text import Name, Username

log = get_logger(__name__)

_AT_ONCE = 200

_updated = msgspec.json.Decoder(AccountUpdated)


class FollowAccount(BoardChange[Member | None]):
    """Show a member as their account is now. Nobody sends this: the store asks it of itself, in their name."""

    team: TeamId
    username: Username
    name: Name
    is_active: bool


@need.register
def _(_change: FollowAccount, _needs: Needs) -> None:
    """Nothing but the team and whose account it is."""


@decide.register
def follow_account(change: FollowAccount, ledger: Ledger) -> Member | None:
    member = ledger.members.get((change.team, change.by))
    if member is None:
        return None
    now = replace(member, username=change.username, name=change.name, is_active=change.is_active)
    if now != member:
        ledger.members[now.team, now.user] = now
        ledger.emit(MemberChanged, now.team, change.by, member=now)
    return now


Carry = Callable[[Sequence[Envelope[BoardChange[Any]]]], Awaitable[Sequence[object]]]


class Following:
    """Takes in what accounts tell of their users, in whatever order and however often that comes."""

    def __init__(self, engine: AsyncEngine, carry: Carry) -> None:
        """`carry` carries out commands and gives their outcomes."""
        self._engine = engine
        self._carry = carry

    async def take_in(self, messages: Sequence[RawMessage]) -> None:
        """Returns when no membership of those users is out of date; raises when that cannot be done now."""
        told = [event.user for message in messages if (event := _read(message))]
        users = sorted({user.id for user in told})
        trace = (messages[-1].headers or {}).get(HEADER, "")
        async with transaction(self._engine) as connection:
            await people.remember(connection, told)
        while outdated := await self._outdated(users):
            for outcome in await self._carry([Envelope(_follow(one), trace) for one in outdated]):
                if isinstance(outcome, BusError):
                    raise outcome

    async def _outdated(self, users: Sequence[UserId]) -> list[people.Outdated]:
        async with transaction(self._engine) as connection:
            return await people.outdated(connection, users, limit=_AT_ONCE)


def _follow(one: people.Outdated) -> BoardChange[Any]:
    return FollowAccount(by=one.user, team=one.team, username=one.username, name=one.name, is_active=one.is_active)


def _read(message: RawMessage) -> AccountUpdated | None:
    try:
        return _updated.decode(message.data)
    except ValueError:
        # It will not get better by coming again.
        log.exception("an event breaks the contract", subject=message.subject)
        return None
