import asyncio
from statistics import median
from time import perf_counter
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.accounts import Accounts
from actors.sql.users import Credentials, users
from infra.bus import Bus
from infra.config import Settings
from infra.db import connect_database
from infra.redis import Redis
from schemas.accounts import CreateUser, FindUser, GetUser, SignIn, User
from schemas.errors import BusError, ErrorCode
from schemas.ids import UserId
from tests.actors.refusals import refusal
from tests.actors.slow_hasher import SlowHasher
from tests.conftest import PASSWORD, QUICK_HASHER, NewUser
from tests.waiting import wait_for


async def change(engine: AsyncEngine, user: User, **values: Any) -> None:
    async with engine.begin() as connection:
        await connection.execute(update(users).where(users.c.id == user.id).values(values))


async def stored_hash(engine: AsyncEngine, user: User) -> str:
    async with engine.connect() as connection:
        return str(await connection.scalar(select(users.c.password_hash).where(users.c.id == user.id)))


async def test_a_new_user_can_sign_in_and_be_found(bus: Bus, new_user: NewUser) -> None:
    user = await new_user("Ann Lee", is_admin=True)

    assert user.name == "Ann Lee"
    assert user.is_admin
    assert user.is_active
    assert await bus.request(SignIn(username=user.username, password=PASSWORD)) == user
    assert await bus.request(GetUser(user=user.id)) == user
    assert await bus.request(FindUser(username=user.username)) == user


async def test_the_case_of_a_username_does_not_matter(bus: Bus, console: Bus, new_user: NewUser) -> None:
    user = await new_user()
    shouted = user.username.upper()

    assert await bus.request(SignIn(username=shouted, password=PASSWORD)) == user
    assert await bus.request(FindUser(username=shouted)) == user
    error = await refusal(console, CreateUser(username=shouted, password=PASSWORD, name="Impostor"))
    assert (error.code, error.field) == (ErrorCode.CONFLICT, "username")


async def test_of_many_who_want_one_username_one_gets_it(console: Bus) -> None:
    wishes = [CreateUser(username=name, password=PASSWORD, name="Z") for name in ("zoe", "Zoe", "zOe", "ZOE")]

    outcomes = await asyncio.gather(*(console.request(wish) for wish in wishes), return_exceptions=True)

    assert len([outcome for outcome in outcomes if isinstance(outcome, User)]) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, BusError)} == {ErrorCode.CONFLICT}


async def test_a_wrong_password_and_an_unknown_username_are_refused_alike(bus: Bus, new_user: NewUser) -> None:
    user = await new_user()

    wrong = await refusal(bus, SignIn(username=user.username, password="wrong password"))
    unknown = await refusal(bus, SignIn(username="nobody-is-called-this", password=PASSWORD))

    assert wrong.code is ErrorCode.UNAUTHENTICATED
    assert wrong.encode() == unknown.encode()


async def test_an_inactive_user_cannot_sign_in_but_has_a_name(bus: Bus, engine: AsyncEngine, new_user: NewUser) -> None:
    user = await new_user()
    await change(engine, user, is_active=False)

    error = await refusal(bus, SignIn(username=user.username, password=PASSWORD))
    assert error.code is ErrorCode.UNAUTHENTICATED
    assert (await refusal(bus, FindUser(username=user.username))).code is ErrorCode.NOT_FOUND
    left = await bus.request(GetUser(user=user.id))
    assert (left.name, left.is_active) == (user.name, False)


async def test_who_does_not_exist_is_not_found(bus: Bus) -> None:
    assert (await refusal(bus, GetUser(user=UserId(2**53 - 1)))).code is ErrorCode.NOT_FOUND
    assert (await refusal(bus, FindUser(username="nobody-is-called-this"))).code is ErrorCode.NOT_FOUND


async def test_a_hash_of_older_parameters_is_renewed_at_sign_in(
    bus: Bus, engine: AsyncEngine, new_user: NewUser
) -> None:
    user = await new_user()
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    await change(engine, user, password_hash=older.hash(PASSWORD))

    await refusal(bus, SignIn(username=user.username, password="wrong password"))
    assert extract_parameters(await stored_hash(engine, user)).time_cost == older.time_cost
    await bus.request(SignIn(username=user.username, password=PASSWORD))

    assert extract_parameters(await stored_hash(engine, user)).time_cost == QUICK_HASHER.time_cost
    assert await bus.request(SignIn(username=user.username, password=PASSWORD)) == user


