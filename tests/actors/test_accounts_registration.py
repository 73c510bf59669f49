import asyncio
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.accounts import Accounts
from actors.accounts.places import Places
from infra.bus import Bus, RawMessage
from infra.config import Settings
from infra.process import supervised
from infra.redis import Redis, connect_redis
from schemas.accounts import Language, Register, Registration, SignIn, User
from schemas.base import Role
from schemas.errors import BusError, ErrorCode, not_found
from schemas.ids import TeamId
from schemas.invites import AcceptInvite, CreateInvite, InviteView, LookAtInvite
from schemas.members import MemberRole
from tests.actors.conftest import Scene
from tests.actors.outcomes import outcome
from tests.actors.refusals import refusal
from tests.conftest import PASSWORD, QUICK_HASHER, person
from tests.infra.own_servers import own_server

GOOD, USED_UP = "a-good-invite", "one-that-is-used-up"
USES = {"one-for-two": 2, "one-for-one": 1, "another-for-one": 1}
"""Invites that some may enter by, and nobody ever does."""

_numbers = itertools.count(1)


def application(**others: str) -> Register:
    said = {"username": f"newcomer{next(_numbers)}", "password": PASSWORD, "name": "Nia", **others}
    return msgspec.convert(said, Register)


@pytest.fixture(scope="module")
async def alone(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Settings]:
    """The usual databases, and a NATS on which nobody is but who a test puts there."""
    async with own_server("nats", tmp_path_factory.mktemp("registration")) as nats:
        yield msgspec.structs.replace(nats.settings, database_url=settings.database_url, redis_url=settings.redis_url)


Open = Callable[[Registration], Awaitable[Bus]]


@pytest.fixture
async def doors(alone: Settings, engine: AsyncEngine, redis: Redis) -> AsyncGenerator[Open]:
    """Accounts with registration as the site wants it; gives the bus as the gateway sees it."""
    async with AsyncExitStack() as exits:

        async def open_(registration: Registration) -> Bus:
            own = await exits.enter_async_context(Bus(alone, Role.ACCOUNTS))
            accounts = Accounts(own, engine, redis, registration=registration, hasher=QUICK_HASHER)
            await exits.enter_async_context(supervised(accounts))
            return await exits.enter_async_context(Bus(alone, Role.GATEWAY))

        yield open_


@asynccontextmanager
async def store_that_knows_invites(settings: Settings) -> AsyncGenerator[list[str]]:
    """The task store's part in this; yields the codes that it was asked for."""
    asked: list[str] = []

    async def look(raw: RawMessage) -> None:
        code = msgspec.json.decode(raw.data, type=LookAtInvite).code
        asked.append(code)
        if code == GOOD or code in USES:
            expires_at = datetime.now(UTC) + timedelta(days=1)
            view = {"team_name": "Crew", "team": TeamId(1), "role": MemberRole.MEMBER, "invited_by": "Ann"}
            uses_left = USES.get(code)
            await raw.respond(msgspec.json.encode(InviteView(**view, expires_at=expires_at, uses_left=uses_left)))
        else:
            error = not_found("invite")
            headers = {"Nats-Service-Error": error.code.name, "Nats-Service-Error-Code": str(error.code.value)}
            await raw._client.publish(raw.reply, error.encode(), headers=headers)

    async with Bus(settings, Role.TASK_STORE) as bus:
        await bus.listen(LookAtInvite.subject(), look, queue=Role.TASK_STORE.value)
        yield asked


async def test_where_registration_is_open_anybody_may_come_with_a_language_and_a_time_zone(doors: Open) -> None:
    gateway = await doors(Registration.OPEN)
    wanted = application(language="ru", time_zone="Europe/Moscow")

    user = await gateway.request(wanted)

    assert (user.username, user.name, user.is_admin, user.is_active) == (wanted.username, "Nia", False, True)
    assert (user.language, user.time_zone) == (Language.RU, "Europe/Moscow")
    assert await gateway.request(SignIn(username=wanted.username, password=PASSWORD)) == user


async def test_where_registration_is_closed_nobody_may_come_not_even_with_an_invite(doors: Open) -> None:
    gateway = await doors(Registration.CLOSED)

    error = await refusal(gateway, application(invite=GOOD))

    assert error.code is ErrorCode.FORBIDDEN
    assert "closed" in error.detail


async def test_an_invite_that_holds_lets_somebody_in(alone: Settings, doors: Open) -> None:
    gateway = await doors(Registration.INVITE)

    async with store_that_knows_invites(alone) as asked:
        user = await gateway.request(application(invite=GOOD))

    assert user.is_active
    assert asked == [GOOD]


