import asyncio
import signal
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.db import connect_database, is_away, transaction
from schemas.errors import BusError, ErrorCode
from tests.infra.own_servers import OwnServer, own_server
from tests.waiting import wait_for


@pytest.fixture
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[OwnServer]:
    async with own_server("postgres", tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
async def own_engine(postgres: OwnServer) -> AsyncGenerator[AsyncEngine]:
    engine = connect_database(postgres.settings)
    yield engine
    await engine.dispose()


@pytest.fixture
async def observer(postgres: OwnServer) -> AsyncGenerator[AsyncEngine]:
    engine = connect_database(postgres.settings)
    yield engine
    await engine.dispose()


async def one(engine: AsyncEngine) -> int | None:
    async with transaction(engine) as connection:
        return await connection.scalar(text("SELECT 1"))


async def is_here(engine: AsyncEngine) -> bool:
    """Whatever the moment, a database is here or away and nothing else."""
    try:
        return await one(engine) == 1
    except BusError as error:
        assert error.code is ErrorCode.UNAVAILABLE  # noqa: PT017 - not raised each time
        return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
async def test_a_database_that_stops_under_a_transaction_is_away(
    postgres: OwnServer, own_engine: AsyncEngine, how: signal.Signals
) -> None:
    async def stopped_half_way() -> None:
        async with transaction(own_engine) as connection:
            await connection.execute(text("SELECT 1"))
            await postgres.stop(how)
            await connection.execute(text("SELECT 1"))

    with pytest.raises(BusError) as refusal:
        await stopped_half_way()
    assert refusal.value.code is ErrorCode.UNAVAILABLE
    await wait_for(lambda: is_here(own_engine))


async def test_a_database_that_lets_its_last_users_finish_is_away_for_others(
    postgres: OwnServer, own_engine: AsyncEngine, observer: AsyncEngine
) -> None:
    async def is_away_for_others() -> bool:
        return not await is_here(observer)

    async with own_engine.connect() as last_user:
        await last_user.execute(text("SELECT 1"))
        postgres.send(signal.SIGTERM)
        await wait_for(is_away_for_others)
        assert await last_user.scalar(text("SELECT 1")) == 1


async def test_connections_that_died_unused_cost_nobody_an_answer(
    postgres: OwnServer, own_engine: AsyncEngine, observer: AsyncEngine
) -> None:
    await asyncio.gather(*(one(own_engine) for _ in range(4)))

    await postgres.stop(signal.SIGINT)
    await wait_for(lambda: is_here(observer))

    assert await asyncio.gather(*(one(own_engine) for _ in range(4))) == [1] * 4


@pytest.mark.parametrize(
    ("statement", "kind"), [("SELECT 1 / 0", DBAPIError), ("SELECT * FROM nothing", ProgrammingError)]
)
async def test_what_the_database_refuses_is_another_matter(
    engine: AsyncEngine, statement: str, kind: type[DBAPIError]
) -> None:
    async def refused() -> None:
        async with transaction(engine) as connection:
            await connection.execute(text(statement))

    with pytest.raises(kind) as refusal:
        await refused()
    assert not is_away(refusal.value)


async def test_an_error_does_not_show_what_people_wrote(engine: AsyncEngine) -> None:
    async def refused() -> None:
        async with transaction(engine) as connection:
            await connection.execute(text("SELECT CAST(:secret AS text) FROM nothing"), {"secret": "what Ann wrote"})

    with pytest.raises(DBAPIError) as refusal:
        await refused()
    assert "what Ann wrote" not in str(refusal.value)
