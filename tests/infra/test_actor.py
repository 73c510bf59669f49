import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
import pytest
from mode import Service

from infra.actor import Actor, every, handle, handle_batch, handle_few
from infra.bus import ERROR, ERROR_CODE, Bus
from infra.config import Settings
from infra.mailbox import Endpoint, Envelope
from infra.process import supervised
from infra.telemetry import current_trace, start_trace
from schemas.accounts import CreateUser, GetUser, SignIn
from schemas.base import Command, R, Record, Role
from schemas.errors import BusError, ErrorCode
from tests.infra.own_servers import OwnServer, open_nats
from tests.waiting import wait_for


class Said(Record):
    text: str


class ProbeCommand(Command[R]):
    owner: ClassVar[Role] = Role.TASK_STORE


class Echo(ProbeCommand[Said], tag="probe.echo"):
    """Say it again."""

    text: Annotated[str, msgspec.Meta(max_length=10)]
    inner: dict[str, Any] | None = None


class Fail(ProbeCommand[Said], tag="probe.fail"):
    """Fail in some way."""

    how: str


class Collect(ProbeCommand[Said], tag="probe.collect"):
    """One of many."""

    number: int


class Hold(ProbeCommand[Said], tag="probe.hold"):
    """Wait for the gate."""

    number: int


class Probe(Actor):
    """Does what actors do, and nothing else."""

    role: ClassVar[Role] = Role.TASK_STORE

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self.gate = asyncio.Event()
        self.gate.set()
        self.batches: list[list[int]] = []
        self.held = 0
        self.ticks = 0
        self.starts = 0
        self.traces: list[str] = []

    async def on_start(self) -> None:
        self.starts += 1
        await super().on_start()

    def endpoint(self, kind: type[Command[Any]]) -> Endpoint:
        return next(endpoint for endpoint in self.endpoints if endpoint.kind is kind)

    @handle
    async def echo(self, command: Echo) -> Said:
        self.traces.append(current_trace())
        return Said(text=command.text)

    @handle
    async def fail(self, command: Fail) -> Any:
        match command.how:
            case "refuse":
                raise BusError(ErrorCode.CONFLICT, "somebody was first", field="how", current=b'{"text":"now"}')
            case "return a refusal":
                return BusError(ErrorCode.FORBIDDEN, "not for you")
            case "be cancelled":
                raise asyncio.CancelledError
            case "answer nonsense":
                return object()
            case "answer too much":
                return Said(text="x" * self.bus.client.max_payload)
            case _:
                raise RuntimeError("the password of the database is hunter2")

    @handle_batch(limit=20)
    async def collect(self, envelopes: list[Envelope[Collect]]) -> Sequence[Said | BusError]:
        await self.gate.wait()
        numbers = [envelope.message.number for envelope in envelopes]
        self.batches.append(numbers)
        if -2 in numbers:
            return []
        return [Said(text=str(n)) if n >= 0 else BusError(ErrorCode.INVALID, "negative") for n in numbers]

    @handle_few(workers=1, capacity=2)
    async def hold(self, command: Hold) -> Said:
        self.held += 1
        await self.gate.wait()
        return Said(text=str(command.number))

    @every(0.01)
    async def tick(self) -> None:
        self.ticks += 1
        if self.ticks < 3:
            raise RuntimeError("a timer that fails twice")


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[OwnServer]:
    async with open_nats(tmp_path_factory.mktemp("actor")) as server:
        yield server


@asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[Probe]:
    async with Bus(settings, Role.TASK_STORE) as bus:
        probe = Probe(bus)
        async with supervised(probe):
            yield probe


@pytest.fixture
async def probe(server: OwnServer) -> AsyncGenerator[Probe]:
    async with running(server.settings) as probe:
        yield probe


@pytest.fixture
async def asker(server: OwnServer) -> AsyncGenerator[Bus]:
    async with Bus(server.settings, Role.CONSOLE) as bus:
        yield bus


async def refusal(bus: Bus, command: Command[Any]) -> BusError:
    with pytest.raises(BusError) as refusal:
        await bus.request(command)
    return refusal.value


