"""How an update finds its handler: the only list of routers."""

from aiogram import Dispatcher

from bot.handlers.start import start_router
from bot.handlers.unknown import unknown_router
from bot.middlewares import InProgress, Introduction
from infra.bus import Bus


def create_dispatcher(bus: Bus) -> Dispatcher:
    """Handlers are given `bus`, and `texts` in the person's language."""
    dispatcher = Dispatcher(disable_fsm=True, bus=bus)
    dispatcher.include_routers(start_router(), unknown_router())
    in_progress = InProgress()
    dispatcher.update.outer_middleware(Introduction())
    dispatcher.update.outer_middleware(in_progress)
    dispatcher.shutdown.register(in_progress.finish)
    return dispatcher