async def test_a_password_fits_however_the_keyboard_composed_its_letters(bus: Bus, console: Bus) -> None:
    composed, decomposed = "na\u00efve caf\u00e9 owner", "nai\u0308ve cafe\u0301 owner"
    user = await console.request(CreateUser(username="zo.e+1@example.org", password=composed, name="Zoë"))

    assert await bus.request(SignIn(username=user.username, password=decomposed)) == user


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "two words"}, "username"),
        ({"username": "x" * 65}, "username"),
        ({"username": "line\n"}, "username"),
        ({"password": "too short"}, "password"),
        ({"password": "nul \0 inside it"}, "password"),
        ({"name": " "}, "name"),
        ({"name": "two\nlines"}, "name"),
    ],
)
async def test_an_impossible_user_is_refused(console: Bus, values: dict[str, str], field: str) -> None:
    possible = CreateUser(username="possible", password=PASSWORD, name="Possible")

    error = await refusal(console, msgspec.structs.replace(possible, **values))

    assert (error.code, error.field) == (ErrorCode.INVALID, field)


async def test_no_repr_shows_a_secret(new_user: NewUser) -> None:
    shown = [
        repr(SignIn(username="ann", password=PASSWORD)),
        repr(CreateUser(username="ann", password=PASSWORD, name="Ann")),
        repr(Credentials(await new_user(), QUICK_HASHER.hash(PASSWORD))),
    ]

    assert shown[:2] == ["SignIn(...)", "CreateUser(...)"]
    assert not any(secret in text for text in shown for secret in (PASSWORD, "argon2id"))


async def test_nothing_that_is_logged_holds_a_password_or_a_hash(
    bus: Bus, console: Bus, new_user: NewUser, caplog: pytest.LogCaptureFixture
) -> None:
    user = await new_user()
    await refusal(console, CreateUser(username=user.username, password=PASSWORD, name="Again"))
    await refusal(bus, SignIn(username=user.username, password="wrong password"))
    await bus.request(SignIn(username=user.username, password=PASSWORD))

    assert "account.signed_in" in caplog.text
    assert not any(secret in caplog.text for secret in (PASSWORD, "wrong password", "argon2id"))


async def test_time_does_not_tell_whether_a_username_exists(
    bus: Bus, engine: AsyncEngine, redis: Redis, new_user: NewUser
) -> None:
    """With hashes as dear as in production, which is what an outsider would measure."""
    accounts = Accounts(bus, engine, redis)
    user = await new_user()
    await change(engine, user, password_hash=await accounts._passwords.hash(PASSWORD))
    await accounts._passwords.prepare()

    async def seconds(username: str) -> float:
        started = perf_counter()
        with pytest.raises(BusError):
            await accounts.sign_in(SignIn(username=username, password="wrong password"))
        return perf_counter() - started

    pairs = [(await seconds(user.username), await seconds("nobody-is-called-this")) for _ in range(3)]

    known, unknown = (median(times) for times in zip(*pairs, strict=True))
    assert 0.5 < unknown / known < 2.0


async def test_who_is_deactivated_while_signing_in_is_not_let_in(
    bus: Bus, engine: AsyncEngine, redis: Redis, new_user: NewUser
) -> None:
    ann, hasher = await new_user(), SlowHasher()
    accounts = Accounts(bus, engine, redis, hasher=hasher)

    signing_in = asyncio.ensure_future(accounts.sign_in(SignIn(username=ann.username, password=PASSWORD)))
    await wait_for(hasher.begun.is_set)
    await change(engine, ann, is_active=False)
    hasher.go_on.set()

    with pytest.raises(BusError) as refused:
        await signing_in
    assert refused.value.code is ErrorCode.UNAUTHENTICATED


async def test_a_database_that_is_away_is_said_to_be_away(bus: Bus, redis: Redis) -> None:
    nowhere = connect_database(Settings(database_url="postgresql://ttm@/ttm?host=/nowhere"))
    accounts = Accounts(bus, nowhere, redis, hasher=QUICK_HASHER)

    for attempt in (
        accounts.create(CreateUser(username="ann", password=PASSWORD, name="Ann")),
        accounts.sign_in(SignIn(username="ann", password=PASSWORD)),
        accounts.get(GetUser(user=UserId(1))),
        accounts.find(FindUser(username="ann")),
    ):
        with pytest.raises(BusError) as refusal:
            await attempt
        assert refusal.value.code is ErrorCode.UNAVAILABLE
