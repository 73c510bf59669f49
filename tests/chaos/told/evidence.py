"""What became of each notice, by the database, by the chats in Telegram and by what people saw."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.ids import TeamId
from schemas.notices import Attempt, Channel, State
from tests.chaos.told.boss import Boss
from tests.chaos.told.people import Crowd, Somebody

_TITLE = re.compile(r"Chaos \d{5}")

_NOTICES = text("""
    SELECT n.id, n.recipient, n.title, n.attempts, d.id AS delivery, d.tries
    FROM notices.notices n LEFT JOIN notices.deliveries d ON d.id = n.delivery
    WHERE n.team = :team AND n.kind = 'assigned' ORDER BY n.id
""")
_OPEN = text("""
    SELECT (SELECT count(*) FROM notices.notices WHERE stage <> 'settled')
        + (SELECT count(*) FROM notices.deliveries WHERE state IN ('waiting', 'sending'))
""")
_MISSING = text("""
    SELECT count(*) FROM board.teams t LEFT JOIN notices.positions p ON p.team = t.id WHERE t.seq > coalesce(p.seq, 0)
""")


class Found(NamedTuple):
    """A notice as the notifier knows it."""

    id: int
    recipient: int
    title: str
    attempts: list[Attempt]
    delivery: int | None
    tries: int | None

    def has(self, channel: Channel, state: State) -> bool:
        return any(attempt.channel is channel and attempt.state is state for attempt in self.attempts)


class Sent(NamedTuple):
    """A message in somebody's chat."""

    at: datetime
    titles: list[str]


async def is_settled(engine: AsyncEngine) -> bool:
    """Nothing is on its way any more, and the notifier has read all that happened."""
    async with engine.connect() as connection:
        return not any([(await connection.execute(asked)).scalar_one() for asked in (_MISSING, _OPEN)])


async def notices(engine: AsyncEngine, team: TeamId) -> list[Found]:
    async with engine.connect() as connection:
        rows = (await connection.execute(_NOTICES, {"team": team})).all()
    return [
        Found(row.id, row.recipient, row.title, msgspec.convert(row.attempts, list[Attempt]), row.delivery, row.tries)
        for row in rows
    ]


async def sent(crowd: Crowd, one: Somebody) -> list[Sent]:
    """The messages about tasks, in the order of the chat."""
    return [
        Sent(datetime.fromtimestamp(message["date"], UTC), titles)
        for message in await crowd.chat(one)
        if (titles := _TITLE.findall(message.get("text") or ""))
    ]


async def check(engine: AsyncEngine, crowd: Crowd, boss: Boss) -> list[str]:
    """Everybody was told of everything, in order, nothing after it was cancelled; gives what is to be printed."""
    found = await notices(engine, crowd.team)
    by_title = {notice.title: notice for notice in found}
    assert len(found) == len(by_title), "somebody has two notices of one event"
    assert by_title.keys() == boss.given.keys(), "somebody has no notice"
    lines: Counter[str] = Counter()
    for one in crowd.people:
        mine = [notice for notice in found if notice.recipient == one.user.id]
        _check_person(one, mine, await sent(crowd, one), boss, lines)
    return [f"told: {count} {what}" for what, count in sorted(lines.items())]


def _check_person(one: Somebody, mine: list[Found], chat: list[Sent], boss: Boss, lines: Counter[str]) -> None:
    times = Counter(title for message in chat for title in message.titles)
    for notice in mine:
        assert boss.given[notice.title] is one
        toasted, written = notice.id in one.shown, times[notice.title] > 0
        cancelled = notice.title in boss.finished
        assert toasted or written or cancelled, f"nobody told {one.user.username} of it: {notice}"
        _check_claims(notice, toasted=toasted, written=written)
        _check_cancelled(notice, [message.at for message in chat if notice.title in message.titles])
        lines["told twice in Telegram, after an attempt whose end nobody knew"] += _doubled(notice, times[notice.title])
        lines["told in Telegram after a toast that nobody acknowledged"] += toasted and written
        lines["told by toast alone"] += toasted and not written
        lines["told in Telegram alone"] += written and not toasted
        lines["cancelled before anybody was told"] += not (toasted or written)
    _check_order(mine, chat)
    lines["messages with several notices"] += sum(len(message.titles) > 1 for message in chat)


def _check_claims(notice: Found, *, toasted: bool, written: bool) -> None:
    """What the notifier says has happened, people have seen."""
    if notice.has(Channel.TELEGRAM, State.DELIVERED):
        assert written, f"said to be in Telegram: {notice}"
    if notice.has(Channel.TOAST, State.DELIVERED):
        assert toasted, f"said to have been shown: {notice}"


def _check_cancelled(notice: Found, messages: Iterable[datetime]) -> None:
    cancelled = [a.at for a in notice.attempts if a.channel is Channel.TELEGRAM and a.state is State.CANCELLED]
    for at in messages:
        # Telegram's clock has whole seconds, and rounds down.
        assert all(at <= moment for moment in cancelled), f"sent at {at}, after it was cancelled: {notice}"


def _doubled(notice: Found, times: int) -> int:
    """The one window: whoever sent it could not say so, so it was tried again."""
    if times > 1:
        assert notice.tries is not None
        assert notice.tries >= times, f"sent {times} times in {notice.tries} attempts: {notice}"
    return max(times - 1, 0)


def _check_order(mine: list[Found], chat: list[Sent]) -> None:
    """Deliveries come to a chat in the order in which they were made; within a message notices are in order too."""
    delivery = {notice.title: notice.delivery for notice in mine}
    ids = {notice.title: notice.id for notice in mine}
    firsts: dict[Any, None] = {}
    for message in chat:
        firsts |= dict.fromkeys(delivery[title] for title in message.titles)
        assert [ids[title] for title in message.titles] == sorted(ids[title] for title in message.titles)
    assert [*firsts] == sorted(firsts), f"out of order: {[*firsts]}"
