"""The boss gives out tasks, whatever happens, and finishes some of them before anybody has heard of them."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from infra.bus import Bus
from schemas.base import Command
from schemas.errors import BusError, ErrorCode
from schemas.tasks import CompleteTask, CreateTask
from tests.chaos.told.people import Crowd, Somebody

_FINISHED = 0.1
_AGAIN_SECONDS = 0.2
_PASSING = (ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED)


class Boss:
    """Each order has a key and is given until it is acknowledged."""

    def __init__(self, bus: Bus, crowd: Crowd, dice: random.Random) -> None:
        self.given: dict[str, Somebody] = {}
        """Whom each task was given to, by its title."""
        self.finished: set[str] = set()
        self._bus = bus
        self._crowd = crowd
        self._dice = dice

    async def give(self, count: int, per_second: float, meanwhile: Callable[[], Awaitable[None]]) -> None:
        """At a steady pace; `meanwhile` runs at the same time."""
        async with asyncio.TaskGroup() as group:
            group.create_task(meanwhile())
            for number in range(count):
                group.create_task(
                    self._order(f"Chaos {number:05}", self._crowd.people[number % len(self._crowd.people)])
                )
                await asyncio.sleep(1 / per_second)

    async def _order(self, title: str, to: Somebody) -> None:
        self.given[title] = to
        boss, where = self._crowd.boss.id, self._crowd.list
        key = title.replace(" ", "-")
        task = await self._insist(CreateTask(by=boss, list=where, title=title, assignee=to.user.id, key=key))
        if self._dice.random() < _FINISHED:
            await self._insist(CompleteTask(by=boss, task=task.id, key=f"{key}-done"))
            self.finished.add(title)

    async def _insist(self, command: Command[Any]) -> Any:
        while True:
            try:
                return await self._bus.request(command)
            except BusError as error:
                if error.code not in _PASSING:
                    raise
                await asyncio.sleep(_AGAIN_SECONDS)
