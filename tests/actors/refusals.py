"""Asking for what is refused."""

from typing import Any

import pytest

from infra.bus import Bus
from schemas.base import Command
from schemas.errors import BusError


async def refusal(bus: Bus, command: Command[Any]) -> BusError:
    """The error that the command fails with."""
    with pytest.raises(BusError) as refusal:
        await bus.request(command)
    return refusal.value
