"""`ttm up`: the whole product as children of one process."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NamedTuple

from infra.children import Children
from infra.children.record import stop_leftovers
from infra.cli.ports import Ports, claim_ports
from infra.cli.ready import Ready
from infra.cli.screen import Screen, say
from infra.cli.start import Start
from infra.config import Settings
from infra.embedded import Folder
from infra.log import setup_logging

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Options(NamedTuple):
    """What was asked for."""

    data: Path
    port: int
    demo: bool
    apart: bool = False


def serve(options: Options, screen: Screen) -> None:
    """Start everything, say so, and keep it running until a signal. Raises ConfigError, ChildFailed and BusError."""
    settings = Settings.read()
    setup_logging(settings)
    # The checks that need no server come first: they answer at once.
    ports = claim_ports(settings, options.port)
    folder = Folder(options.data)
    folder.create()
    with folder.lock():
        stop_leftovers(folder.record)
        asyncio.run(_serve(folder, options, ports, screen))


async def _serve(folder: Folder, options: Options, ports: Ports, screen: Screen) -> None:
    stop = asyncio.Event()
    for number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    children = Children(folder.record)
    try:
        async with children:
            start = Start(children, folder, screen, dict(os.environ), ports, apart=options.apart)
            if ready := await _unless(stop, start.everything(demo=options.demo, data=options.data)):
                folder.tell_holder(f"process {os.getpid()} at {ready.url}")
                screen.show(ready)
                await children.wait(stop.wait())
                children.check()
                say("stopping")
    finally:
        folder.running.unlink(missing_ok=True)


async def _unless(stop: asyncio.Event, starting: Coroutine[Any, Any, Ready]) -> Ready | None:
    """The outcome of a start; None when it was told to stop meanwhile."""
    work = asyncio.ensure_future(starting)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait([work, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if work.done():
        return work.result()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return None
