"""Whether a part can do its work: each raises for as long as it cannot."""

import asyncio
import urllib.request
from collections.abc import Sequence

from infra.bus import Bus
from infra.config import Settings
from schemas.base import Role

_SECONDS = 2.0


async def page_answers(url: str) -> None:
    """A GET is answered with success."""
    await asyncio.to_thread(_get, url)


def _get(url: str) -> None:
    urllib.request.urlopen(url, timeout=_SECONDS).close()  # noqa: S310 - an address that we made


async def actors_answer(settings: Settings, roles: Sequence[Role]) -> None:
    """One of each has subscribed to what it owns: it answers a PING."""
    bus = Bus(settings, Role.CONSOLE)
    async with asyncio.timeout(_SECONDS):
        await bus.connect()
        try:
            await asyncio.gather(*(bus.client.request(f"$SRV.PING.{role}", timeout=_SECONDS) for role in roles))
        finally:
            await bus.close()
