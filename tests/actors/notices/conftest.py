"""Servers of their own: each test starts its own notifiers, with lengths of its own; there are no others."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack

import pytest

from actors.accounts import Accounts
from actors.cast import Parts
from actors.presence import PresenceActor
from actors.task_store import TaskStore
from infra.actor import Actor
from infra.embedded import embedded_servers
from infra.migrate import migrate
from schemas.base import Role
from tests.actors.notices.world import Crew, World
from tests.conftest import QUICK_HASHER


@pytest.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    """Store, accounts and presence at work; nobody tells anybody anything yet."""
    async with AsyncExitStack() as exits:
        data = tmp_path_factory.mktemp("notices")
        settings = await exits.enter_async_context(embedded_servers(data))
        await migrate(settings)
        parts = Parts(settings, exits)
        world = World(settings, parts, data)
        others: dict[type[Actor], Callable[[], Actor]] = {
            Accounts: lambda: Accounts(buses[Role.ACCOUNTS], database, redis, hasher=QUICK_HASHER),
            TaskStore: lambda: TaskStore(buses[Role.TASK_STORE], database, parts.database(fixed_plans=True)),
            PresenceActor: lambda: PresenceActor(buses[Role.PRESENCE], redis),
        }
        buses = {kind.role: parts.bus(kind.role) for kind in others}
        database, redis = parts.database(), parts.redis()
        await parts.connect()
        await exits.enter_async_context(world.peopled(others))
        yield world


@pytest.fixture
async def crew(world: World) -> Crew:
    """Ann and Bob in a team of theirs, both linked to Telegram and nowhere in the web."""
    return await Crew.gather(world)
