"""Whether a part can do its work: each raises for as long as it cannot."""

import asyncio
import urllib.request
from collections.abc import Sequence
from functools import partial

from infra.bus import Bus
from infra.children.program import Probe
from infra.cli.parts import ACTORS
from infra.config import Settings
from schemas.base import Role

_SECONDS = 2.0


async def page_answers(url: str) -> None:
    """A GET is answered with success."""
    await asyncio.to_thread(_get, url)


def _get(url: str) -> None:
    urllib.request.urlopen(url, timeout=_SECONDS).close()  # noqa: S310 - an address that we made


async def actors_answer(settings: Settings, roles: Sequence[Role]) -> None:
    """One of each has subscribed to what it owns: asked in its own name, it answers a PING."""
    async with asyncio.timeout(_SECONDS):
        await asyncio.gather(*(_actor_answers(settings, role) for role in roles))


async def _actor_answers(settings: Settings, role: Role) -> None:
    async with Bus(settings, role, name=f"probe of {role}") as bus:
        await bus.client.request(f"$SRV.PING.{role}", timeout=_SECONDS)


async def bot_answers(settings: Settings) -> None:
    """The bot's user may enter NATS, and Telegram knows its token."""
    async with asyncio.timeout(_SECONDS), Bus(settings, Role.BOT, name="probe of bot"):
        base = settings.telegram_api_base or "https://api.telegram.org"
        await page_answers(f"{base}/bot{settings.bot_token}/getMe")


def probe_of(name: str, settings: Settings) -> Probe:
    """How to find out whether the part `name` can do its work."""
    if name in ACTORS:
        return partial(actors_answer, settings, [Role(name)])
    probes: dict[str, Probe] = {
        "actors": partial(actors_answer, settings, ACTORS),
        "bot": partial(bot_answers, settings),
        "gateway": partial(page_answers, f"{gateway_url(settings)}/readyz"),
        "simulator": partial(page_answers, f"http://{local(settings.simulator_host)}:{settings.simulator_port}/"),
    }
    return probes[name]


def gateway_url(settings: Settings) -> str:
    """Where a browser on this machine finds the gateway."""
    return f"http://{local(settings.gateway_host)}:{settings.gateway_port}"


def local(host: str) -> str:
    """An address of this machine that reaches who listens on `host`."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - read, not bound
    return everywhere.get(host, host)
