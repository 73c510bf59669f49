"""The simulator as a process of its own."""

from collections.abc import Sequence

from bot.simulator.app import serve
from bot.simulator.telegram import Telegram
from infra.config import Settings
from infra.log import get_logger
from infra.process import run, stop_signal

log = get_logger(__name__)


def main(settings: Settings, _names: Sequence[str] = ()) -> None:
    """Serve until SIGTERM or SIGINT. Names choose the parts of larger processes; this one has no parts."""

    async def until_stopped() -> None:
        stop = stop_signal()
        async with serve(Telegram(settings.bot_token), settings.simulator_host, settings.simulator_port) as address:
            log.info("telegram simulator is ready", url=address)
            await stop.wait()

    run(until_stopped, settings)
