import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress

import pytest
from nats.js.api import StreamConfig

from infra.bus import Bus, RawMessage
from infra.stream import EVENTS, Outgoing, StreamPublisher, StreamReader, consume, ensure_stream
from schemas.base import ACCOUNT_SUBJECTS, Role
from tests.infra.own_servers import open_nats
from tests.waiting import wait_for

PROBES = StreamConfig(name="PROBES", subjects=["probe.>"], allow_batched=True)


@pytest.fixture
async def own_bus(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Bus]:
    async with open_nats(tmp_path_factory.mktemp("stream")) as server, Bus(server.settings, Role.TASK_STORE) as bus:
        await ensure_stream(bus, PROBES)
        yield bus


async def publish(bus: Bus, *names: str) -> None:
    """Publish a message for each name and wait until all are stored."""
    stored: list[int] = []
    publisher = StreamPublisher(bus, stored.append)
    await publisher.open()
    await publisher.publish(7, [probe(name) for name in names])
    await wait_for(lambda: stored == [7])
    await publisher.close()


def probe(name: str) -> Outgoing:
    return Outgoing("probe.said", name.encode(), f"probe.{name}")


async def test_a_stream_is_made_once_and_keeps_what_it_holds(own_bus: Bus) -> None:
    await publish(own_bus, "one")

    await ensure_stream(own_bus, PROBES)

    assert (await own_bus.client.jetstream().stream_info("PROBES")).state.messages == 1


async def test_what_is_published_again_is_acknowledged_and_stored_once(own_bus: Bus) -> None:
    await publish(own_bus, "one", "two")
    await publish(own_bus, "one", "two")

    assert (await own_bus.client.jetstream().stream_info("PROBES")).state.messages == 2


async def test_many_at_once_are_stored_in_order_and_acknowledged_once(own_bus: Bus) -> None:
    names = [str(number) for number in range(2500)]

    await publish(own_bus, *names)

    subscription = await own_bus.client.jetstream().subscribe("probe.>", ordered_consumer=True)
    assert [(await subscription.next_msg()).data.decode() for _ in names] == names


async def test_a_batch_of_which_something_was_missed_is_not_acknowledged(own_bus: Bus) -> None:
    stored: list[int] = []
    publisher = StreamPublisher(own_bus, stored.append)
    await publisher.open()

    # No stream listens there, so this one sees a batch with a hole, and its end.
    await publisher.publish(1, [probe("one"), probe("two")._replace(subject="unheard.of"), probe("three")])
    await publisher.publish(2, [probe("four")])
    await wait_for(lambda: stored == [2])

    await publisher.publish(3, [probe("one"), probe("two"), probe("three")])
    await wait_for(lambda: stored == [2, 3])
    assert (await own_bus.client.jetstream().stream_info("PROBES")).state.messages == 4
    await publisher.close()


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


async def test_whoever_is_told_to_stop_as_messages_come_works_them_off_and_stops(own_bus: Bus) -> None:
    await publish(own_bus, "one", "two")
    seen: list[RawMessage] = []

    async def read() -> None:
        async for batch in consume(own_bus, "PROBES", "reader", "probe.>", batch=1):
            seen.extend(batch)
            # So it goes in the client when the cancellation and a message come in one moment.
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0)

    reading = asyncio.create_task(read())

    await asyncio.wait([reading], timeout=5)
    assert reading.cancelled()
    assert len(seen) == 1


@pytest.fixture
async def events_bus(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Bus]:
    """On a NATS where the stream EVENTS is not there yet."""
    async with open_nats(tmp_path_factory.mktemp("events")) as server, Bus(server.settings, Role.ACCOUNTS) as bus:
        yield bus


async def say(bus: Bus, *subjects: str) -> None:
    for subject in subjects:
        await bus.client.jetstream().publish(subject, subject.encode())


class Listener:
    """Takes events in, as it is told to."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.failures = 0

    async def work(self, messages: Sequence[RawMessage]) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the database is away")
        self.heard += [message.subject for message in messages]


async def test_a_reader_waits_for_the_stream_and_hears_what_it_asked_for_in_order(events_bus: Bus) -> None:
    listener = Listener()
    async with StreamReader(events_bus, ["evt.member.*.*", "evt.team.transferred.*"], listener.work):
        await ensure_stream(events_bus, EVENTS)
        await say(
            events_bus, "evt.member.added.1", "evt.task.created.1", "evt.team.transferred.1", "evt.member.added.2"
        )

        await wait_for(lambda: len(listener.heard) == 3)

    assert listener.heard == ["evt.member.added.1", "evt.team.transferred.1", "evt.member.added.2"]


async def test_a_reader_misses_nothing_of_the_time_when_it_was_away(events_bus: Bus) -> None:
    await ensure_stream(events_bus, EVENTS)
    listener = Listener()
    async with StreamReader(events_bus, ["evt.>"], listener.work):
        await say(events_bus, "evt.task.created.1")
        await wait_for(lambda: listener.heard)
        await events_bus.flush()
    await say(events_bus, "evt.task.created.2")

    async with StreamReader(events_bus, ["evt.>"], listener.work):
        await wait_for(lambda: len(listener.heard) == 2)

    assert listener.heard == ["evt.task.created.1", "evt.task.created.2"]


async def test_what_a_reader_failed_on_comes_again(events_bus: Bus) -> None:
    await ensure_stream(events_bus, EVENTS)
    listener = Listener()
    listener.failures = 2
    async with StreamReader(events_bus, ["evt.>"], listener.work):
        await say(events_bus, "evt.task.created.1")
        await wait_for(lambda: listener.heard == ["evt.task.created.1"], timeout=8)


async def test_a_reader_that_asks_for_other_subjects_gets_them(events_bus: Bus) -> None:
    await ensure_stream(events_bus, EVENTS)
    listener = Listener()
    for subjects in (["evt.member.*.*"], ["evt.member.*.*", ACCOUNT_SUBJECTS]):
        async with StreamReader(events_bus, subjects, listener.work):
            await say(events_bus, "evt.member.added.1", "usr.account.updated.3")
            await wait_for(lambda: "evt.member.added.1" in listener.heard)
            listener.heard.remove("evt.member.added.1")

    async with StreamReader(events_bus, ["evt.member.*.*", ACCOUNT_SUBJECTS], listener.work):
        await wait_for(lambda: "usr.account.updated.3" in listener.heard)


async def test_an_event_reaches_a_reader_at_once(events_bus: Bus) -> None:
    await ensure_stream(events_bus, EVENTS)
    listener = Listener()
    async with StreamReader(events_bus, ["evt.>"], listener.work):
        await say(events_bus, "evt.task.created.1")
        await wait_for(lambda: listener.heard)
        started = time.monotonic()
        await say(events_bus, "evt.task.created.2")
        await wait_for(lambda: len(listener.heard) == 2)

    assert time.monotonic() - started < 1.0
