import inspect
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.cast import CAST
from schemas.base import Command, Event, Message, OperationsEvent, OutboundEvent, Role, TeamEvent, UserEvent, leaves
from schemas.contract import commands, events, load, type_name
from schemas.sockets import Acknowledgement, Heartbeat
from tests.contract.examples import examples

load()
COMMANDS = commands()
EVENTS = events()
FROM_BROWSERS = {Acknowledgement, Heartbeat}
STATES = {"online", "offline", "overdue", "due_soon"}
"""What somebody or something has become, where English has no past form for it."""
SECRETS = {"password", "old", "new", "secret", "code"}
MESSAGES: list[type[Message]] = [*COMMANDS, *EVENTS]
REPLIES = {type_name(command.reply_type()): command.reply_type() for command in COMMANDS}


def name(kind: type[Any]) -> str:
    return kind.__name__


def structs(root: type[msgspec.Struct] = msgspec.Struct) -> Iterator[type[msgspec.Struct]]:
    """Every struct that the contract declares, messages or not."""
    for child in root.__subclasses__():
        if child.__module__.startswith("schemas."):
            yield child
        yield from structs(child)


every_message = pytest.mark.parametrize("message", MESSAGES, ids=name)
every_command = pytest.mark.parametrize("command", COMMANDS, ids=name)


def test_there_are_messages_and_no_two_have_one_name() -> None:
    counts = Counter(message.tag() for message in MESSAGES)

    assert len(COMMANDS) > 30
    assert len(EVENTS) > 15
    assert [tag for tag, count in counts.items() if count > 1] == []


def test_every_event_that_is_declared_is_one_of_a_team_of_a_person_or_for_operators() -> None:
    assert {*leaves(Event)} == {
        *leaves(TeamEvent),
        *leaves(UserEvent),
        *leaves(OutboundEvent),
        *leaves(OperationsEvent),
    }


@pytest.mark.parametrize("event", EVENTS, ids=name)
def test_the_subject_of_an_event_ends_with_what_it_is_selected_by(event: type[Event]) -> None:
    assert event.subjects().endswith(".*") is bool(event.selector)
    assert event.selector in {"", *event.__struct_fields__}


@every_message
def test_a_name_is_a_noun_and_a_verb(message: type[Message]) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", message.tag())


@pytest.mark.parametrize("event", EVENTS, ids=name)
def test_an_event_has_happened(event: type[Event]) -> None:
    assert event.tag().endswith("ed") or event.tag().split(".")[1] in STATES


@every_message
def test_a_summary_is_a_sentence_of_its_own(message: type[Message]) -> None:
    assert message.__doc__ != message.__base__.__doc__
    assert re.fullmatch(r"[A-Z][^|]{5,118}\.", message.summary())


@every_command
def test_a_command_has_one_owner_who_handles_it(command: type[Command[Any]]) -> None:
    handlers = [
        (actor.role, method) for actor in CAST for method, handling in actor.handlings() if command in handling.kinds
    ]

    assert [role for role, _ in handlers] == [command.owner]


def test_actors_handle_nothing_but_messages_of_the_contract() -> None:
    handled = {kind for actor in CAST for _, handling in actor.handlings() for kind in handling.kinds}

    assert handled <= {*MESSAGES}


def test_every_actor_has_a_role_of_its_own_and_a_sentence_that_says_what_it_owns() -> None:
    roles = [actor.role for actor in CAST]

    assert len(roles) == len(set(roles))
    assert all(re.match(r"Owns .*[.:;]", actor.__doc__ or "") for actor in CAST)


@every_command
def test_a_command_says_who_may_send_it(command: type[Command[Any]]) -> None:
    assert command.senders
    assert command.senders <= {*Role}
    assert command.owner not in command.senders
    assert Role.OPERATOR not in command.senders


@every_command
def test_what_holds_a_secret_is_confidential(command: type[Command[Any]]) -> None:
    assert command.confidential == bool(SECRETS.intersection(command.__struct_fields__))


@pytest.mark.parametrize("struct", dict.fromkeys(structs()), ids=name)
def test_records_are_frozen_and_their_fields_are_named_when_made(struct: type[msgspec.Struct]) -> None:
    parameters = inspect.signature(struct).parameters.values()

    assert struct.__struct_config__.frozen
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters)


@pytest.mark.parametrize("struct", dict.fromkeys(structs()), ids=name)
def test_readers_ignore_what_they_do_not_know_unless_a_browser_says_it(struct: type[msgspec.Struct]) -> None:
    assert struct.__struct_config__.forbid_unknown_fields is (struct in FROM_BROWSERS)


@every_message
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_message_survives_the_bus(message: type[Message], data: st.DataObject) -> None:
    said = data.draw(examples(message))

    sent = msgspec.json.encode(said)
    heard = msgspec.json.decode(sent, type=message)

    assert msgspec.json.encode(heard) == sent
    assert heard == said
    assert msgspec.json.decode(sent)["type"] == message.tag()
    # A newer sender is understood.
    newer = msgspec.json.encode({**msgspec.json.decode(sent), "added_later": [1, {"deep": None}]})
    assert msgspec.json.decode(newer, type=message) == said


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_reply_survives_the_bus(reply: Any, data: st.DataObject) -> None:
    sent = msgspec.json.encode(data.draw(examples(reply)))

    assert msgspec.json.encode(msgspec.json.decode(sent, type=reply)) == sent
