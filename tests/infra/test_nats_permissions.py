"""The committed nats.conf on a real server: each role may do what the declared messages ask of it, and nothing else."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import msgspec
import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import ConsumerConfig, StreamConfig

from infra.children import Children
from infra.config import Settings
from infra.embedded import Folder, start_servers
from infra.inbox import inbox_prefix
from infra.nats_conf import COMMITTED, load_messages, render
from schemas.accounts import AccountUpdated, CreateUser, CreateUserAsAdmin, GetUser, SignIn
from schemas.base import ACCOUNT_SUBJECTS, EVENTS_STREAM, EVENTS_SUBJECTS, Command, Event, Role, leaves
from schemas.ids import UserId
from schemas.tasks import CreateTask, TaskCreated
from tests.waiting import wait_for

load_messages()
COMMANDS: list[type[Command[object]]] = [kind for kind in leaves(Command) if issubclass(kind, Command)]
EVENTS = [kind for kind in leaves(Event) if issubclass(kind, Event)]
READERS = {Role.GATEWAY, Role.ACCOUNTS, Role.TASK_STORE}
OWNERS = sorted({command.owner for command in COMMANDS})

DANGEROUS = (
    f"$JS.API.STREAM.DELETE.{EVENTS_STREAM}",
    f"$JS.API.STREAM.PURGE.{EVENTS_STREAM}",
    f"$JS.API.STREAM.MSG.DELETE.{EVENTS_STREAM}",
    "$JS.API.STREAM.CREATE.OTHER",
    "$SYS.REQ.SERVER.PING",
    "_INBOX_gateway.x",
    "anything.else",
)


class Guest:
    """One connection, and what the server refused it."""

    def __init__(self, client: Client, refused: list[str]) -> None:
        self.client = client
        self._refused = refused

    async def publishing_refused(self, subject: str) -> bool:
        await self.client.publish(subject, b"{}")
        return await self._was_refused()

    async def subscribing_refused(self, subject: str, queue: str = "") -> bool:
        await self.client.subscribe(subject, queue=queue)
        return await self._was_refused()

    async def settle(self) -> None:
        """Until the server has taken in all that was said, and has refused what it refuses."""
        # The PING of a flush overtakes what waits to be sent; only the answer to the second comes after all that.
        await self.client.flush()
        await self.client.flush()

    async def _was_refused(self) -> bool:
        await self.settle()
        refused = bool(self._refused)
        self._refused.clear()
        return refused


async def answer_yes(raw: Msg) -> None:
    await raw.respond(b"yes")


Enter = Callable[[Role], Awaitable[Guest]]


@pytest.fixture(scope="module")
async def alone(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Settings]:
    """A NATS of our own, with no actors on it."""
    folder = Folder(tmp_path_factory.mktemp("nats"))
    folder.create()
    children = Children(folder.record)
    async with children:
        yield Settings.read(await start_servers(children, folder, {"DATABASE_URL": "none", "REDIS_URL": "none"}))


@pytest.fixture
async def enter(alone: Settings) -> AsyncGenerator[Enter]:
    """Connect as a role."""
    guests: list[Client] = []

    async def enter(role: Role) -> Guest:
        refused: list[str] = []

        async def remember(error: Exception) -> None:
            if "permissions violation" in str(error).lower():
                refused.append(str(error))

        client = await nats.connect(
            alone.nats_url,
            user=role.value,
            password=alone.nats_password(role),
            inbox_prefix=inbox_prefix(role),
            error_cb=remember,
        )
        guests.append(client)
        return Guest(client, refused)

    yield enter
    for client in guests:
        await client.close()


def test_the_committed_file_is_the_rendered_one() -> None:
    assert COMMITTED.read_text() == render(), "run `python -m infra.nats_conf > infra/nats.conf`"


@pytest.mark.parametrize("login", [b"{}", b'{"user":"gateway"}', b'{"user":"gateway","pass":"wrong"}'])
async def test_nobody_enters_without_the_password(alone: Settings, login: bytes) -> None:
    host, _, port = alone.nats_url.removeprefix("nats://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await reader.readline()

    writer.write(b"CONNECT " + login + b"\r\nPING\r\n")

    assert b"Authorization Violation" in await reader.readline()
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("role", Role)
async def test_a_role_sends_exactly_the_commands_that_name_it_as_a_sender(enter: Enter, role: Role) -> None:
    guest = await enter(role)

    for command in COMMANDS:
        assert await guest.publishing_refused(command.subject()) is (role not in command.senders), command


@pytest.mark.parametrize("role", Role)
async def test_a_role_announces_exactly_the_events_that_it_owns(enter: Enter, role: Role) -> None:
    guest = await enter(role)

    for event in EVENTS:
        assert await guest.publishing_refused(event.subjects().replace("*", "7")) is (event.owner is not role), event


@pytest.mark.parametrize("role", Role)
async def test_a_role_hears_the_commands_that_it_owns_and_only_in_its_queue(enter: Enter, role: Role) -> None:
    guest = await enter(role)

    for command in COMMANDS:
        assert await guest.subscribing_refused(command.subject(), role) is (command.owner is not role), command
        assert await guest.subscribing_refused(command.subject(), "another") is True, command
        watches = role is Role.OPERATOR and not command.confidential
        assert await guest.subscribing_refused(command.subject()) is (not watches), command


@pytest.mark.parametrize("role", Role)
async def test_no_role_may_do_what_none_needs(enter: Enter, role: Role) -> None:
    guest = await enter(role)

    for subject in DANGEROUS:
        assert await guest.publishing_refused(subject), subject
    for subject in (
        ">",
        "$SYS.>",
        "_INBOX.>",
        "$JS.>",
        *(inbox_prefix(other) + ".>" for other in Role if other != role),
    ):
        assert await guest.subscribing_refused(subject), subject
    assert not await guest.subscribing_refused(inbox_prefix(role) + ".>")


@pytest.mark.parametrize("role", Role)
async def test_the_gateway_and_the_operator_hear_the_events(enter: Enter, role: Role) -> None:
    guest = await enter(role)

    hears = role in {Role.GATEWAY, Role.OPERATOR}
    assert await guest.subscribing_refused("evt.*.*.7") is not hears
    assert await guest.subscribing_refused("usr.*.*.3") is not hears
    assert await guest.subscribing_refused("ops.audit.recorded") is (role is not Role.OPERATOR)


@pytest.mark.parametrize("owner", OWNERS)
async def test_an_owner_answers_its_askers_once(enter: Enter, owner: Role) -> None:
    command = next(command for command in COMMANDS if command.owner is owner and Role.GATEWAY in command.senders)
    actor, asker = await enter(owner), await enter(Role.GATEWAY)
    await actor.client.subscribe(command.subject(), queue=owner.value, cb=answer_yes)
    await actor.settle()

    answer = await asker.client.request(command.subject(), b"{}", timeout=2)

    assert answer.data == b"yes"
    assert answer.subject.startswith(inbox_prefix(Role.GATEWAY))
    assert await actor.publishing_refused(f"{inbox_prefix(Role.GATEWAY)}.unasked")


@pytest.mark.parametrize("owner", OWNERS)
async def test_the_operator_and_the_console_find_the_actors(enter: Enter, owner: Role) -> None:
    actor = await enter(owner)
    for subject in ("$SRV.PING", f"$SRV.PING.{owner}", f"$SRV.STATS.{owner}.x7"):
        await actor.client.subscribe(subject, cb=answer_yes)
    await actor.settle()

    for role in (Role.OPERATOR, Role.CONSOLE):
        asker = await enter(role)
        for subject in ("$SRV.PING", f"$SRV.PING.{owner}", f"$SRV.STATS.{owner}.x7"):
            assert (await asker.client.request(subject, timeout=2)).data == b"yes"


async def test_only_the_console_makes_users_in_nobodys_name(enter: Enter) -> None:
    assert not await (await enter(Role.CONSOLE)).publishing_refused(CreateUser.subject())
    for role in {*Role} - {Role.CONSOLE}:
        assert await (await enter(role)).publishing_refused(CreateUser.subject()), role


def test_an_administrator_who_makes_a_user_is_always_named() -> None:
    with pytest.raises(msgspec.ValidationError, match="by"):
        msgspec.convert({"username": "eve", "password": "x" * 20, "name": "Eve"}, CreateUserAsAdmin)


async def test_the_operator_sees_requests_but_no_secrets(enter: Enter) -> None:
    operator, gateway, console = await enter(Role.OPERATOR), await enter(Role.GATEWAY), await enter(Role.CONSOLE)
    seen: list[str] = []

    async def see(raw: Msg) -> None:
        seen.append(raw.subject)

    assert not await operator.subscribing_refused("cmd.>")
    await operator.client.subscribe("cmd.>", cb=see)
    await operator.settle()
    await gateway.client.publish(SignIn.subject(), b"{}")
    await console.client.publish(CreateUser.subject(), b"{}")
    for guest, command in ((gateway, GetUser), (console, CreateTask)):
        await guest.client.publish(command.subject(), b"{}")

    await wait_for(lambda: len(seen) >= 2)
    assert sorted(seen) == sorted([GetUser.subject(), CreateTask.subject()])


async def test_the_operator_cannot_take_work_out_of_a_queue(enter: Enter) -> None:
    operator = await enter(Role.OPERATOR)

    for subject in ("cmd.>", CreateTask.subject(), "evt.>"):
        assert await operator.subscribing_refused(subject, Role.TASK_STORE)


async def test_the_task_store_keeps_the_stream_and_nobody_else_does(enter: Enter) -> None:
    store = await enter(Role.TASK_STORE)
    stream = store.client.jetstream(timeout=2)
    config = StreamConfig(name=EVENTS_STREAM, subjects=[EVENTS_SUBJECTS, ACCOUNT_SUBJECTS])
    await stream.add_stream(config)
    await stream.update_stream(config)
    acknowledged = await stream.publish(TaskCreated.subjects().replace("*", "7"), b"{}")
    assert acknowledged.stream == EVENTS_STREAM

    console = await enter(Role.CONSOLE)
    assert (await console.client.jetstream(timeout=2).stream_info(EVENTS_STREAM)).state.messages >= 1
    for role in (Role.CONSOLE, Role.GATEWAY, Role.OPERATOR, Role.LOADTEST, Role.BOT, Role.ACCOUNTS):
        other = await enter(role)
        with pytest.raises((NatsTimeout, NoRespondersError, asyncio.TimeoutError)):
            await other.client.jetstream(timeout=0.2).update_stream(config)


async def test_who_must_miss_no_event_reads_the_stream_as_a_consumer_of_its_own_name(enter: Enter) -> None:
    store, accounts = await enter(Role.TASK_STORE), await enter(Role.ACCOUNTS)
    await store.client.jetstream(timeout=2).add_stream(
        StreamConfig(name=EVENTS_STREAM, subjects=[EVENTS_SUBJECTS, ACCOUNT_SUBJECTS])
    )
    told = AccountUpdated.subject_of(UserId(3))
    await accounts.client.jetstream(timeout=2).publish(told, b"{}")

    for role in READERS:
        reader = (await enter(role)).client.jetstream(timeout=2)
        await reader.add_consumer(EVENTS_STREAM, consumer(role.value))
        message = (await (await reader.pull_subscribe_bind(role.value, EVENTS_STREAM)).fetch(1, timeout=2))[0]
        await message.ack_sync(timeout=2)
        assert message.subject == told


@pytest.mark.parametrize("role", Role)
async def test_nobody_reads_the_stream_under_the_name_of_somebody_else(enter: Enter, role: Role) -> None:
    guest = await enter(role)

    for other in {*READERS, "another"} - {role}:
        for ask in ("CREATE", "MSG.NEXT", "DELETE"):
            assert await guest.publishing_refused(f"$JS.API.CONSUMER.{ask}.{EVENTS_STREAM}.{other}")
        assert await guest.publishing_refused(f"$JS.ACK.{EVENTS_STREAM}.{other}.1.1.1.1.0")


def consumer(name: str) -> ConsumerConfig:
    return ConsumerConfig(name=name, durable_name=name, filter_subjects=[ACCOUNT_SUBJECTS])


async def test_a_load_tester_speaks_only_on_its_own_subjects(enter: Enter) -> None:
    tester = await enter(Role.LOADTEST)

    assert not await tester.publishing_refused("ops.load.tick")
    assert await tester.publishing_refused("ops.other")
