"""`ttm run` and `ttm answers`: one part in this process, and the health of one beside it."""

import asyncio
from collections.abc import Sequence

from infra.children.program import Probe
from infra.cli.parts import find_part, load_main
from infra.config import ConfigError, Settings


def run_part(names: Sequence[str]) -> None:
    """Blocks until SIGTERM or SIGINT. Raises ConfigError when the environment lacks something."""
    part, actors = find_part(names)
    settings = Settings.read()
    settings.require(*part.needs)
    settings.refuse_examples(*part.secrets)
    load_main(part)(settings, actors)


def check_part(name: str) -> None:
    """Raises ConfigError when the part cannot do its work, or cannot be reached."""
    from infra.cli.probes import probe_of

    find_part([name])
    try:
        asyncio.run(_ask(probe_of(name, Settings.read())))
    except Exception as error:
        raise ConfigError(f"{name} does not answer: {error or type(error).__name__}") from error


async def _ask(probe: Probe) -> None:
    await probe()