async def test_a_handler_answers_what_its_annotation_names(probe: Probe, asker: Bus) -> None:
    assert await asker.request(Echo(text="hello")) == Said(text="hello")


async def test_the_surface_is_read_off_the_annotations() -> None:
    class Accountant(Actor):
        role: ClassVar[Role] = Role.ACCOUNTS

        @handle
        async def two(self, message: SignIn | CreateUser) -> None: ...

        @handle
        async def one(self, message: GetUser) -> None: ...

    surface = {name: handling.kinds for name, handling in Accountant.handlings()}

    assert surface == {"one": (GetUser,), "two": (SignIn, CreateUser)}


def test_an_annotation_that_names_no_message_is_refused_at_import() -> None:
    class Empty(Command[Said]):
        pass

    with pytest.raises(TypeError, match="names no message"):

        @handle
        async def nothing(self: object, message: Empty) -> None: ...


async def test_a_refusal_travels_whole_whether_raised_or_returned(probe: Probe, asker: Bus) -> None:
    raised = await refusal(asker, Fail(how="refuse"))
    returned = await refusal(asker, Fail(how="return a refusal"))

    assert (raised.code, raised.detail, raised.field) == (ErrorCode.CONFLICT, "somebody was first", "how")
    assert raised.current == b'{"text":"now"}'
    assert (returned.code, returned.detail) == (ErrorCode.FORBIDDEN, "not for you")


async def test_batches_form_by_themselves_while_the_actor_is_busy(probe: Probe, asker: Bus) -> None:
    probe.gate.clear()
    requests = [asyncio.ensure_future(asker.request(Collect(number=n))) for n in range(50)]
    await wait_for(lambda: probe.endpoint(Collect).requests == 50)
    probe.gate.set()

    answers = await asyncio.gather(*requests)

    assert answers == [Said(text=str(n)) for n in range(50)]
    assert sorted(n for batch in probe.batches for n in batch) == list(range(50))
    assert max(len(batch) for batch in probe.batches) == 20
    assert len(probe.batches) <= 4


async def test_each_of_a_batch_gets_its_own_outcome(probe: Probe, asker: Bus) -> None:
    probe.gate.clear()
    requests = [asyncio.ensure_future(asker.request(Collect(number=n))) for n in (1, -1, 2)]
    poisoned = asyncio.ensure_future(asker.client.request("cmd.probe.collect", b'{"number": "one"}', timeout=5))
    await wait_for(lambda: probe.endpoint(Collect).requests == 4)
    probe.gate.set()

    first, second, third = await asyncio.gather(*requests, return_exceptions=True)

    assert (first, third) == (Said(text="1"), Said(text="2"))
    assert isinstance(second, BusError)
    assert second.detail == "negative"
    assert ((await poisoned).headers or {})[ERROR] == "INVALID"


async def test_a_batch_handler_that_forgets_somebody_fails_and_lives(probe: Probe, asker: Bus) -> None:
    assert (await refusal(asker, Collect(number=-2))).code is ErrorCode.INTERNAL
    assert await asker.request(Collect(number=3)) == Said(text="3")


async def test_a_full_mailbox_refuses_at_once_and_keeps_what_it_has(probe: Probe, asker: Bus) -> None:
    probe.gate.clear()
    kept = [asyncio.ensure_future(asker.request(Hold(number=0)))]
    await wait_for(lambda: probe.held == 1)
    kept += [asyncio.ensure_future(asker.request(Hold(number=n))) for n in (1, 2)]
    await wait_for(lambda: probe.endpoint(Hold).requests == 3)

    assert (await refusal(asker, Hold(number=3))).code is ErrorCode.OVERLOADED
    probe.gate.set()
    assert await asyncio.gather(*kept) == [Said(text=str(n)) for n in range(3)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"type":"probe.echo","text":1}', "text"),
        (b'{"type":"probe.echo","text":"longer than ten"}', "text"),
        (b'{"type":"probe.echo"}', None),
        (b'{"type":"probe.fail","text":"a"}', "type"),
        (b'{"type":"probe.echo","text":"a","inner":[]}', "inner"),
        (b'{"type":"probe.echo","text":"\xff"}', None),
        (b'{"type":"probe.echo","text":"\\ud800"}', None),
        (b'{"type":"probe.echo","text":"a","inner":' + b'{"a":' * 100_000, None),
        (b"[" * 100_000, None),
        (b"", None),
        (b"null", None),
        (b"\x00\x01\x02", None),
        (b'{"type":"probe.echo","text":"a"', None),
        (b'{"type":"probe.echo","text":"a"} and more', None),
        (bytes(range(256)) * 100, None),
    ],
)
async def test_what_is_not_the_command_is_invalid_and_the_actor_lives(
    probe: Probe, asker: Bus, body: bytes, field: str | None
) -> None:
    answer = await asker.client.request("cmd.probe.echo", body, timeout=5)

    headers = answer.headers or {}
    assert (headers[ERROR], headers[ERROR_CODE]) == ("INVALID", "400")
    assert BusError.decode(400, answer.data).field == field
    assert await asker.request(Echo(text="alive")) == Said(text="alive")


