import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from actors.accounts import Accounts
from infra.bus import Bus
from infra.config import Settings
from infra.redis import Redis, connect_redis
from schemas.accounts import ChangeUser
from schemas.errors import BusError, ErrorCode
from schemas.ids import TelegramId
from schemas.telegram import (
    ConfirmTelegram,
    CreateTelegramCode,
    FindTelegramUser,
    GetTelegramLink,
    TelegramLink,
    UnlinkTelegram,
)
from tests.actors.refusals import refusal
from tests.conftest import QUICK_HASHER, NewUser

_numbers = itertools.count(700_000_001)


@pytest.fixture
def telegram() -> TelegramId:
    """An account that nobody has linked."""
    return TelegramId(next(_numbers))


async def code_for(bus: Bus, telegram: TelegramId) -> str:
    return (await bus.request(CreateTelegramCode(telegram=telegram))).code


async def code_that_nobody_has(redis: Redis) -> str:
    for number in range(1_000_000):
        if not await redis.execute_command("EXISTS", f"accounts:telegram-code:{number:06}"):
            return f"{number:06}"
    raise AssertionError


async def test_a_code_links_a_telegram_account_to_who_types_it(
    bus: Bus, new_user: NewUser, telegram: TelegramId
) -> None:
    ann = await new_user()
    assert await bus.request(GetTelegramLink(by=ann.id)) is None
    given = await bus.request(CreateTelegramCode(telegram=telegram))
    assert timedelta(minutes=4) < given.expires_at - datetime.now(UTC) <= timedelta(minutes=5)

    link = await bus.request(ConfirmTelegram(by=ann.id, code=given.code))

    assert (link.user, link.telegram, link.is_reachable) == (ann.id, telegram, True)
    assert await bus.request(GetTelegramLink(by=ann.id)) == link
    assert await bus.request(FindTelegramUser(telegram=telegram)) == ann


async def test_of_many_who_type_one_code_at_once_one_is_linked(
    bus: Bus, new_user: NewUser, telegram: TelegramId
) -> None:
    people = [await new_user() for _ in range(5)]
    code = await code_for(bus, telegram)

    outcomes = await asyncio.gather(
        *(bus.request(ConfirmTelegram(by=user.id, code=code)) for user in people), return_exceptions=True
    )

    assert len([outcome for outcome in outcomes if isinstance(outcome, TelegramLink)]) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, BusError)} == {ErrorCode.NOT_FOUND}


async def test_a_new_code_voids_the_old_one(bus: Bus, new_user: NewUser, telegram: TelegramId) -> None:
    ann = await new_user()
    old, new = await code_for(bus, telegram), await code_for(bus, telegram)

    assert (await refusal(bus, ConfirmTelegram(by=ann.id, code=old))).code is ErrorCode.NOT_FOUND
    assert (await bus.request(ConfirmTelegram(by=ann.id, code=new))).telegram == telegram


async def test_what_redis_keeps_of_a_code_ends_after_five_minutes(bus: Bus, redis: Redis, telegram: TelegramId) -> None:
    code = await code_for(bus, telegram)

    for key in (f"accounts:telegram-code:{code}", f"accounts:telegram-code-of:{telegram}"):
        assert 0 < await redis.execute_command("TTL", key) <= 300


async def test_a_code_that_has_expired_links_nobody(
    bus: Bus, redis: Redis, new_user: NewUser, telegram: TelegramId
) -> None:
    code = await code_for(bus, telegram)
    await redis.execute_command("PEXPIRE", f"accounts:telegram-code:{code}", 0)

    error = await refusal(bus, ConfirmTelegram(by=(await new_user()).id, code=code))

    assert error.code is ErrorCode.NOT_FOUND


