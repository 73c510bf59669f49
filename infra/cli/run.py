"""`ttm run`: one part in this process."""

from collections.abc import Sequence

from infra.cli.parts import find_part, load_main
from infra.config import Settings


def run_part(names: Sequence[str]) -> None:
    """Blocks until SIGTERM or SIGINT. Raises ConfigError when the environment lacks something."""
    part, actors = find_part(names)
    settings = Settings.read()
    settings.require(*part.needs)
    load_main(part)(settings, actors)
