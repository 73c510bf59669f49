import signal
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.accounts.announcer import Announcer
from actors.sql.users import users
from infra.bus import Bus, RawMessage
from infra.config import Settings
from infra.stream import EVENTS, ensure_stream
from schemas.accounts import AccountUpdated, ChangePassword, ChangeUser, UpdateProfile, User
from schemas.base import EVENTS_STREAM, Role, user_subjects
from schemas.ids import UserId
from tests.conftest import PASSWORD, NewUser
from tests.infra.own_servers import own_server
from tests.waiting import wait_for

_SOON = 20.0


@asynccontextmanager
async def heard_of(bus: Bus, user: UserId) -> AsyncGenerator[list[User]]:
    """What is announced of somebody."""
    heard: list[User] = []

    async def hear(raw: RawMessage) -> None:
        heard.append(msgspec.json.decode(raw.data, type=AccountUpdated).user)

    listening = await bus.listen(user_subjects(user), hear)
    yield heard
    await listening.unsubscribe()


async def stored_of(bus: Bus, user: UserId) -> int:
    """How many announcements of somebody the stream holds."""
    info = await bus.client.jetstream().stream_info(EVENTS_STREAM, subjects_filter=user_subjects(user))
    return sum((info.state.subjects or {}).values())


async def is_announced(engine: AsyncEngine, user: UserId) -> bool:
    async with engine.connect() as connection:
        return bool(await connection.scalar(select(users.c.announced).where(users.c.id == user)))


async def commit_and_die(engine: AsyncEngine, user: User, name: str) -> None:
    """What is left behind by an actor that is killed between its commit and its announcement."""
    values = {"name": name, "version": users.c.version + 1, "announced": False}
    async with engine.begin() as connection:
        await connection.execute(update(users).where(users.c.id == user.id).values(values))


@pytest.fixture
async def own_bus(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    async with Bus(settings, Role.ACCOUNTS) as bus:
        yield bus


@pytest.fixture
async def keeper(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    """May look into the stream."""
    async with Bus(settings, Role.TASK_STORE) as bus:
        yield bus


async def test_every_change_of_a_user_is_announced_at_once_and_whole(bus: Bus, new_user: NewUser) -> None:
    admin, ann = await new_user("Root", is_admin=True), await new_user()
    async with heard_of(bus, ann.id) as heard:
        states = [
            await bus.request(UpdateProfile(by=ann.id, name="Anna")),
            await bus.request(ChangePassword(by=ann.id, old=PASSWORD, new="another good password")),
            await bus.request(ChangeUser(by=admin.id, user=ann.id, is_active=False)),
        ]

        await wait_for(lambda: [user for user in states if user in heard] == states)
    assert [user.version for user in states] == [2, 3, 4]


async def test_what_is_announced_again_lies_in_the_stream_once(
    bus: Bus, own_bus: Bus, keeper: Bus, engine: AsyncEngine, new_user: NewUser
) -> None:
    ann = await new_user()
    await wait_for(lambda: stored_of(keeper, ann.id))

    async with heard_of(bus, ann.id) as heard, Announcer(own_bus, engine) as announcer:
        await announcer.announce([ann, ann])
        await wait_for(lambda: heard == [ann, ann])
        await wait_for(lambda: f"user.{ann.id}.1" in announcer._acknowledged)

    assert await stored_of(keeper, ann.id) == 1


@pytest.mark.timeout(30)
async def test_who_was_changed_by_an_actor_that_was_killed_is_announced_by_another(
    bus: Bus, engine: AsyncEngine, new_user: NewUser
) -> None:
    ann = await new_user()
    async with heard_of(bus, ann.id) as heard:
        await commit_and_die(engine, ann, "Orphan")

        await wait_for(lambda: "Orphan" in [user.name for user in heard], timeout=_SOON)


@pytest.mark.timeout(30)
async def test_a_user_counts_as_announced_when_that_is_safe_and_not_before(
    bus: Bus, own_bus: Bus, engine: AsyncEngine, new_user: NewUser
) -> None:
    ann = await new_user()
    started = time.monotonic()

    await wait_for(lambda: is_announced(engine, ann.id), timeout=_SOON)

    assert time.monotonic() - started > 2.0, "sooner than the stream writes to the disk"
    async with heard_of(bus, ann.id) as heard, Announcer(own_bus, engine) as announcer:
        await announcer.sweep()
        await own_bus.flush()
        await bus.flush()
        assert heard == []


async def test_who_changes_while_being_announced_is_announced_again(
    own_bus: Bus, engine: AsyncEngine, new_user: NewUser
) -> None:
    ann = await new_user()
    async with Announcer(own_bus, engine, horizon=0) as announcer:
        await announcer.sweep()
        await wait_for(lambda: f"user.{ann.id}.1" in announcer._acknowledged)
        await commit_and_die(engine, ann, "Newer")
        # What it acts on was read before.
        await announcer._let_go([ann])
        assert not await is_announced(engine, ann.id)


@pytest.mark.timeout(60)
async def test_what_was_changed_while_the_bus_was_away_is_announced_when_it_is_back(
    settings: Settings, engine: AsyncEngine, new_user: NewUser, tmp_path: Path
) -> None:
    """On a NATS of its own; the stream there is made by hand, because nobody else is there."""
    ann = await new_user()
    async with own_server("nats", tmp_path) as nats, Bus(nats.settings, Role.TASK_STORE) as store:
        await ensure_stream(store, EVENTS)
        async with Bus(nats.settings, Role.ACCOUNTS) as bus, Announcer(bus, engine, horizon=3600):
            await nats.stop(signal.SIGKILL)
            await commit_and_die(engine, ann, "Meanwhile")

            async def told() -> bool:
                return store.connected and await stored_of(store, ann.id) > 0

            await wait_for(told, timeout=_SOON)
