import asyncio
from collections import Counter
from pathlib import Path

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.accounts import Accounts
from infra.bus import Bus
from infra.config import Settings
from infra.process import supervised
from infra.redis import Redis
from schemas.accounts import SignIn
from schemas.base import Role
from schemas.errors import ErrorCode
from tests.actors.outcomes import outcome
from tests.actors.slow_hasher import SlowHasher
from tests.conftest import PASSWORD
from tests.infra.own_servers import own_server
from tests.waiting import wait_for


async def test_when_many_sign_in_at_once_most_are_told_so_before_a_password_is_looked_at(
    settings: Settings, engine: AsyncEngine, redis: Redis, tmp_path: Path
) -> None:
    hasher = SlowHasher()
    async with own_server("nats", tmp_path) as nats:
        alone = msgspec.structs.replace(nats.settings, database_url=settings.database_url)
        async with (
            Bus(alone, Role.ACCOUNTS) as own,
            supervised(Accounts(own, engine, redis, hasher=hasher)),
            Bus(alone, Role.GATEWAY) as gateway,
        ):
            wrong = SignIn(username="nobody-is-called-this", password=PASSWORD)
            answers = [asyncio.ensure_future(outcome(gateway, wrong)) for _ in range(50)]
            await wait_for(lambda: len([answer for answer in answers if answer.done()]) >= 30)
            told = Counter(answer.result() for answer in answers if answer.done())
            hasher.go_on.set()
            all_told = Counter(await asyncio.gather(*answers))

    assert told.keys() == {ErrorCode.OVERLOADED}
    assert all_told.keys() == {ErrorCode.OVERLOADED, ErrorCode.UNAUTHENTICATED}
    assert all_told[ErrorCode.UNAUTHENTICATED] >= 10
