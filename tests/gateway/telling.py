"""Notices, groups and deliveries that tests ask about: made as in life, by what people and the bot do."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from infra.bus import Bus
from schemas.deliveries import BindGroup, ClaimDelivery, Outcome, ReportDelivery
from schemas.ids import ChatId, TeamId, TelegramId
from schemas.telegram import ConfirmTelegram, CreateTelegramCode
from tests.gateway.browser import Browser
from tests.waiting import wait_for

_accounts = map(TelegramId, count(800_001))
_chats = count(-1_001_000_000_001, -1)


def in_hours(hours: int) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


async def notice_about(reader: Browser, name: str, value: object) -> dict[str, Any]:
    """The newest notice of somebody of which this holds; waits until it has come."""

    async def find() -> dict[str, Any] | None:
        notices = (await reader.get("/api/notices/")).body["notices"]
        return next((notice for notice in notices if notice[name] == value), None)

    found = await wait_for(find)
    assert found is not None
    return found


async def add_to_a_team(reader: Browser, by: Browser) -> dict[str, Any]:
    """Somebody takes the reader into a new team; gives the notice of it."""
    team = (await by.post("/api/teams/", {"name": "Another"})).body["id"]
    body = {"username": reader.user.username, "role": "member"}
    assert (await by.post(f"/api/teams/{team}/members/", body)).status == 201
    return await notice_about(reader, "team", team)


async def link(reader: Browser, bus: Bus) -> TelegramId:
    """A Telegram account that nobody else has."""
    telegram = next(_accounts)
    code = (await bus.request(CreateTelegramCode(telegram=telegram))).code
    await bus.request(ConfirmTelegram(by=reader.user.id, code=code))
    return telegram


async def give_up(reader: Browser, by: Browser, bus: Bus, messenger: Bus) -> int:
    """A notice for the reader goes to Telegram, which will not have it; gives the delivery."""
    chat = ChatId(await link(reader, bus))
    await add_to_a_team(reader, by)
    claim = await wait_for(lambda: _claimed(chat, messenger))
    report = ReportDelivery(delivery=claim.id, attempt=claim.attempt, outcome=Outcome.REFUSED, error="no")
    await messenger.request(report)
    return claim.id


async def _claimed(chat: ChatId, messenger: Bus) -> Any:
    return (await messenger.request(ClaimDelivery(chat=chat))).delivery


async def bind_group(admin: Browser, team: int, messenger: Bus, thread: Any = None) -> str:
    """A group hears of a team; gives its address."""
    chat = ChatId(next(_chats))
    command = BindGroup(by=admin.user.id, chat=chat, thread=thread, title="Our group", team=TeamId(team))
    await messenger.request(command)
    return str(chat) if thread is None else f"{chat}_{thread}"
