"""`ttm migrate`."""

import asyncio
from pathlib import Path

from infra.cli.running import running_settings
from infra.config import ConfigError
from infra.log import setup_logging
from infra.migrate import SchemaError, migrate


def migrate_database(data: Path) -> None:
    """Raises ConfigError when there is no database, or one that does not fit."""
    settings = running_settings(data)
    settings.require("database_url")
    setup_logging(settings)
    try:
        asyncio.run(migrate(settings))
    except SchemaError as error:
        raise ConfigError(str(error)) from error
    except OSError as error:
        raise ConfigError(f"cannot reach Postgres: {error}") from error
