"""Whatever anybody may say on the bus is answered, and the actors live on.

Each example is a handful of messages that come at once, so that they share batches: what is wrong with one must not
harm its neighbours.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import cache
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import Phase, given, note
from hypothesis import strategies as st

from actors.cast import CAST
from infra.bus import ERROR, ERROR_CODE, Bus, RawMessage
from infra.config import Settings
from schemas.accounts import GetUser
from schemas.base import Command, Role
from schemas.contract import commands
from schemas.errors import ErrorCode, Refusal
from schemas.notices import GetPreferences
from schemas.presence import WhoIsHere
from schemas.replay import GetPositions
from tests.conftest import NewUser
from tests.fuzz.effort import fuzzed, seconds
from tests.fuzz.faults import Fault, faults
from tests.fuzz.populated import populate
from tests.fuzz.strategies import Memory, Tree, trees

COMMANDS = commands()

_ANSWER_SECONDS = 10
_TROUBLE = (ErrorCode.INTERNAL, ErrorCode.OVERLOADED, ErrorCode.UNAVAILABLE)

BusOf = Callable[[Role], Awaitable[Bus]]


class Said(NamedTuple):
    """A message and what is wrong with it."""

    tree: Tree
    fault: Fault

    def payload(self, memory: Memory) -> bytes:
        return self.fault.bytes_of(memory.fill(self.tree))


@cache
def anything(command: type[Command[Any]]) -> st.SearchStrategy[list[Said]]:
    """Some messages that should be this command, and are nearly."""
    one = st.builds(Said, trees(command), faults([*command.__struct_fields__]))
    return st.lists(one, min_size=5, max_size=10)


@pytest.fixture(scope="session")
async def bus_of(settings: Settings, bus: Bus, console: Bus) -> AsyncGenerator[BusOf]:
    """The bus as any role sees it."""
    buses = {Role.GATEWAY: bus, Role.CONSOLE: console}
    async with AsyncExitStack() as exits:

        async def bus_of(role: Role) -> Bus:
            if role not in buses:
                buses[role] = await exits.enter_async_context(Bus(settings, role))
            return buses[role]

        yield bus_of


@pytest.fixture
async def memory(bus: Bus, console: Bus, new_user: NewUser) -> Memory:
    """A team, people and things of every kind, which messages may be about."""
    return await populate(bus, console, new_user)


@pytest.mark.timeout(seconds(60))
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
@fuzzed(3, phases=[Phase.generate])  # an actor that does not answer takes too long for shrinking
@given(data=st.data())
async def test_whatever_comes_as_a_command_is_answered_and_the_actors_live_on(
    command: type[Command[Any]], data: st.DataObject, bus_of: BusOf, memory: Memory
) -> None:
    bus = await bus_of(min(command.senders))
    payloads = [said.payload(memory) for said in data.draw(anything(command))]
    for payload in payloads:
        note(f"{command.subject()} {payload[:2000]!r}")

    answers = await asyncio.gather(*(answer_to(bus, command.subject(), payload) for payload in payloads))

    for payload, answer in zip(payloads, answers, strict=True):
        judge(command, payload, answer, memory)
    for actor in CAST:
        await assert_alive(actor.role, bus_of)


async def answer_to(bus: Bus, subject: str, payload: bytes) -> RawMessage:
    try:
        return await bus.client.request(subject, payload, timeout=_ANSWER_SECONDS)
    except TimeoutError:
        pytest.fail(f"no answer to {payload[:2000]!r}")


def judge(command: type[Command[Any]], payload: bytes, answer: RawMessage, memory: Memory) -> None:
    """What cannot be read is INVALID; what can gets the command's reply, or a reason that is not ours."""
    code = (answer.headers or {}).get(ERROR_CODE)
    if code is not None:
        refusal = msgspec.json.decode(answer.data, type=Refusal)
        assert answer.headers is not None
        assert answer.headers[ERROR] == refusal.code == ErrorCode(int(code)).name
        assert ErrorCode(int(code)) not in _TROUBLE, f"{refusal} to {payload[:2000]!r}"
        assert refusal.detail
    if not can_be_read(command, payload):
        assert code == str(ErrorCode.INVALID.value), f"{answer.data[:2000]!r} to {payload[:2000]!r}"
    elif code is None:
        memory.learn(command.reply_type(), msgspec.json.decode(answer.data, type=command.reply_type()))


def can_be_read(command: type[Command[Any]], payload: bytes) -> bool:
    try:
        msgspec.json.decode(payload, type=command)
    except (ValueError, RecursionError):
        return False
    return True


GOOD: dict[Role, Command[Any]] = {
    Role.ACCOUNTS: GetUser(user=1),  # pyright: ignore[reportArgumentType]
    Role.TASK_STORE: GetPositions(teams=[]),
    Role.PRESENCE: WhoIsHere(users=()),
    Role.NOTIFIER: GetPreferences(by=1),  # pyright: ignore[reportArgumentType]
}
"""What every actor that is asked anything can answer at any time."""


def test_there_is_a_good_command_for_every_actor_that_is_asked_anything() -> None:
    assert {command.owner for command in COMMANDS} == GOOD.keys()


async def assert_alive(role: Role, bus_of: BusOf) -> None:
    """It answers who it is, and what it is for."""
    console = await bus_of(Role.CONSOLE)
    pong = await console.client.request(f"$SRV.PING.{role}", b"", timeout=_ANSWER_SECONDS)
    assert msgspec.json.decode(pong.data)["name"] == role
    if (good := GOOD.get(role)) is None:
        return
    bus = await bus_of(min(good.senders))
    await bus.request(good, timeout=_ANSWER_SECONDS)
