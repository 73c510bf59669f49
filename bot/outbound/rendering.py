"""A delivery as a message: what it says, and its buttons."""

from typing import NamedTuple

from aiogram.types import LinkPreviewOptions

from bot import keyboards
from bot.links import Links
from bot.rewriting import TEXT_LIMIT, length
from bot.texts import DEFAULT_LANGUAGE, TEXTS, plain, quote
from infra.language import notices
from schemas.accounts import Language
from schemas.deliveries import Delivery
from schemas.notices import Notice

SAYINGS = notices.sayings(quote)
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Rendered(NamedTuple):
    text: str
    buttons: keyboards.Buttons


def render(delivery: Delivery, links: Links) -> Rendered:
    """One notice with all that can be done about it, or several as a list with a button for each task."""
    language = delivery.language or Language(DEFAULT_LANGUAGE)
    texts = TEXTS[language]
    if len(delivery.notices) == 1 and not delivery.more:
        notice = delivery.notices[0]
        buttons = keyboards.of_notice(
            texts,
            links,
            kind=notice.kind,
            team=notice.team,
            task=notice.task,
            notice=notice.id,
            is_group=delivery.user is None,
        )
        return Rendered(_line(notice, delivery, language, links), buttons)
    tasks = dict.fromkeys(
        notice.task for notice in delivery.notices if notice.task and notice.kind in keyboards.UNSETTLED
    )
    return Rendered(_summary(delivery, language, links), keyboards.of_summary([*tasks]))


def _line(notice: Notice, delivery: Delivery, language: Language, links: Links) -> str:
    say = notices.sentence_for_group if delivery.user is None else notices.sentence
    text = say(notice, language, delivery.time_zone, SAYINGS)
    return f"{text} {links.number(notice.team, notice.task)}" if notice.task else text


def _summary(delivery: Delivery, language: Language, links: Links) -> str:
    """As many lines as one message holds; the rest is counted."""
    head = f"<b>{notices.heading(len(delivery.notices) + delivery.more, language, SAYINGS)}</b>"
    lines = [f"• {_line(notice, delivery, language, links)}" for notice in delivery.notices]
    while True:
        more = len(delivery.notices) - len(lines) + delivery.more
        rest = [notices.rest(more, language, SAYINGS)] if more else []
        text = "\n".join([head, *lines, *rest])
        # Telegram counts what is left of the markup, and takes so much in any case.
        if length(plain(text)) <= TEXT_LIMIT - 100 or not lines:
            return text
        lines.pop()
