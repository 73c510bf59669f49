"""How an update finds its handler: the only list of routers."""

from aiogram import Dispatcher

from bot.handlers.agenda import agenda_router
from bot.handlers.assignment import assignment_router
from bot.handlers.comments import comment_router
from bot.handlers.deadline import deadline_router
from bot.handlers.done import done_router
from bot.handlers.groups import group_router
from bot.handlers.language import language_router
from bot.handlers.link import link_router
from bot.handlers.membership import membership_router
from bot.handlers.mute import mute_router
from bot.handlers.new import new_router, offer_router
from bot.handlers.snooze import snooze_router
from bot.handlers.start import start_router
from bot.handlers.undo import undo_router
from bot.handlers.unknown import unknown_router
from bot.links import Links
from bot.middlewares import InProgress, Introduction
from infra.bus import Bus

NO_LINKS = Links()


def create_dispatcher(bus: Bus, links: Links = NO_LINKS) -> Dispatcher:
    """Handlers are given `bus`, `links`, and what the Introduction finds out."""
    dispatcher = Dispatcher(disable_fsm=True, bus=bus, links=links)
    dispatcher.include_routers(
        start_router(),
        link_router(),
        agenda_router(),
        new_router(),
        done_router(),
        assignment_router(),
        deadline_router(),
        mute_router(),
        language_router(),
        group_router(),
        snooze_router(),
        undo_router(),
        membership_router(),
        # After the commands: these take text of any kind.
        comment_router(),
        offer_router(),
        unknown_router(),
    )
    in_progress = InProgress()
    dispatcher.update.outer_middleware(Introduction(bus))
    dispatcher.update.outer_middleware(in_progress)
    dispatcher.shutdown.register(in_progress.finish)
    return dispatcher
