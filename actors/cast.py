"""The cast: which actors there are and what each is made of. Nothing else knows more than one of them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from actors.accounts import Accounts
from actors.notifier import Notifier
from actors.overdue import Overdue
from actors.presence import PresenceActor
from actors.task_store import TaskStore
from infra.actor import Actor
from infra.bus import Bus
from infra.config import ConfigError, Settings
from infra.db import connect_database
from infra.process import run, supervise
from infra.redis import Redis, connect_redis
from schemas.base import Role


class Parts:
    """What actors are made of: each gets its own, and all are closed in reverse order when the play is over."""

    def __init__(self, settings: Settings, exits: AsyncExitStack) -> None:
        self.settings = settings
        self._exits = exits
        self._buses: list[Bus] = []

    def bus(self, role: Role) -> Bus:
        bus = Bus(self.settings, role)
        self._buses.append(bus)
        self._exits.push_async_callback(bus.close)
        return bus

    def database(self, *, fixed_plans: bool = False) -> AsyncEngine:
        engine = connect_database(self.settings, fixed_plans=fixed_plans)
        self._exits.push_async_callback(engine.dispose)
        return engine

    def redis(self) -> Redis:
        redis = connect_redis(self.settings)
        self._exits.push_async_callback(redis.aclose)
        return redis

    async def connect(self) -> None:
        """Wait for the bus, however long; the database is waited for by whoever asks it."""
        await asyncio.gather(*(bus.connect() for bus in self._buses))


CAST: Mapping[type[Actor], Callable[[Parts], Actor]] = {
    Accounts: lambda parts: Accounts(
        parts.bus(Accounts.role), parts.database(), parts.redis(), registration=parts.settings.registration
    ),
    TaskStore: lambda parts: TaskStore(parts.bus(TaskStore.role), parts.database(), parts.database(fixed_plans=True)),
    Notifier: lambda parts: Notifier(parts.bus(Notifier.role), parts.database()),
    Overdue: lambda parts: Overdue(parts.bus(Overdue.role)),
    PresenceActor: lambda parts: PresenceActor(parts.bus(PresenceActor.role), parts.redis()),
}

_USE_REDIS = {Accounts, PresenceActor}


def main(settings: Settings, names: Sequence[str] = ()) -> None:
    """Run the named actors, or all, in this process until SIGTERM or SIGINT. Raises ConfigError."""
    chosen = choose(names)
    settings.require("nats_url", "database_url", *(["redis_url"] if _USE_REDIS.intersection(chosen) else []))

    async def until_stopped() -> None:
        async with on_stage(settings, chosen) as actors:
            await supervise(*actors)

    run(until_stopped, settings)


def choose(names: Sequence[str]) -> Sequence[type[Actor]]:
    """The actors of these names, all when there is none. Raises ConfigError for a name that nobody has."""
    by_name = {actor.role.value: actor for actor in CAST}
    wanted = [name.replace("_", "-") for name in names] or list(by_name)
    if unknown := [name for name in wanted if name not in by_name]:
        raise ConfigError(f"no such actor: {', '.join(unknown)}; there are {', '.join(by_name)}")
    return [by_name[name] for name in dict.fromkeys(wanted)]


@asynccontextmanager
async def on_stage(settings: Settings, chosen: Sequence[type[Actor]]) -> AsyncGenerator[list[Actor]]:
    """The actors with all that they need, not yet started."""
    async with AsyncExitStack() as exits:
        parts = Parts(settings, exits)
        actors = [CAST[actor](parts) for actor in chosen]
        await parts.connect()
        yield actors
