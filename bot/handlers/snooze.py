"""The buttons that ask to be told again later."""

from datetime import UTC, datetime, timedelta

from aiogram import Router
from aiogram.types import CallbackQuery

from bot import keyboards
from bot.callbacks import Snooze, Until
from bot.links import Links
from bot.middlewares import LinkedOnly
from bot.moments import said, tomorrow_morning
from bot.rewriting import append, message_of
from bot.texts import Texts
from infra.bus import Bus
from schemas.accounts import User
from schemas.notices import SnoozeNotice
from schemas.search import GetTask


def snooze_router() -> Router:
    """A new router, because each can be included only once."""
    router = Router(name="snooze")
    router.callback_query.middleware(LinkedOnly())
    router.callback_query.register(snooze, Snooze.filter())
    return router


async def snooze(
    query: CallbackQuery, callback_data: Snooze, texts: Texts, bus: Bus, person: User, links: Links
) -> None:
    message = await message_of(query, texts)
    if message is None:
        return
    now = datetime.now(UTC).replace(microsecond=0)
    is_hour = callback_data.until is Until.HOUR
    until = now + timedelta(hours=1) if is_hour else tomorrow_morning(person.time_zone, now)
    task = await bus.request(GetTask(by=person.id, task=callback_data.task))
    await bus.request(SnoozeNotice(by=person.id, notice=callback_data.notice, until=until))
    line = texts.say("snoozed", at=said(until, texts, person.time_zone))
    await append(message, line, keyboards.of_task(texts, links, task))
    await query.answer()
