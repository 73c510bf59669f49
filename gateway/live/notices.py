"""Passes on to people's pages what the notifier and accounts say of them."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import msgspec
from mode import Service

from gateway.live.fanout import Fanout
from gateway.live.frames import control_frame
from infra.bus import Bus, RawMessage, Subscription
from infra.language import notices
from infra.language.zones import know_zones
from infra.log import get_logger
from schemas import sockets
from schemas.accounts import Language, TimeZone
from schemas.base import UserEvent
from schemas.notices import Settled, Toasted
from schemas.telegram import TelegramLinkChanged

log = get_logger(__name__)

E = TypeVar("E", bound=UserEvent)


class Notices(Service):
    """Hears of notices and of links to Telegram, as every gateway does, and tells the pages of the person."""

    def __init__(self, bus: Bus, fanout: Fanout) -> None:
        super().__init__()
        self._bus = bus
        self._fanout = fanout
        self._subscriptions: list[Subscription] = []

    async def on_start(self) -> None:
        await self._listen(Toasted, self._raised)
        await self._listen(Settled, self._settled)
        await self._listen(TelegramLinkChanged, self._linked)

    async def on_stop(self) -> None:
        for subscription in self._subscriptions:
            await self._bus.leave(subscription)
        self._subscriptions.clear()

    async def _listen(self, kind: type[E], pass_on: Callable[[E], Awaitable[None]]) -> None:
        listener: Callable[[RawMessage], Awaitable[None]] = partial(_hear, msgspec.json.Decoder(kind), pass_on)
        self._subscriptions.append(await self._bus.listen(kind.subjects(), listener))

    async def _raised(self, event: Toasted) -> None:
        """One frame for all pages that speak alike."""
        await know_zones({line.time_zone for line in self._fanout.pages(event.user)})
        frames: dict[tuple[Language, TimeZone], bytes] = {}
        shown = tuple(notice.id for notice in event.notices) if event.toast else ()
        for line in self._fanout.pages(event.user):
            spoken = line.language, line.time_zone
            if spoken not in frames:
                frames[spoken] = control_frame(_notify(event, *spoken))
            line.notify(frames[spoken], shown)

    async def _settled(self, event: Settled) -> None:
        frame = control_frame(sockets.Inbox(unread=event.unread))
        for line in self._fanout.pages(event.user):
            line.say(frame)

    async def _linked(self, event: TelegramLinkChanged) -> None:
        frame = control_frame(sockets.Telegram(link=event.link))
        for line in self._fanout.pages(event.user):
            line.say(frame)


async def _hear(decoder: msgspec.json.Decoder[E], pass_on: Callable[[E], Awaitable[None]], raw: RawMessage) -> None:
    try:
        event = decoder.decode(raw.data)
    except msgspec.DecodeError:
        log.exception("an event cannot be read", subject=raw.subject)
    else:
        await pass_on(event)


def _notify(event: Toasted, language: Language, time_zone: TimeZone) -> sockets.Notify:
    return sockets.Notify(
        text=_text(event, language, time_zone) if event.toast else "",
        notices=event.notices,
        more=event.more,
        unread=event.unread,
    )


def _text(event: Toasted, language: Language, time_zone: TimeZone) -> str:
    """One sentence, or several with a heading above them."""
    told = [notices.sentence(notice, language, time_zone) for notice in event.notices]
    count = len(told) + event.more
    if count > 1:
        told.insert(0, notices.heading(count, language))
    if event.more:
        told.append(notices.rest(event.more, language))
    return "\n".join(told)
