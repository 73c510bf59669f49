import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import ClassVar

import msgspec
import pytest

from infra.bus import ERROR, ERROR_CODE, Bus, RawMessage
from infra.config import Settings
from infra.ports import any_free_port
from infra.telemetry import current_trace, start_trace
from schemas.base import Command, Record, Role
from schemas.errors import BusError, ErrorCode
from tests.infra.own_servers import OwnServer, open_nats
from tests.waiting import wait_for


class Said(Record):
    text: str


class Echo(Command[Said], tag="probe.echo"):
    """Say it again."""

    owner: ClassVar[Role] = Role.TASK_STORE

    text: str


class Sum(Command[list[int]], tag="probe.sum"):
    """Running sums."""

    owner: ClassVar[Role] = Role.TASK_STORE

    of: list[int]


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[OwnServer]:
    async with open_nats(tmp_path_factory.mktemp("bus")) as server:
        yield server


@pytest.fixture
async def asker(server: OwnServer) -> AsyncGenerator[Bus]:
    async with Bus(server.settings, Role.GATEWAY) as bus:
        yield bus


@pytest.fixture
async def owner(server: OwnServer) -> AsyncGenerator[Bus]:
    async with Bus(server.settings, Role.TASK_STORE) as bus:
        yield bus


Answer = Callable[[RawMessage], Awaitable[None]]


@asynccontextmanager
async def answering(bus: Bus, subject: str, answer: Answer) -> AsyncGenerator[None]:
    subscription = await bus.listen(subject, answer)
    yield
    await subscription.unsubscribe()


async def echo(raw: RawMessage) -> None:
    await raw.respond(raw.data)


def refusing(error: BusError) -> Answer:
    async def refuse(raw: RawMessage) -> None:
        headers = {ERROR: error.code.name, ERROR_CODE: str(error.code.value)}
        await raw._client.publish(raw.reply, error.encode(), headers=headers)

    return refuse


async def test_an_answer_has_the_type_that_the_command_names(asker: Bus, owner: Bus) -> None:
    async def sums(raw: RawMessage) -> None:
        await raw.respond(b"[1,3,6]")

    async with answering(owner, "cmd.probe.echo", echo), answering(owner, "cmd.probe.sum", sums):
        assert await asker.request(Echo(text="Grüße, 任务")) == Said(text="Grüße, 任务")
        assert await asker.request(Sum(of=[1, 2, 3])) == [1, 3, 6]


async def test_a_command_says_its_name_and_travels_as_json(asker: Bus, owner: Bus) -> None:
    heard: list[bytes] = []

    async def hear(raw: RawMessage) -> None:
        heard.append(raw.data)
        await raw.respond(raw.data)

    async with answering(owner, "cmd.probe.echo", hear):
        await asker.request(Echo(text="hello"))

    assert heard == [b'{"type":"probe.echo","text":"hello"}']


async def test_a_refusal_arrives_with_all_that_it_says(asker: Bus, owner: Bus) -> None:
    current = msgspec.json.encode(Said(text="as it is now"))
    said = BusError(ErrorCode.CONFLICT, "zu spät:\r\nsomebody was first", field="text", current=current)

    async with answering(owner, "cmd.probe.echo", refusing(said)):
        with pytest.raises(BusError) as refusal:
            await asker.request(Echo(text="hello"))

    heard = refusal.value
    assert (heard.code, heard.detail, heard.field) == (said.code, said.detail, said.field)
    assert msgspec.json.decode(heard.current, type=Said) == Said(text="as it is now")


@pytest.mark.parametrize("code", ErrorCode)
async def test_every_code_of_error_arrives_as_itself(asker: Bus, owner: Bus, code: ErrorCode) -> None:
    async with answering(owner, "cmd.probe.echo", refusing(BusError(code, "no"))):
        with pytest.raises(BusError) as refusal:
            await asker.request(Echo(text="hello"))

    assert refusal.value.code is code


@pytest.mark.parametrize(("number", "body"), [("499", b"{}"), ("500", b"not JSON"), ("500", b"")])
async def test_a_refusal_that_we_do_not_know_is_still_one(asker: Bus, owner: Bus, number: str, body: bytes) -> None:
    async def refuse(raw: RawMessage) -> None:
        await raw._client.publish(raw.reply, body, headers={ERROR: "ODD", ERROR_CODE: number})

    async with answering(owner, "cmd.probe.echo", refuse):
        with pytest.raises(BusError) as refusal:
            await asker.request(Echo(text="hello"))

    assert refusal.value.code is ErrorCode.INTERNAL


async def test_an_answer_that_breaks_the_contract_is_an_error_of_ours(asker: Bus, owner: Bus) -> None:
    async def nonsense(raw: RawMessage) -> None:
        await raw.respond(b'{"text": 1}')

    async with answering(owner, "cmd.probe.echo", nonsense):
        with pytest.raises(BusError) as refusal:
            await asker.request(Echo(text="hello"))

    assert refusal.value.code is ErrorCode.INTERNAL


