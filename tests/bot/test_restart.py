"""A bot that loses the bus, or its life, between Telegram's answer and its report. The lease is two seconds here."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from actors.accounts import Accounts
from actors.cast import Parts
from actors.notifier import Notifier
from actors.presence import PresenceActor
from actors.task_store import TaskStore
from infra.bus import Bus
from infra.config import Settings
from infra.embedded import embedded_servers
from infra.migrate import migrate
from infra.process import supervised
from schemas.accounts import CreateUser, User
from schemas.base import Role
from schemas.notices import ListNotices, State
from schemas.teams import CreateTeam, MyTeam
from tests.bot.cable import Cable, cable_to
from tests.bot.simulated import TOKEN, simulated
from tests.bot.town import Board, Resident, Town, bot_at_work, telegram_of_its_own
from tests.conftest import PASSWORD, QUICK_HASHER, person

LEASE = 2.0
SEND = "sendMessage"


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Settings]:
    """Servers of their own, with a cast that gives up claims quickly."""
    async with AsyncExitStack() as exits:
        settings = await exits.enter_async_context(embedded_servers(tmp_path_factory.mktemp("restart")))
        await migrate(settings)
        parts = Parts(settings, exits)
        cast = (
            Accounts(parts.bus(Role.ACCOUNTS), parts.database(), parts.redis(), hasher=QUICK_HASHER),
            TaskStore(parts.bus(Role.TASK_STORE), parts.database(), parts.database(fixed_plans=True)),
            PresenceActor(parts.bus(Role.PRESENCE), parts.redis()),
            Notifier(parts.bus(Role.NOTIFIER), parts.database(), lease=LEASE),
        )
        await parts.connect()
        await exits.enter_async_context(supervised(*cast))
        yield settings


@pytest.fixture
async def town(servers: Settings) -> AsyncGenerator[Town]:
    """No bot is at work yet."""
    async with (
        Bus(servers, Role.GATEWAY) as gateway,
        Bus(servers, Role.CONSOLE) as console,
        simulated(telegram_of_its_own()) as people,
    ):

        async def new_user(name: str = "Ann", *, is_admin: bool = False) -> User:
            username = f"{name.lower()}{os.urandom(4).hex()}"
            return await console.request(CreateUser(username=username, password=PASSWORD, name=name, is_admin=is_admin))

        async def new_team(owner: User | None = None, name: str = "Crew") -> MyTeam:
            owner = owner or await new_user()
            return await gateway.request(CreateTeam(by=owner.id, name=name, person=person(owner)))

        yield Town(people, gateway, new_user, new_team)


async def pair(town: Town) -> tuple[Resident, Resident, Board]:
    ann, bob = await town.resident("Ann"), await town.resident("Bob")
    board = await town.board(ann)
    await town.join(ann, board.team.id, bob)
    await town.said(bob.chat, board.team.name)
    return ann, bob, board


async def is_under_way(town: Town) -> bool:
    """The slow call has begun."""
    return any(fault["struck"] for fault in await town.people.ask("GET", "faults"))


async def is_delivered(town: Town, bob: Resident) -> bool:
    notice = (await town.bus.request(ListNotices(by=bob.id))).notices[0]
    return bool(notice.attempts) and notice.attempts[-1].state is State.DELIVERED


async def times_told(bob: Resident, title: str) -> int:
    return sum(title in (message.get("text") or "") for message in await bob.chat.sees("messages"))


async def sent_into_silence(town: Town, cable: Cable, ann: Resident, bob: Resident, board: Board) -> None:
    """Telegram has the message, and nobody can say so."""
    await town.people.fault("slow", method=SEND, chat=bob.chat.id, seconds=1, times=2)
    await town.task(ann, board, "Once", assignee=bob.id)
    await town.until(lambda: is_under_way(town), is_so=True)
    cable.cut()
    await town.said(bob.chat, "Once")


@pytest.mark.timeout(30)
async def test_a_report_that_cannot_be_made_is_made_later_and_nothing_is_sent_twice(
    town: Town, servers: Settings
) -> None:
    async with cable_to(servers.nats_url) as cable, bot_at_work(town.people, servers, nats_url=cable.url):
        ann, bob, board = await pair(town)
        await sent_into_silence(town, cable, ann, bob, board)
        # So long that the claim has run out by then.
        await asyncio.sleep(LEASE)
        assert not await is_delivered(town, bob)

        await cable.mend()
        await town.until(lambda: is_delivered(town, bob), is_so=True)
        await town.task(ann, board, "Next", assignee=bob.id)
        await town.said(bob.chat, "Next")

    assert await times_told(bob, "Once") == 1


@pytest.mark.timeout(60)
async def test_a_bot_that_is_killed_before_it_could_report_is_the_one_cause_of_a_repetition(
    town: Town, servers: Settings
) -> None:
    async with cable_to(servers.nats_url) as cable:
        async with killed_at_the_end(town, servers, cable):
            ann, bob, board = await pair(town)
            await sent_into_silence(town, cable, ann, bob, board)
        assert await times_told(bob, "Once") == 1

    async with bot_at_work(town.people, servers):
        await town.until(lambda: is_delivered(town, bob), is_so=True)
        await town.task(ann, board, "Next", assignee=bob.id)
        await town.said(bob.chat, "Next")

    assert await times_told(bob, "Once") == 2


@asynccontextmanager
async def killed_at_the_end(town: Town, servers: Settings, cable: Cable) -> AsyncGenerator[None]:
    """The bot as a process, which gets no chance to say good-bye."""
    code = "from bot.main import main; from infra.config import Settings; main(Settings.read(), [])"
    environ = {
        "PATH": os.defpath,
        "NATS_URL": cable.url,
        "NATS_PASSWORD_BOT": servers.nats_password_bot,
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": town.people.url,
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env=environ, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        child.kill()
        await child.wait()
