"""The simulator as a process of its own."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from bot.simulator.app import serve
from bot.simulator.limits import Limiter, Rates
from bot.simulator.recall import remember
from bot.simulator.telegram import Telegram
from infra.config import ConfigError, Settings
from infra.log import get_logger
from infra.process import run, stop_signal

log = get_logger(__name__)


def main(settings: Settings, _names: Sequence[str] = ()) -> None:
    """Serve until SIGTERM or SIGINT. Names choose the parts of larger processes; this one has no parts.

    Raises ConfigError.
    """
    telegram = Telegram(settings.bot_token, Limiter(Rates() if settings.simulator_limits else None))
    if settings.simulator_file:
        _remember(telegram, Path(settings.simulator_file))

    async def until_stopped() -> None:
        stop = stop_signal()
        async with serve(telegram, settings.simulator_host, settings.simulator_port) as address:
            log.info("telegram simulator is ready", url=address)
            await stop.wait()

    run(until_stopped, settings)


def _remember(telegram: Telegram, path: Path) -> None:
    try:
        remember(telegram, path)
    except OSError as error:
        raise ConfigError(f"SIMULATOR_FILE: {path}: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise ConfigError(f"SIMULATOR_FILE: {path} is none of the simulator's: {error}") from error