@pytest.mark.parametrize(("invite", "says"), [({}, "needs an invite"), ({"invite": USED_UP}, "not valid any more")])
async def test_without_an_invite_that_holds_nobody_is_let_in(
    alone: Settings, doors: Open, invite: dict[str, str], says: str
) -> None:
    gateway = await doors(Registration.INVITE)
    wanted = application(**invite)

    async with store_that_knows_invites(alone):
        error = await refusal(gateway, wanted)

    assert error.code is ErrorCode.FORBIDDEN
    assert says in error.detail
    nobody = await refusal(gateway, SignIn(username=wanted.username, password=PASSWORD))
    assert nobody.code is ErrorCode.UNAUTHENTICATED


async def test_no_more_register_with_an_invite_than_may_enter_by_it(alone: Settings, doors: Open) -> None:
    gateway = await doors(Registration.INVITE)
    wishes = [application(invite="one-for-two") for _ in range(6)]

    async with store_that_knows_invites(alone):
        outcomes = await asyncio.gather(*(gateway.request(wish) for wish in wishes), return_exceptions=True)
        again = await refusal(gateway, application(invite="one-for-two"))
        other = await gateway.request(application(invite="another-for-one"))

    assert len([outcome for outcome in outcomes if isinstance(outcome, User)]) == 2
    refusals = [outcome for outcome in outcomes if isinstance(outcome, BusError)]
    assert {(error.code, error.detail) for error in (*refusals, again)} == {(ErrorCode.FORBIDDEN, again.detail)}
    assert "as many as may" in again.detail
    assert other.is_active


async def test_the_invite_of_a_team_says_how_many_may_register_with_it(bus: Bus, scene: Scene) -> None:
    expires_at = datetime.now(UTC) + timedelta(days=1)
    wish = CreateInvite(by=scene.ann.user, team=scene.team.id, role=MemberRole.VIEWER, expires_at=expires_at, uses=1)
    code = (await bus.request(wish)).code

    first = await bus.request(application(invite=code))

    assert first.is_active
    assert (await refusal(bus, application(invite=code))).code is ErrorCode.FORBIDDEN
    entered = await bus.request(AcceptInvite(by=first.id, code=code, person=person(first)))
    assert entered.id == scene.team.id


async def test_who_fails_to_register_takes_nobodys_place(alone: Settings, doors: Open) -> None:
    gateway = await doors(Registration.INVITE)

    async with store_that_knows_invites(alone):
        error = await refusal(gateway, application(invite="one-for-one", time_zone="Europe/Atlantis"))
        user = await gateway.request(application(invite="one-for-one"))

    assert error.code is ErrorCode.INVALID
    assert user.is_active


async def test_nobody_is_counted_while_redis_is_away() -> None:
    nowhere = connect_redis(Settings(redis_url="unix:///nowhere/redis.sock"))
    expires_at = datetime.now(UTC) + timedelta(days=1)
    invite = InviteView(
        team_name="Crew", team=TeamId(1), role=MemberRole.MEMBER, invited_by="Ann", expires_at=expires_at, uses_left=1
    )

    with pytest.raises(BusError) as refused:
        async with Places(nowhere).taken(GOOD, invite):
            pytest.fail("nobody could have counted this")

    assert refused.value.code is ErrorCode.OVERLOADED
    await nowhere.aclose()


async def test_what_is_counted_of_an_invite_is_forgotten_after_it(alone: Settings, doors: Open, redis: Redis) -> None:
    gateway = await doors(Registration.INVITE)

    async with store_that_knows_invites(alone):
        await outcome(gateway, application(invite="another-for-one"))

    lives = [await redis.ttl(key) async for key in redis.scan_iter("accounts:places:*")]
    assert lives
    assert all(0 < seconds <= 24 * 3600 + 120 for seconds in lives)


async def test_when_nobody_can_say_whether_an_invite_holds_that_is_no_refusal(doors: Open) -> None:
    gateway = await doors(Registration.INVITE)

    with pytest.raises(BusError) as failure:
        await gateway.request(application(invite=GOOD), timeout=8)

    assert failure.value.code is ErrorCode.UNAVAILABLE


async def test_a_username_that_is_taken_cannot_be_registered(doors: Open) -> None:
    gateway = await doors(Registration.OPEN)
    first = await gateway.request(application())

    error = await refusal(gateway, application(username=first.username.upper()))

    assert (error.code, error.field) == (ErrorCode.CONFLICT, "username")


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "localhost", "Europe"])
async def test_a_time_zone_that_does_not_exist_is_refused(doors: Open, zone: str) -> None:
    gateway = await doors(Registration.OPEN)

    error = await refusal(gateway, application(time_zone=zone))

    assert (error.code, error.field) == (ErrorCode.INVALID, "time_zone")
    assert "no such time zone" in error.detail
