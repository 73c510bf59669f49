"""API tokens: whose they are is asked of accounts, at most once a second for each."""

import re

from gateway.access.recent import Recent
from gateway.auth import Caller
from infra.bus import Bus
from schemas.accounts import User
from schemas.errors import BusError, ErrorCode
from schemas.ids import UserId
from schemas.tokens import TOKEN_PREFIX, CheckToken, Scope

_GOOD = 10_000
_FORM = re.compile(TOKEN_PREFIX + r"[A-Za-z0-9_-]{1,96}")


def can_be_token(secret: str) -> bool:
    """Whether it looks like one of ours; what does not is not even a guess."""
    return _FORM.fullmatch(secret) is not None


class Tokens:
    """Finds who a token stands for."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._recent = Recent(self._ask)
        self._good: dict[str, None] = {}
        """Those that were good when last looked up, the oldest first."""

    async def find(self, secret: str) -> Caller | None:
        """Whose token this is; None when it is no good. Raises BusError when that cannot be known."""
        caller = await self._recent.find(secret)
        self._good.pop(secret, None)
        if caller is not None:
            while len(self._good) >= _GOOD:
                del self._good[next(iter(self._good))]
            self._good[secret] = None
        return caller

    def was_good(self, secret: str) -> bool:
        """Whether it was good a while ago, so that whoever shows it now is not guessing."""
        return secret in self._good

    def forget(self, user: UserId) -> None:
        """Something became of this person, or of one of their tokens."""
        self._recent.forget_where(lambda caller: caller.id == user)

    async def _ask(self, secret: str) -> Caller | None:
        try:
            holder = await self._bus.request(CheckToken(secret=secret))
        except BusError as error:
            if error.code in (ErrorCode.UNAUTHENTICATED, ErrorCode.INVALID):
                return None
            raise
        return _caller(holder.user, may_change=holder.scope is Scope.WRITE)


def _caller(user: User, *, may_change: bool) -> Caller:
    return Caller(
        id=user.id,
        username=user.username,
        name=user.name,
        is_admin=user.is_admin,
        may_change=may_change,
        language=user.language,
        time_zone=user.time_zone,
    )
