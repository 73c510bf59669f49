"""One process: its services under a supervisor, from the first start to the last flush."""

import asyncio
import gc
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

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
    # What was imported never becomes garbage, and a request leaves none behind that needs looking for: by default
    # the collector takes an eighth of the gateway's time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    await main()


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def supervised(*services: Service) -> AsyncGenerator[Service]:
    """The services, started in order, started again whenever they crash, and stopped in reverse order at the end.

    Yields the supervisor, which crashes itself when it has to give up.
    """
    # mode reads these two as a refill per second and a capacity: five restarts a minute, then it gives up.
    supervisor = OneForOneSupervisor(max_restarts=5 / 60, over=5)
    supervisor.add(*services)
    await supervisor.start()
    try:
        yield supervisor
    finally:
        for service in reversed(services):
            await service.stop()
        await supervisor.stop()


async def supervise(*services: Service) -> None:
    """Keep the services running until a stop signal. Raises SystemExit when one crashes too often."""
    stop = stop_signal()
    async with supervised(*services) as supervisor:
        await supervisor.wait_first(stop.wait())
    if not stop.is_set():
        log.error("crashed too often; giving up")
        raise SystemExit(1)
