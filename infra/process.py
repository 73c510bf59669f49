"""One process: its services under a supervisor, from the first start to the last flush."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import uvloop
from mode import Service
from mode.supervisors import OneForOneSupervisor

from infra.config import Settings
from infra.log import get_logger, setup_logging

log = get_logger(__name__)


def run(main: Callable[[], Awaitable[None]], settings: Settings) -> None:
    """Run `main` on a fast loop; SIGTERM and SIGINT cancel nothing, `stopped()` tells it."""
    setup_logging(settings)
    uvloop.run(_awaited(main))


async def _awaited(main: Callable[[], Awaitable[None]]) -> None:
    await main()


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def supervise(*services: Service) -> None:
    """Start the services in order, start again whichever crashes, and at a stop signal stop them in reverse order."""
    # mode reads these two as a refill per second and a capacity: five restarts a minute, then the process gives up.
    supervisor = OneForOneSupervisor(max_restarts=5 / 60, over=5)
    supervisor.add(*services)
    stop = stop_signal()
    await supervisor.start()
    try:
        await supervisor.wait_first(stop.wait())
    finally:
        for service in reversed(services):
            await service.stop()
        await supervisor.stop()
