"""Time zones, whose files no event loop shall wait for."""

import asyncio
from collections.abc import Collection
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from infra.log import get_logger

log = get_logger(__name__)

_UTC = ZoneInfo("UTC")
_zones = {"UTC": _UTC}


async def know_zones(names: Collection[str]) -> None:
    """Read what `zone` is asked for next."""
    for name in {*names} - _zones.keys():
        _zones[name] = await asyncio.to_thread(_read, name)


def _read(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        log.warning("no such time zone", name=name)
        return _UTC


def zone(name: str) -> ZoneInfo:
    """The zone of this name; UTC where there is none, or none that is known yet."""
    return _zones.get(name, _UTC)