async def test_after_five_guesses_even_the_right_code_is_refused_for_ten_minutes(
    bus: Bus, redis: Redis, new_user: NewUser, telegram: TelegramId
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    code = await code_for(bus, telegram)
    wrong = await code_that_nobody_has(redis)

    guesses = [await refusal(bus, ConfirmTelegram(by=ann.id, code=wrong)) for _ in range(5)]
    assert {guess.code for guess in guesses} == {ErrorCode.NOT_FOUND}
    assert (await refusal(bus, ConfirmTelegram(by=ann.id, code=code))).code is ErrorCode.FORBIDDEN

    key = f"accounts:telegram-guesses:{ann.id}"
    assert 590 < await redis.execute_command("TTL", key) <= 600
    # It was not spent by who was refused.
    assert (await bus.request(ConfirmTelegram(by=bob.id, code=code))).user == bob.id
    await redis.execute_command("DEL", key)
    assert (await refusal(bus, ConfirmTelegram(by=ann.id, code=wrong))).code is ErrorCode.NOT_FOUND


async def test_codes_of_ones_own_do_not_buy_more_guesses(bus: Bus, redis: Redis, new_user: NewUser) -> None:
    ann = await new_user()
    wrong = await code_that_nobody_has(redis)
    for _ in range(2):
        await bus.request(ConfirmTelegram(by=ann.id, code=await code_for(bus, TelegramId(next(_numbers)))))
    for _ in range(3):
        assert (await refusal(bus, ConfirmTelegram(by=ann.id, code=wrong))).code is ErrorCode.NOT_FOUND

    assert (await refusal(bus, ConfirmTelegram(by=ann.id, code=wrong))).code is ErrorCode.FORBIDDEN


async def test_the_newest_link_stays_on_either_side(bus: Bus, new_user: NewUser, telegram: TelegramId) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    another = TelegramId(next(_numbers))
    await bus.request(ConfirmTelegram(by=ann.id, code=await code_for(bus, telegram)))
    await bus.request(ConfirmTelegram(by=bob.id, code=await code_for(bus, another)))

    link = await bus.request(ConfirmTelegram(by=bob.id, code=await code_for(bus, telegram)))

    assert (link.user, link.telegram) == (bob.id, telegram)
    assert await bus.request(GetTelegramLink(by=ann.id)) is None
    assert (await bus.request(FindTelegramUser(telegram=telegram))).id == bob.id
    assert (await refusal(bus, FindTelegramUser(telegram=another))).code is ErrorCode.NOT_FOUND


async def test_a_link_can_be_ended_and_made_again(bus: Bus, new_user: NewUser, telegram: TelegramId) -> None:
    ann = await new_user()
    await bus.request(ConfirmTelegram(by=ann.id, code=await code_for(bus, telegram)))

    await bus.request(UnlinkTelegram(by=ann.id))
    await bus.request(UnlinkTelegram(by=ann.id))

    assert await bus.request(GetTelegramLink(by=ann.id)) is None
    assert (await refusal(bus, FindTelegramUser(telegram=telegram))).code is ErrorCode.NOT_FOUND
    await bus.request(ConfirmTelegram(by=ann.id, code=await code_for(bus, telegram)))
    assert await bus.request(FindTelegramUser(telegram=telegram)) == ann


async def test_who_is_deactivated_is_nobodys_telegram_account(
    bus: Bus, new_user: NewUser, telegram: TelegramId
) -> None:
    admin, ann = await new_user("Root", is_admin=True), await new_user()
    await bus.request(ConfirmTelegram(by=ann.id, code=await code_for(bus, telegram)))

    await bus.request(ChangeUser(by=admin.id, user=ann.id, is_active=False))

    assert (await refusal(bus, FindTelegramUser(telegram=telegram))).code is ErrorCode.NOT_FOUND
    code = await code_for(bus, telegram)
    assert (await refusal(bus, ConfirmTelegram(by=ann.id, code=code))).code is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "١٢٣٤٥٦", "123456\n"])
async def test_what_is_no_code_is_invalid(bus: Bus, new_user: NewUser, code: str) -> None:
    error = await refusal(bus, ConfirmTelegram(by=(await new_user()).id, code=code))

    assert (error.code, error.field) == (ErrorCode.INVALID, "code")


async def test_without_redis_one_is_told_to_try_again(bus: Bus, engine: object, telegram: TelegramId) -> None:
    nowhere = connect_redis(Settings(redis_url="unix:///nowhere/redis.sock"))
    accounts = Accounts(bus, engine, nowhere, hasher=QUICK_HASHER)  # pyright: ignore[reportArgumentType]

    with pytest.raises(BusError) as refused:
        await accounts.create_code(CreateTelegramCode(telegram=telegram))

    assert refused.value.code is ErrorCode.OVERLOADED
    await nowhere.aclose()
