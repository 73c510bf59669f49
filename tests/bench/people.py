"""People who are given tasks: members of one team, with a page to look at and a chat with the bot."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

import asyncpg
import msgspec
from aiohttp import ClientSession

from infra.bus import Bus
from schemas import members
from schemas.base import Role
from schemas.ids import TelegramId, UserId
from schemas.members import AddMember
from schemas.telegram import ConfirmTelegram, CreateTelegramCode
from schemas.tokens import CreateToken, Scope
from tests.bench.system import Board, System
from tests.waiting import wait_for

_AT_ONCE = 8
_GREETED_SECONDS = 60.0

_ACCOUNTS = """
    INSERT INTO accounts.users (username, name, password_hash, is_admin, is_active, created_at, time_zone, version,
        announced)
    SELECT username || '-' || n, 'Somebody', password_hash, false, true, now(), 'UTC', 1, true
    FROM accounts.users, generate_series(1, $2) n WHERE id = $1
    RETURNING id, username
"""

T = TypeVar("T")


class Person(msgspec.Struct):
    """One of them."""

    user: UserId
    token: str
    """Of the API; it opens their page."""
    chat: TelegramId


async def people(system: System, board: Board, count: int) -> list[Person]:
    """So many, in the first of the board's teams; the bot has greeted each, and nobody is in the web."""
    names = await _accounts(system, board, count)
    async with Bus(system.settings, Role.GATEWAY) as bus, ClientSession(system.settings.telegram_api_base) as telegram:
        limits = await (await telegram.get("/simulator/limits")).json()
        await telegram.put("/simulator/limits", json={"rates": None})
        found = await _few_at_once(_settle(board, bus, telegram, user, name) for user, name in names)

        async def all_greeted() -> bool:
            return await _greeted(telegram) >= count

        await wait_for(all_greeted, _GREETED_SECONDS)
        await telegram.put("/simulator/limits", json=limits)
    return found


async def _accounts(system: System, board: Board, count: int) -> list[tuple[UserId, str]]:
    """Ids and usernames. They are made past the product: it would hash that many passwords."""
    connection = await asyncpg.connect(system.settings.database_url)
    try:
        rows = await connection.fetch(_ACCOUNTS, board.user.id, count)
    finally:
        await connection.close()
    return [(row["id"], row["username"]) for row in rows]


async def _settle(board: Board, bus: Bus, telegram: ClientSession, user: UserId, name: str) -> Person:
    person = members.Person(user=user, username=name, name=name)
    await bus.request(AddMember(by=board.user.id, team=board.teams[0], person=person))
    token = await bus.request(CreateToken(by=user, name="page", scope=Scope.WRITE))
    chat = (await (await telegram.post("/simulator/people", json={"name": name})).json())["id"]
    # Before somebody has written to it, a bot may not write to them.
    (await telegram.post(f"/simulator/people/{chat}/messages", json={"text": "/start"})).raise_for_status()
    code = await bus.request(CreateTelegramCode(telegram=chat))
    await bus.request(ConfirmTelegram(by=user, code=code.code))
    return Person(user, token.secret, chat)


async def _greeted(telegram: ClientSession) -> int:
    answer = await telegram.get("/simulator/calls", params={"limit": 50_000})
    return sum(call["method"] == "sendMessage" and call["ok"] for call in (await answer.json())["calls"])


async def _few_at_once(doing: Iterable[Awaitable[T]]) -> list[T]:
    """In their order."""
    free = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(one: Awaitable[T]) -> T:
        async with free:
            return await one

    return await asyncio.gather(*(in_turn(one) for one in doing))
