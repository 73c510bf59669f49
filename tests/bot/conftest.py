"""Each test has a Telegram of its own, unless it lives in the town, which has one for all of a module."""

from collections.abc import AsyncGenerator

import pytest

from bot.simulator.telegram import Telegram
from infra.bus import Bus
from infra.config import Settings
from tests.bot.simulated import TOKEN, People, simulated
from tests.bot.town import Town, bot_at_work, telegram_of_its_own
from tests.conftest import NewTeam, NewUser


@pytest.fixture
def telegram() -> Telegram:
    return Telegram(TOKEN)


@pytest.fixture
async def people(telegram: Telegram) -> AsyncGenerator[People]:
    async with simulated(telegram) as people:
        yield people


@pytest.fixture(scope="module")
async def town(settings: Settings, bus: Bus, new_user: NewUser, new_team: NewTeam) -> AsyncGenerator[Town]:
    """The real bot between the real actors and a Telegram; everybody in it is somebody new."""
    async with simulated(telegram_of_its_own()) as people, bot_at_work(people, settings):
        yield Town(people, bus, new_user, new_team)
