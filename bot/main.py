"""The bot as a process of its own."""

from collections.abc import Sequence

from bot.models import build_when_used
from infra.config import Settings


def main(settings: Settings, _names: Sequence[str] = ()) -> None:
    """Answer people until SIGTERM or SIGINT. Names choose the parts of larger processes; this one has no parts.

    Raises ConfigError.
    """
    settings.require("nats_url")
    build_when_used()
    from bot.answering import answer_until_stopped

    answer_until_stopped(settings)