@pytest.mark.parametrize("how", ["raise", "be cancelled", "answer nonsense"])
async def test_a_handler_that_fails_tells_nothing_and_lives(probe: Probe, asker: Bus, how: str) -> None:
    for _ in range(20):  # more often than there are workers
        answer = await asker.client.request("cmd.probe.fail", msgspec.json.encode(Fail(how=how)), timeout=5)

        assert (answer.headers or {})[ERROR] == "INTERNAL"
        assert b"hunter2" not in answer.data
        assert b"RuntimeError" not in answer.data
    assert await asker.request(Echo(text="alive")) == Said(text="alive")
    assert probe.starts == 1


async def test_an_answer_that_is_too_large_is_said_to_be(probe: Probe, asker: Bus) -> None:
    assert (await refusal(asker, Fail(how="answer too much"))).code is ErrorCode.TOO_LARGE
    assert await asker.request(Echo(text="alive")) == Said(text="alive")


async def test_nobody_can_make_an_actor_speak_elsewhere_than_into_an_inbox(probe: Probe, asker: Bus) -> None:
    heard: list[bytes] = []

    async def hear(raw: Any) -> None:
        heard.append(raw.data)

    await asker.listen("evt.task.created.7", hear)
    for subject in ("cmd.probe.echo", "$SRV.PING"):
        await asker.client.publish(subject, msgspec.json.encode(Echo(text="forged")), reply="evt.task.created.7")
    await asker.request(Echo(text="later"))

    assert heard == []


async def test_the_trace_of_the_asker_is_the_trace_of_the_handler(probe: Probe, asker: Bus) -> None:
    trace = start_trace()
    await asker.request(Echo(text="hello"))

    assert probe.traces == [trace]


async def test_a_timer_survives_its_failures(probe: Probe) -> None:
    await wait_for(lambda: probe.ticks > 3)

    assert probe.starts == 1


async def test_a_stop_answers_all_that_was_taken_in(server: OwnServer, asker: Bus) -> None:
    async with running(server.settings) as probe:
        probe.gate.clear()
        requests = [asyncio.ensure_future(asker.request(Collect(number=n))) for n in range(30)]
        requests += [asyncio.ensure_future(asker.request(Hold(number=n))) for n in range(2)]
        await wait_for(lambda: probe.endpoint(Collect).requests == 30 and probe.endpoint(Hold).requests == 2)
        asyncio.get_running_loop().call_later(0.05, probe.gate.set)

    answers = await asyncio.gather(*requests)

    assert answers == [Said(text=str(n)) for n in (*range(30), *range(2))]


async def test_a_stop_under_fire_leaves_no_question_half_answered(server: OwnServer, asker: Bus) -> None:
    """Of two instances one stops while both are asked: every request is answered by one of them."""
    async with running(server.settings) as stays:
        async with running(server.settings) as leaves:
            requests = [asyncio.ensure_future(asker.request(Collect(number=n))) for n in range(500)]
            await wait_for(lambda: leaves.batches and stays.batches)

        assert await asyncio.gather(*requests) == [Said(text=str(n)) for n in range(500)]


