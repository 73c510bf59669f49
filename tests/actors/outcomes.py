"""What became of a command, in one word."""

from typing import Any

from infra.bus import Bus
from schemas.base import Command
from schemas.errors import BusError, ErrorCode


async def outcome(bus: Bus, command: Command[Any]) -> ErrorCode | None:
    """Why it was refused; None when it was done."""
    try:
        await bus.request(command)
    except BusError as error:
        return error.code
    return None
