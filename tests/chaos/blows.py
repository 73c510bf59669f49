"""Kills one process after another, and measures how long each is missed."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from typing import NamedTuple

import psutil
from aiohttp import ClientError, ClientTimeout, request

from tests.chaos.creators import Creators
from tests.waiting import wait_for
from tests.whole.product import Product

BACKEND = "postgres backend"
"""One session's process; Postgres then restarts all the others, and stays."""

_PATIENCE = ClientTimeout(total=5)

LONGEST = 30.0
"""Seconds in which everything must be back; measured outages are a tenth of that."""


FREEZE = "freeze"
"""In front of a role: stop it for a while, do not kill it."""


Target = tuple[str, ...]
"""The processes that are hit together."""


class Blow(NamedTuple):
    """What was hit, and after how many seconds it lived again, everything was ready, and a new task was taken."""

    roles: tuple[str, ...]
    reborn: float
    ready: float
    served: float

    def __str__(self) -> str:
        name = " + ".join(self.roles)
        moments = f"lives after {self.reborn:.2f} s, ready after {self.ready:.2f} s, serves after {self.served:.2f} s"
        return f"{name}: {moments}"


class Killer:
    """Strikes at the processes of one product while `creators` work."""

    def __init__(self, product: Product, creators: Creators) -> None:
        self._product = product
        self._creators = creators

    async def hit(self, target: Target) -> Blow:
        """Returns when everything works again."""
        return await (self.freeze(target[1]) if target[0] == FREEZE else self.kill(target))

    async def kill(self, roles: Target) -> Blow:
        """SIGKILL to all of them at once."""
        victims = [self._victim(role) for role in roles]
        began = time.monotonic()
        for victim in victims:
            os.kill(victim.pid, signal.SIGKILL)
        await wait_for(lambda: all(map(self._is_replaced, roles, victims)), timeout=LONGEST)
        return await self._recovered(roles, began, time.monotonic() - began)

    async def freeze(self, role: str) -> Blow:
        """Stop it until requests time out, then let it go on: it then finds the first tries beside the later ones."""
        victim = self._victim(role)
        victim.suspend()
        await asyncio.wait_for(self._creators.turned_away(10), LONGEST)
        began = time.monotonic()
        victim.resume()
        return await self._recovered((f"frozen {role}",), began, 0.0)

    async def _recovered(self, names: tuple[str, ...], began: float, reborn: float) -> Blow:
        await wait_for(self._is_ready, timeout=LONGEST)
        ready = time.monotonic() - began
        await asyncio.wait_for(self._creators.served(began), LONGEST)
        return Blow(names, reborn, ready, time.monotonic() - began)

    def _victim(self, role: str) -> psutil.Process:
        pid = self._product.pid("postgres" if role == BACKEND else role)
        assert pid is not None, f"{role} does not run"
        if role != BACKEND:
            return psutil.Process(pid)
        sessions = [child for child in psutil.Process(pid).children() if "ttm ttm" in " ".join(child.cmdline())]
        return sessions[0]

    def _is_replaced(self, role: str, victim: psutil.Process) -> bool:
        if role == BACKEND:
            return not victim.is_running()
        return self._product.pid(role) not in (None, victim.pid)

    async def _is_ready(self) -> bool:
        try:
            async with request("GET", f"{self._product.url}/readyz", timeout=_PATIENCE) as answer:
                return answer.status == 200
        except (ClientError, TimeoutError, OSError):
            return False


def longest(blows: Sequence[Blow]) -> dict[str, float]:
    """The worst outage that each process caused, in seconds."""
    worst: dict[str, float] = {}
    for blow in blows:
        name = " + ".join(blow.roles)
        worst[name] = max(worst.get(name, 0.0), blow.ready, blow.served)
    return worst
