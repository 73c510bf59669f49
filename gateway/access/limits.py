"""How often something may be tried: limits of sign-in, codes and the like, counted in Redis for all gateways together.

Windows are fixed: one begins with the first try, and what is counted in it is forgotten when it ends.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from typing import Any, NamedTuple

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from gateway.errors import HttpProblem
from gateway.redis import answered
from infra.redis import Redis

_MOST_OUT = 10_000


class Try(NamedTuple):
    """One call of a limited route: where it came from, and what its function is given."""

    address: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Rate:
    """At most `most` tries in `seconds`, for each value of `of`; `each` says in words what that is."""

    most: int
    seconds: int
    each: str
    of: Callable[[Try], str]


@dataclass(frozen=True)
class Limit:
    """The rates of one kind of try, counted one after the other until one refuses.

    When it `forgives`, only those that fail count in the end.
    """

    name: str
    rates: tuple[Rate, ...]
    forgives: bool = False

    def summary(self) -> str:
        """For the documentation."""
        rates = (f"{rate.most} in {rate.seconds} s for each {rate.each}" for rate in self.rates)
        return f"At most {' and '.join(rates)}{', not counting those that succeed' if self.forgives else ''}."


def _address(one: Try) -> str:
    return one.address


def _username(one: Try) -> str:
    return str(one.arguments["body"].username).casefold()


def _telegram(one: Try) -> str:
    return str(one.arguments["body"].tg_user_id)


def _person(one: Try) -> str:
    return str(one.arguments["session"].caller.id)


# The address comes first: one that has used up its tries locks nobody out of their account.
SIGN_IN = Limit("sign-in", (Rate(50, 300, "address", _address), Rate(10, 300, "username", _username)), forgives=True)
REGISTER = Limit("register", (Rate(60, 3600, "address", _address),))
NEW_PASSWORD = Limit("password", (Rate(10, 600, "person", _person),), forgives=True)
CONFIRM_CODE = Limit("confirm", (Rate(50, 600, "address", _address), Rate(10, 600, "person", _person)), forgives=True)
CREATE_CODE = Limit("code", (Rate(5, 300, "Telegram account", _telegram),))
START_LINK = Limit("start", (Rate(20, 600, "person", _person),))
INVITE = Limit("invite", (Rate(100, 600, "address", _address),), forgives=True)
TOKENS = Limit("token", (Rate(50, 300, "address", _address),), forgives=True)
"""Bearer tokens of any kind."""


def too_many(seconds: float) -> HttpProblem:
    """429: to be tried again after so many seconds."""
    wait = max(1, ceil(seconds))
    detail = f"too many tries; the next one may come in {wait} s"
    return HttpProblem(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(wait)})


class Limiter:
    """Counts tries."""

    def __init__(self, redis: Redis) -> None:
        pool: Any = redis.connection_pool
        storage = RedisStorage("async+redis://", implementation="redispy", key_prefix="limit", connection_pool=pool)
        self._windows = FixedWindowRateLimiter(storage)

    async def take(self, limit: Limit, one: Try) -> None:
        """Count a try before it is made, so that many at once are counted too; raises HttpProblem when it is too many.

        Raises BusError while Redis is away.
        """
        for rate in limit.rates:
            item, whose = _item(limit, rate), rate.of(one)
            if not await answered(self._windows.hit(item, whose)):
                stats = await answered(self._windows.get_window_stats(item, whose))
                raise too_many(stats.reset_time - time.time())

    async def give_back(self, limit: Limit, one: Try) -> None:
        """The try does not count after all."""
        for rate in limit.rates:
            await answered(self._windows.hit(_item(limit, rate), rate.of(one), cost=-1))


class Guesses:
    """Keeps those out who guess bearer tokens, without asking Redis about anybody who does not."""

    def __init__(self, limiter: Limiter, clock: Callable[[], float] = time.monotonic) -> None:
        self._limiter = limiter
        self._clock = clock
        self._out: dict[str, float] = {}

    def check(self, address: str) -> None:
        """Raises HttpProblem while an address has guessed too often."""
        if not self._out:
            return
        left = self._out.get(address, 0.0) - self._clock()
        if left > 0:
            raise too_many(left)
        self._out.pop(address, None)

    async def wrong(self, address: str) -> None:
        """Count a wrong one; raises HttpProblem when it is one too many."""
        try:
            await self._limiter.take(TOKENS, Try(address, {}))
        except HttpProblem as problem:
            if len(self._out) >= _MOST_OUT:
                self._out.clear()
            self._out[address] = self._clock() + int(problem.headers["Retry-After"])
            raise


def _item(limit: Limit, rate: Rate) -> RateLimitItem:
    return RateLimitItemPerSecond(rate.most, rate.seconds, f"{limit.name}/{rate.each}")