async def test_with_nobody_there_it_waits_and_then_says_that_nothing_was_done(asker: Bus) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()

    with pytest.raises(BusError, match="nothing was done") as refusal:
        await asker.request(Echo(text="hello"), timeout=0.3)

    assert refusal.value.code is ErrorCode.UNAVAILABLE
    assert 0.2 < loop.time() - started < 1


async def test_an_actor_that_comes_a_little_late_still_answers(asker: Bus, owner: Bus) -> None:
    request = asyncio.ensure_future(asker.request(Echo(text="hello")))
    await asyncio.sleep(0)
    assert not request.done()

    async with answering(owner, "cmd.probe.echo", echo):
        assert await request == Said(text="hello")


async def test_silence_means_that_it_may_have_been_done(asker: Bus, owner: Bus) -> None:
    async def silence(raw: RawMessage) -> None: ...

    async with answering(owner, "cmd.probe.echo", silence):
        with pytest.raises(BusError, match="may have been done") as refusal:
            await asker.request(Echo(text="hello"), timeout=0.1)

    assert refusal.value.code is ErrorCode.UNAVAILABLE


async def test_what_is_too_large_is_said_to_be_too_large_and_the_line_holds(asker: Bus, owner: Bus) -> None:
    limit = asker.client.max_payload
    start_trace()

    async with answering(owner, "cmd.probe.echo", echo):
        for length in (limit - 50, limit, limit + 1, limit * 2):
            with pytest.raises(BusError) as refusal:
                await asker.request(Echo(text="x" * length))
            assert refusal.value.code is ErrorCode.TOO_LARGE
        assert await asker.request(Echo(text="hello")) == Said(text="hello")
        assert asker.client.stats["reconnects"] == 0


async def test_the_trace_goes_along(asker: Bus, owner: Bus) -> None:
    heard: list[str] = []

    async def hear(raw: RawMessage) -> None:
        heard.append((raw.headers or {}).get("traceparent", ""))
        await raw.respond(raw.data)

    trace = start_trace()
    async with answering(owner, "cmd.probe.echo", hear):
        await asker.request(Echo(text="hello"))

    assert heard == [trace] == [current_trace()]


async def test_after_the_server_died_listeners_hear_again_and_everybody_is_told(
    server: OwnServer, asker: Bus, owner: Bus
) -> None:
    told: list[str] = []
    asker.on_reconnect(lambda: told.append("asker"))
    owner.on_reconnect(lambda: told.append("owner"))

    async with answering(owner, "cmd.probe.echo", echo):
        await server.stop()
        await wait_for(lambda: sorted(told) == ["asker", "owner"])

        assert asker.connected
        assert await asker.request(Echo(text="still here")) == Said(text="still here")


async def test_a_request_that_finds_the_bus_away_waits_for_it(server: OwnServer, asker: Bus, owner: Bus) -> None:
    async with answering(owner, "cmd.probe.echo", echo):
        await server.stop()
        await wait_for(lambda: not asker.connected)

        assert await asker.request(Echo(text="patience")) == Said(text="patience")


async def test_a_bus_that_stays_away_is_said_to_be_away(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with open_nats(tmp_path_factory.mktemp("gone")) as server:
        asker = Bus(server.settings, Role.GATEWAY)
        await asker.connect()
    await wait_for(lambda: not asker.connected)

    with pytest.raises(BusError, match="nothing was done") as refusal:
        await asker.request(Echo(text="hello"), timeout=0.1)
    assert refusal.value.code is ErrorCode.UNAVAILABLE

    await asker.close()


async def test_a_bus_that_is_not_there_yet_is_waited_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    port = any_free_port("127.0.0.1")
    early = Bus(Settings(nats_url=f"nats://127.0.0.1:{port}"), Role.GATEWAY)
    connecting = asyncio.ensure_future(early.connect())
    await asyncio.sleep(0)

    async with open_nats(tmp_path_factory.mktemp("late"), port):
        await asyncio.wait_for(connecting, 5)
        assert early.connected
        await early.close()


async def test_who_reads_too_slowly_is_told_that_messages_were_dropped(asker: Bus, owner: Bus) -> None:
    gate = asyncio.Event()
    dropped: list[bool] = []
    owner.on_drop(lambda: dropped.append(True))

    async def slowly(raw: RawMessage) -> None:
        await gate.wait()

    await owner.client.subscribe("probe.flood", cb=slowly, pending_msgs_limit=2)
    await owner.flush()
    for _ in range(10):
        await asker.client.publish("probe.flood", b"")

    await wait_for(lambda: dropped)
    gate.set()


async def test_whoever_gives_up_waiting_for_the_server_does_not_break_the_connection(asker: Bus, owner: Bus) -> None:
    for _ in range(20):
        flushing = asyncio.ensure_future(asker.flush())
        await asyncio.sleep(0)
        flushing.cancel()

    async with answering(owner, "cmd.probe.echo", echo):
        assert await asker.request(Echo(text="still here"), timeout=2.0) == Said(text="still here")
