from collections.abc import AsyncGenerator

import pytest
from nats.js.api import StreamConfig

from infra.bus import Bus
from infra.stream import StreamPublisher, consume, ensure_stream
from schemas.base import Role
from tests.infra.own_servers import open_nats
from tests.waiting import wait_for

PROBES = StreamConfig(name="PROBES", subjects=["probe.>"])


@pytest.fixture
async def own_bus(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Bus]:
    async with open_nats(tmp_path_factory.mktemp("stream")) as server, Bus(server.settings, Role.TASK_STORE) as bus:
        await ensure_stream(bus, PROBES)
        yield bus


async def publish(bus: Bus, *names: str) -> None:
    """Publish a message for each name and wait until all are stored."""
    stored: list[str] = []
    publisher = StreamPublisher(bus, stored.append)
    await publisher.open()
    for name in names:
        await publisher.publish("probe.said", name.encode(), message_id=f"probe.{name}")
    await wait_for(lambda: stored == [f"probe.{name}" for name in names])
    await publisher.close()


async def test_a_stream_is_made_once_and_keeps_what_it_holds(own_bus: Bus) -> None:
    await publish(own_bus, "one")

    await ensure_stream(own_bus, PROBES)

    assert (await own_bus.client.jetstream().stream_info("PROBES")).state.messages == 1


async def test_what_is_published_again_is_acknowledged_and_stored_once(own_bus: Bus) -> None:
    await publish(own_bus, "one", "two")
    await publish(own_bus, "one", "two")

    assert (await own_bus.client.jetstream().stream_info("PROBES")).state.messages == 2


async def test_a_durable_consumer_goes_on_where_the_one_before_it_stopped(own_bus: Bus) -> None:
    await publish(own_bus, "one", "two", "three")

    async def read(most: int) -> list[str]:
        names: list[str] = []
        async for batch in consume(own_bus, "PROBES", "reader", "probe.>", batch=1):
            for message in batch:
                names.append(message.data.decode())
                await message.ack_sync()
            if len(names) == most:
                return names
        return names

    assert await read(2) == ["one", "two"]
    assert await read(1) == ["three"]
