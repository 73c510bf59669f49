"""Servers of their own: each test starts its own notifiers, with lengths of its own; there are no others."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest

from actors.accounts import Accounts
from actors.cast import Parts
from actors.presence import PresenceActor
from actors.task_store import TaskStore
from infra.embedded import embedded_servers
from infra.migrate import migrate
from infra.process import supervised
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
        cast = (
            Accounts(parts.bus(Role.ACCOUNTS), parts.database(), parts.redis(), hasher=QUICK_HASHER),
            TaskStore(parts.bus(Role.TASK_STORE), parts.database(), parts.database(fixed_plans=True)),
            PresenceActor(parts.bus(Role.PRESENCE), parts.redis()),
        )
        await parts.connect()
        await exits.enter_async_context(supervised(*cast))
        yield world


@pytest.fixture
async def crew(world: World) -> Crew:
    """Ann and Bob in a team of theirs, both linked to Telegram and nowhere in the web."""
    return await Crew.gather(world)
