from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.outbox import Waiting
from actors.task_store.batch import carry_out
from actors.task_store.relay import Relay, grouped
from infra.bus import Bus, RawMessage
from infra.config import Settings
from infra.mailbox import Envelope
from schemas.base import EVENTS_STREAM, Role, team_subjects
from schemas.ids import Seq, TeamId
from schemas.tasks import CreateTask
from tests.actors.conftest import Scene
from tests.waiting import wait_for


@pytest.fixture
async def store_bus(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    async with Bus(settings, Role.TASK_STORE) as bus:
        yield bus


@asynccontextmanager
async def heard_on(scene: Scene) -> AsyncGenerator[list[RawMessage]]:
    heard: list[RawMessage] = []

    async def hear(raw: RawMessage) -> None:
        heard.append(raw)

    listening = await scene.bus.listen(team_subjects(scene.team.id), hear)
    yield heard
    await listening.unsubscribe()


async def waiting_of(engine: AsyncEngine, scene: Scene) -> int:
    async with engine.connect() as connection:
        statement = text("SELECT count(*) FROM board.outbox WHERE team = :team")
        return (await connection.execute(statement, {"team": scene.team.id})).scalar_one()


async def commit_and_die(engine: AsyncEngine, scene: Scene, title: str) -> int:
    """What a store leaves behind that is killed between its commit and its publication."""
    command = CreateTask(by=scene.bob.user, list=scene.todo.id, title=title)
    result = await carry_out(engine, [Envelope(command, "")])
    return result.events[0].seq


async def test_what_a_killed_store_committed_is_published_by_the_next_one(
    scene: Scene, engine: AsyncEngine, store_bus: Bus
) -> None:
    async with heard_on(scene) as heard:
        seq = await commit_and_die(engine, scene, "Orphan")
        assert heard == []

        async with Relay(store_bus, engine):
            orphan = f"{scene.team.id}.{seq}"
            await wait_for(lambda: orphan in [raw.headers["Nats-Msg-Id"] for raw in heard if raw.headers])


async def stored_of(bus: Bus, scene: Scene) -> int:
    """How many events of the team the stream holds."""
    info = await bus.client.jetstream().stream_info(EVENTS_STREAM, subjects_filter=team_subjects(scene.team.id))
    return sum((info.state.subjects or {}).values())


async def test_what_is_published_twice_is_stored_once(scene: Scene, engine: AsyncEngine, store_bus: Bus) -> None:
    seq = await commit_and_die(engine, scene, "Twice")

    async with heard_on(scene) as heard, Relay(store_bus, engine) as relay:
        await wait_for(lambda: is_stored(store_bus, scene, seq))
        heard.clear()
        relay.sweep()
        await wait_for(lambda: f"{scene.team.id}.{seq}" in [raw.headers["Nats-Msg-Id"] for raw in heard if raw.headers])
        await store_bus.flush()

    assert await stored_of(store_bus, scene) == seq


async def is_stored(bus: Bus, scene: Scene, seq: int) -> bool:
    return await stored_of(bus, scene) >= seq


async def test_an_event_leaves_the_outbox_only_when_it_is_safe(
    scene: Scene, engine: AsyncEngine, store_bus: Bus
) -> None:
    await commit_and_die(engine, scene, "Safe")

    async with heard_on(scene) as heard, Relay(store_bus, engine, horizon=3600) as careful:
        await wait_for(lambda: heard)
        await careful.forget_safe()
        assert await waiting_of(engine, scene) > 0

    async with Relay(store_bus, engine, horizon=0):
        await wait_for(lambda: waiting_is_empty(engine, scene))


async def waiting_is_empty(engine: AsyncEngine, scene: Scene) -> bool:
    return await waiting_of(engine, scene) == 0


async def test_an_event_that_is_too_large_does_not_stand_in_the_way_of_others(
    scene: Scene, engine: AsyncEngine, store_bus: Bus
) -> None:
    large = Waiting(scene.team.id, Seq(900), Seq(900), "task.created", "x" * 9_000_000, "")
    small = Waiting(scene.team.id, Seq(901), Seq(901), "task.created", '{"small":true}', "")

    async with heard_on(scene) as heard, Relay(store_bus, engine) as relay:
        relay.offer([large, small])
        await wait_for(lambda: b'{"small":true}' in [raw.data for raw in heard])
        assert store_bus.connected


def test_what_a_batch_did_to_a_team_goes_out_in_one_piece() -> None:
    to_and_fro = [Waiting(TeamId(n % 2 + 1), Seq(1), Seq(n // 2 + 1), "task.created", "{}", "") for n in range(1300)]

    groups = list(grouped(to_and_fro))

    assert [{event.team for event in group} for group in groups] == [{1}, {2}]
    assert [event.seq for event in groups[0]] == [*range(1, 651)]
