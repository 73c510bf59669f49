"""Somebody who guesses the codes that link Telegram accounts: how many tries get through, and what that is worth.

A hit needs one of a million codes while it is good. The tests count the tries that were really looked up, whatever the
limits say of themselves, and work out from those the chance to hit a code of somebody's before it ends. Nobody who hits
one gets into an account: they would only link the Telegram account of another to their own.
"""

import random
from collections import Counter
from itertools import count

import pytest

from actors.accounts.codes import LIFE
from infra.bus import Bus
from infra.redis import Redis
from schemas.accounts import User
from schemas.errors import BusError, ErrorCode
from schemas.ids import TelegramId
from schemas.telegram import ConfirmTelegram, CreateTelegramCode
from tests.conftest import NewUser
from tests.gateway.browser import Browser
from tests.gateway.conftest import Gateway, NewBrowser, NewGateway

CODES = 1_000_000
WINDOW = 10 * 60
"""Seconds in which tries are counted."""
HOPELESS = 1 / 10_000
"""To hit one code that somebody waits for."""
PATIENCE = 365 * 24 * 3600
"""Seconds that the most patient one would have to go on, day and night, for an even chance with one account."""

_telegrams = count(910_000_001)
_addresses = count(1)


@pytest.fixture
async def proxied(new_gateway: NewGateway) -> Gateway:
    """A gateway that believes what the proxy before it says."""
    return await new_gateway(trust_proxy=True)


@pytest.fixture
async def code(bus: Bus) -> str:
    """One that somebody has just been given and will type in a moment."""
    return (await bus.request(CreateTelegramCode(telegram=TelegramId(next(_telegrams))))).code


def wrong(code: str) -> str:
    """Any other one."""
    return f"{(int(code) + random.randrange(1, CODES)) % CODES:06}"


def chance(tries: int) -> float:
    """To hit a certain code while it is good, with so many tries in a window: two windows touch its life."""
    assert LIFE <= WINDOW
    return 2 * tries / CODES


def new_address() -> str:
    """One that no other test calls from."""
    return f"192.0.2.{next(_addresses)}"


async def guess(person: Browser, code: str, address: str) -> int:
    headers = {"X-Forwarded-For": address}
    return (await person.post("/api/telegram/confirm/", {"code": wrong(code)}, headers=headers)).status


async def test_one_person_gets_five_tries_from_however_many_addresses(
    proxied: Gateway, new_browser: NewBrowser, bus: Bus, new_user: NewUser, code: str
) -> None:
    eve = await new_browser("Eve", at=proxied)

    answers = Counter([await guess(eve, code, new_address()) for _ in range(40)])

    assert answers.keys() == {404, 403, 429}
    looked_up = answers[404]
    assert looked_up == 5
    assert chance(looked_up) <= HOPELESS / 10
    assert CODES / 2 / looked_up * WINDOW > PATIENCE
    assert await is_still_good(bus, code, await new_user())


async def test_however_many_people_share_an_address_it_gets_fifty_tries(
    proxied: Gateway, new_browser: NewBrowser, bus: Bus, new_user: NewUser, code: str
) -> None:
    people = [await new_browser("Eve", at=proxied) for _ in range(12)]
    address = new_address()

    answers = Counter([await guess(person, code, address) for _ in range(5) for person in people])

    assert answers.keys() == {404, 429}
    assert answers[404] == 50
    assert chance(answers[404]) <= HOPELESS
    assert await is_still_good(bus, code, await new_user())


async def test_past_the_gateway_nobody_gets_more(bus: Bus, code: str, new_user: NewUser) -> None:
    """As a gateway would ask that keeps no limits at all."""
    people = [await new_user("Eve") for _ in range(10)]
    answers: Counter[ErrorCode] = Counter()
    for person in people:
        for _ in range(12):
            with pytest.raises(BusError) as refused:
                await bus.request(ConfirmTelegram(by=person.id, code=wrong(code)))
            answers[refused.value.code] += 1

    assert answers == {ErrorCode.NOT_FOUND: 5 * len(people), ErrorCode.FORBIDDEN: 7 * len(people)}
    assert chance(answers[ErrorCode.NOT_FOUND]) <= HOPELESS
    assert await is_still_good(bus, code, await new_user())


async def test_whoever_waits_for_the_end_of_a_window_meets_another_code(bus: Bus, redis: Redis, code: str) -> None:
    """What can be tried in one window says nothing about the next: by then the code is another one."""
    left: int = await redis.execute_command("TTL", f"accounts:telegram-code:{code}")  # pyright: ignore[reportAssignmentType]

    assert 0 < left <= LIFE < WINDOW


async def is_still_good(bus: Bus, code: str, owner: User) -> bool:
    """Nobody has hit it, and being guessed at costs its owner nothing."""
    return (await bus.request(ConfirmTelegram(by=owner.id, code=code))).user == owner.id