async def test_two_instances_share_the_work(server: OwnServer, asker: Bus) -> None:
    async with AsyncExitStack() as exits:
        two = [await exits.enter_async_context(running(server.settings)) for _ in range(2)]
        await asyncio.gather(*(asker.request(Echo(text=str(n))) for n in range(100)))
        shares = [probe.endpoint(Echo).requests for probe in two]

    assert sum(shares) == 100
    assert min(shares) > 10


async def test_an_actor_that_crashes_is_started_again(probe: Probe, asker: Bus) -> None:
    await probe.crash(RuntimeError("out of luck"))

    await wait_for(lambda: probe.starts == 2)
    assert await asker.request(Echo(text="again")) == Said(text="again")


async def test_an_actor_that_crashes_while_the_bus_is_away_comes_back_with_it(
    server: OwnServer, probe: Probe, asker: Bus
) -> None:
    await server.stop()
    await wait_for(lambda: not probe.bus.connected)
    await probe.crash(RuntimeError("out of luck"))

    assert await asker.request(Echo(text="again")) == Said(text="again")
    assert probe.starts == 2


async def test_a_supervisor_gives_up_on_who_crashes_again_and_again() -> None:
    class Doomed(Service):
        starts = 0

        async def on_start(self) -> None:
            self.starts += 1
            self.add_future(self._die())

        async def _die(self) -> None:
            await self.sleep(0.01)
            raise RuntimeError("as always")

    doomed = Doomed()
    async with supervised(doomed) as supervisor:
        await wait_for(lambda: supervisor.crashed)

    assert doomed.starts == 6


async def everybody(asker: Bus, subject: str) -> Any:
    async with Bus(asker._settings, Role.OPERATOR) as operator:
        return json.loads((await operator.client.request(subject, b"", timeout=5)).data)


async def test_nobody_is_told_who_is_here_in_place_of_an_answer(probe: Probe, asker: Bus) -> None:
    heard: list[bytes] = []

    async def hear(raw: Any) -> None:
        heard.append(raw.data)

    await asker.listen("_INBOX_gateway.somebody.1", hear)
    await asker.client.publish("$SRV.PING", b"", reply="_INBOX_gateway.somebody.1")
    await asker.request(Echo(text="later"))
    await asker.flush()

    assert heard == []


async def test_it_answers_the_service_protocol(probe: Probe, asker: Bus) -> None:
    """ADR-32: what `nats service ls`, `info` and `stats` read."""
    await asker.request(Echo(text="hello"))
    await refusal(asker, Fail(how="raise"))

    ping = await everybody(asker, "$SRV.PING")
    info = await everybody(asker, "$SRV.INFO.task-store")
    stats = await everybody(asker, f"$SRV.STATS.task-store.{ping['id']}")

    assert [reply["type"] for reply in (ping, info, stats)] == [
        f"io.nats.micro.v1.{verb}_response" for verb in ("ping", "info", "stats")
    ]
    identity = {name: ping[name] for name in ("name", "id", "version", "metadata")}
    assert identity["name"] == "task-store"
    assert all(reply[name] == value for name, value in identity.items() for reply in (info, stats))
    assert info["description"] == "Does what actors do, and nothing else."
    assert {"name": "probe-echo", "subject": "cmd.probe.echo", "queue_group": "task-store", "metadata": {}} in info[
        "endpoints"
    ]
    assert datetime.fromisoformat(stats["started"]).tzinfo is not None


async def test_its_statistics_count(probe: Probe, asker: Bus) -> None:
    await asyncio.gather(*(asker.request(Echo(text=str(n))) for n in range(5)))
    await refusal(asker, Fail(how="refuse"))

    stats = await everybody(asker, "$SRV.STATS.task-store")

    by_name = {endpoint["name"]: endpoint for endpoint in stats["endpoints"]}
    echo, fail = by_name["probe-echo"], by_name["probe-fail"]
    assert (echo["num_requests"], echo["num_errors"], echo["last_error"]) == (5, 0, "")
    assert (fail["num_requests"], fail["num_errors"], fail["last_error"]) == (1, 1, "409:CONFLICT")
    assert echo["processing_time"] > 0
    assert echo["average_processing_time"] == echo["processing_time"] // 5
