"""Real servers and real actors, started once per run. Tests make people and teams of their own and clean up nothing."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from itertools import count
from shutil import rmtree
from tempfile import mkdtemp
from typing import Protocol

import pytest
import uvloop
from argon2 import PasswordHasher
from blockbuster import blockbuster_ctx
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.accounts import Accounts
from actors.cast import CAST, Parts
from infra.actor import Actor
from infra.bus import Bus
from infra.config import Settings
from infra.db import connect_database
from infra.embedded import embedded_servers
from infra.log import setup_logging
from infra.migrate import migrate
from infra.process import supervised
from schemas.accounts import CreateUser, User
from schemas.base import Role
from schemas.members import Person
from schemas.teams import CreateTeam, MyTeam

pytest_plugins = ["tests.one_loop", "tests.time_limit"]

PASSWORD = "correct horse battery staple"
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_configure(config: pytest.Config) -> None:
    """Logs as in production: pretty tracebacks would read files in the loop."""
    setup_logging(Settings())
    if config.option.basetemp is None:
        _choose_folder(config)


def _choose_folder(config: pytest.Config) -> None:
    """A folder of this run's own; name one with `--basetemp` to look into it afterwards.

    The usual one belongs to all runs of a user, and each that starts shuts it for others: if that user is root, also
    for the Postgres of the run before.
    """
    folder = mkdtemp(prefix="ttm-tests-")
    config.option.basetemp = folder
    config.add_cleanup(lambda: rmtree(folder, ignore_errors=True))


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop of production."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def nothing_blocks() -> Iterator[None]:
    """A blocking call of ours in the event loop fails the test.

    Exempt is who starts child processes: that parent serves nobody, and its own files are a few lines long.
    """
    ours = ["schemas", "infra", "actors", "gateway", "bot"]
    with blockbuster_ctx(ours, excluded_modules=["infra.embedded", "infra.children"]) as detector:
        for function in detector.functions.values():
            # Once for each new connection it looks for a file of passwords.
            function.can_block_in("asyncpg/connect_utils.py", "_parse_connect_arguments")
            # Logs go to standard error, here and in production.
            function.can_block_in("logging/__init__.py", "emit")
            # A traceback in the log shows source lines; that is worth the moment it takes.
            function.can_block_in("linecache.py", {"checkcache", "updatecache"})
        yield


@pytest.fixture(scope="session")
async def settings(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Settings]:
    """NATS, Postgres and Redis, with the newest schema and nothing in it."""
    async with embedded_servers(tmp_path_factory.mktemp("servers")) as settings:
        await migrate(settings)
        yield settings


@pytest.fixture(scope="session")
async def actors(settings: Settings) -> AsyncGenerator[Mapping[type[Actor], Actor]]:
    """All of the cast, running in this process; passwords are hashed quickly and badly."""
    async with AsyncExitStack() as exits:
        parts = Parts(settings, exits)
        quick = Accounts(parts.bus(Role.ACCOUNTS), parts.database(), parts.redis(), hasher=QUICK_HASHER)
        cast = {kind: quick if kind is Accounts else make(parts) for kind, make in CAST.items()}
        await parts.connect()
        await exits.enter_async_context(supervised(*cast.values()))
        yield cast


@pytest.fixture(scope="session")
async def bus(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    """The bus as the gateway sees it, with everybody there."""
    async with Bus(settings, Role.GATEWAY) as bus:
        yield bus


@pytest.fixture(scope="session")
async def console(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    """The bus as the operator's command line sees it, with everybody there."""
    async with Bus(settings, Role.CONSOLE) as bus:
        yield bus


@pytest.fixture(scope="session")
async def engine(settings: Settings) -> AsyncGenerator[AsyncEngine]:
    """The database, past all actors."""
    engine = connect_database(settings, pool_size=4)
    yield engine
    await engine.dispose()


class NewUser(Protocol):
    """Makes somebody whom no other test knows, with the password PASSWORD."""

    def __call__(self, name: str = "Ann", *, is_admin: bool = False) -> Awaitable[User]: ...


class NewTeam(Protocol):
    """Makes a team with one member, its owner: somebody new when nobody is named."""

    def __call__(self, owner: User | None = None, name: str = "Crew") -> Awaitable[MyTeam]: ...


_numbers = count(1)


@pytest.fixture(scope="session")
def new_user(console: Bus) -> NewUser:
    async def new_user(name: str = "Ann", *, is_admin: bool = False) -> User:
        username = f"{name.lower().replace(' ', '.')}{next(_numbers)}"
        return await console.request(CreateUser(username=username, password=PASSWORD, name=name, is_admin=is_admin))

    return new_user


@pytest.fixture(scope="session")
def new_team(bus: Bus, new_user: NewUser) -> NewTeam:
    async def new_team(owner: User | None = None, name: str = "Crew") -> MyTeam:
        owner = owner or await new_user()
        return await bus.request(CreateTeam(by=owner.id, name=name, person=person(owner)))

    return new_team


def person(user: User) -> Person:
    """A user as the edges tell the task store of them."""
    return Person(user=user.id, username=user.username, name=user.name)
