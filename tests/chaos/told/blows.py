"""What befalls them meanwhile: processes are killed, and Telegram's answers are spoiled."""

import asyncio
import os
import random
import signal
from collections import Counter
from typing import Any

from aiohttp import ClientError, ClientSession

from tests.waiting import wait_for
from tests.whole.product import Product

ROLES = ("notifier", "bot", "presence", "gateway", "nats", "redis", "simulator", "task-store", "accounts")
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "lose_answer", "method": "sendMessage", "probability": 0.04},
    {"kind": "lose_call", "method": "sendMessage", "probability": 0.04},
    {"kind": "refuse", "method": "sendMessage", "code": 500, "probability": 0.04},
    {"kind": "refuse", "method": "sendMessage", "code": 429, "retry_after": 1, "probability": 0.02},
    {"kind": "slow", "method": "sendMessage", "seconds": 1.5, "probability": 0.03},
)
_BACK_SECONDS = 30.0


class Fate:
    """Strikes at random until it is told that it is enough."""

    def __init__(self, running: Product, simulator: ClientSession, dice: random.Random) -> None:
        self.blows: Counter[str] = Counter()
        self._running = running
        self._simulator = simulator
        self._dice = dice

    async def spoil(self) -> None:
        """From now on some of Telegram's answers go wrong; a simulator that was killed has to be told again."""
        for fault in FAULTS:
            async with self._simulator.post("/simulator/faults", json=fault) as answer:
                assert answer.status == 201, await answer.text()

    async def mend(self) -> None:
        async with self._simulator.delete("/simulator/faults") as answer:
            assert answer.status == 204

    async def strike(self, blows: int, pause: float) -> None:
        """Each process at least once, if there are blows enough."""
        order = [role for _ in range(blows) for role in self._dice.sample(ROLES, len(ROLES))][:blows]
        for role in order:
            await asyncio.sleep(pause * self._dice.uniform(0.5, 1.5))
            await self._kill(role)
            self.blows[role] += 1

    async def _kill(self, role: str) -> None:
        victim = await wait_for(lambda: self._running.pid(role), timeout=_BACK_SECONDS)
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        await wait_for(lambda: self._running.pid(role) not in (None, victim), timeout=_BACK_SECONDS)
        if role == "simulator":
            await wait_for(self._simulator_answers, timeout=_BACK_SECONDS)
            await self.spoil()

    async def _simulator_answers(self) -> bool:
        try:
            async with self._simulator.get("/simulator/people") as answer:
                return answer.status == 200
        except (ClientError, OSError):
            return False
