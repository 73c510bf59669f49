"""How a second `ttm` finds what the first one started."""

import os
from pathlib import Path

from infra.config import Settings
from infra.embedded.folder import Folder, read_env


def running_settings(data: Path) -> Settings:
    """What the environment says, and for the rest what runs on `data` now. Raises ConfigError."""
    return Settings.read(read_env(Folder(data).running) | dict(os.environ))
