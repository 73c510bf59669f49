"""Each test has a Telegram of its own."""

from collections.abc import AsyncGenerator

import pytest

from bot.simulator.telegram import Telegram
from tests.bot.simulated import TOKEN, People, simulated


@pytest.fixture
def telegram() -> Telegram:
    return Telegram(TOKEN)


@pytest.fixture
async def people(telegram: Telegram) -> AsyncGenerator[People]:
    async with simulated(telegram) as people:
        yield people
