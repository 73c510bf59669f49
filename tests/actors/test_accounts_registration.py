import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.accounts import Accounts
from infra.bus import Bus, RawMessage
from infra.config import Settings
from infra.process import supervised
from infra.redis import Redis
from schemas.accounts import Language, Register, Registration, SignIn
from schemas.base import Role
from schemas.errors import BusError, ErrorCode, not_found
from schemas.ids import TeamId
from schemas.invites import InviteView, LookAtInvite
from schemas.members import MemberRole
from tests.actors.refusals import refusal
from tests.conftest import PASSWORD, QUICK_HASHER
from tests.infra.own_servers import own_server

GOOD, USED_UP = "a-good-invite", "one-that-is-used-up"

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
        if code == GOOD:
            expires_at = datetime.now(UTC) + timedelta(days=1)
            view = {"team_name": "Crew", "team": TeamId(1), "role": MemberRole.MEMBER, "invited_by": "Ann"}
            await raw.respond(msgspec.json.encode(InviteView(**view, expires_at=expires_at)))
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
