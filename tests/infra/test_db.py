import os
import signal
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.children import Children
from infra.children.record import read_record
from infra.config import Settings
from infra.db import connect_database, is_away, transaction
from infra.embedded import Folder, start_servers
from schemas.errors import BusError, ErrorCode
from tests.waiting import wait_for


class Postgres:
    """A Postgres of a test's own, so that it may be killed; it starts again by itself."""

    def __init__(self, folder: Folder, engine: AsyncEngine) -> None:
        self.engine = engine
        self._folder = folder

    def process(self) -> int | None:
        running = read_record(self._folder.record)
        return next((child["pid"] for child in running if child["role"] == "postgres"), None)

    async def stop(self, how: signal.Signals) -> None:
        """End its process; returns when there is another one."""
        first_life = self.process()
        assert first_life
        os.kill(first_life, how)
        await wait_for(lambda: self.process() not in (None, first_life))

    async def answers(self, engine: AsyncEngine | None = None) -> bool:
        try:
            async with transaction(engine or self.engine) as connection:
                return await connection.scalar(text("SELECT true")) is True
        except BusError as error:
            assert error.code is ErrorCode.UNAVAILABLE  # noqa: PT017 - whatever the moment, never anything else
            return False


@pytest.fixture
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Postgres]:
    folder = Folder(tmp_path_factory.mktemp("postgres"))
    folder.create()
    elsewhere = {"NATS_URL": "not needed", "REDIS_URL": "not needed"}
    async with Children(folder.record) as children:
        settings = Settings.read(await start_servers(children, folder, elsewhere))
        engine = connect_database(settings)
        yield Postgres(folder, engine)
        await engine.dispose()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGQUIT])
async def test_a_database_that_stops_is_away_until_it_is_back(postgres: Postgres, how: signal.Signals) -> None:
    with pytest.raises(BusError) as refusal:
        async with transaction(postgres.engine) as connection:
            await postgres.stop(how)
            await connection.execute(text("SELECT 1"))

    assert refusal.value.code is ErrorCode.UNAVAILABLE
    await wait_for(postgres.answers)


async def test_connections_that_died_unused_cost_nobody_an_answer(postgres: Postgres) -> None:
    async with postgres.engine.connect() as one, postgres.engine.connect() as another:
        await one.execute(text("SELECT 1"))
        await another.execute(text("SELECT 1"))

    await postgres.stop(signal.SIGINT)
    observer = connect_database_anew(postgres)
    await wait_for(lambda: postgres.answers(observer))
    await observer.dispose()

    assert postgres.engine.pool.checkedin() == 2  # pyright: ignore - the pool that engines have
    assert await postgres.answers()
    assert await postgres.answers()
