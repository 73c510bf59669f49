"""Writes `infra/nats.conf`: one NATS user per role, who may say and hear what the declared messages give that role.

`python -m infra.nats_conf` prints it. The server reads from its own environment what differs between machines:
`NATS_STORE_DIR`, `NATS_MAX_FILE_STORE` and each `NATS_PASSWORD_<ROLE>`; it refuses to start when one is missing.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import schemas
from infra.inbox import inbox_prefix
from schemas.base import (
    EVENTS_STREAM,
    EVENTS_SUBJECTS,
    OUTBOUND_STREAM,
    Command,
    Event,
    OutboundEvent,
    Role,
    TeamEvent,
    leaves,
)
from schemas.presence import PresenceCommand

COMMITTED = Path(__file__).with_name("nats.conf")

_DISCOVERY = ("PING", "INFO", "STATS")
# A queue name that matches every queue: without this, a listener could join an actor's queue and take its requests.
_IN_ANY_QUEUE = "> >"

_STREAM_READERS = frozenset({Role.GATEWAY, Role.ACCOUNTS, Role.TASK_STORE})
"""Who must miss no event that concerns them, even of the time when they were away, and learns of it in no other way."""

_HEAD = """\
# Made by `python -m infra.nats_conf` from the messages that schemas/ declares. Do not edit by hand.
# Passwords come from the environment of the server; they must begin with a letter and hold only letters and digits.
max_payload: 8MB
write_deadline: "10s"

jetstream {
  store_dir: $NATS_STORE_DIR
  max_file_store: $NATS_MAX_FILE_STORE
  max_memory_store: 64MB
  # Must stay well below the age at which the outbox lets a published event go.
  sync_interval: "2s"
}
"""


class Rights(NamedTuple):
    """The subjects one role may publish and subscribe to; a subscription may name its queue after a space."""

    publish: frozenset[str]
    subscribe: frozenset[str]
    never_subscribe: frozenset[str] = frozenset()
    answers: bool = False


def load_messages() -> None:
    """Import every module of `schemas`, so that `leaves` sees all that is declared."""
    for module in pkgutil.iter_modules(schemas.__path__, "schemas."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def rights(role: Role) -> Rights:
    """What `role` needs, and nothing else."""
    inbox = f"{inbox_prefix(role)}.>"
    match role:
        case Role.OPERATOR:
            return _operator(inbox)
        case Role.LOADTEST:
            return Rights(frozenset({"ops.load.>"}), frozenset({inbox}), frozenset({_IN_ANY_QUEUE}))
        case Role.CONSOLE:
            return Rights(_may_send(role) | _discovery("*") | _stream_looks(), frozenset({inbox}))
        case Role.GATEWAY:
            heard = frozenset({inbox, "evt.>", "usr.>"})
            return Rights(_may_send(role) | _stream_reading(role), heard, frozenset({_IN_ANY_QUEUE}))
        case Role.BOT:
            return Rights(_may_send(role) | _stream_reading(role, OUTBOUND_STREAM), frozenset({inbox}))
        case _:
            return _actor(role, inbox)


def _actor(role: Role, inbox: str) -> Rights:
    """An actor hears its commands only as a member of its own queue, so each is answered once."""
    owned = {f"{command.subject()} {role}" for command in _commands() if command.owner is role}
    publish = _may_send(role) | _may_announce(role)
    heard = frozenset({inbox})
    if role is TeamEvent.owner:
        publish |= _stream_care(EVENTS_STREAM)
    if role in _owners(OutboundEvent):
        publish |= _stream_care(OUTBOUND_STREAM)
        # Of what happens in teams people are told; whoever has gone is told elsewhere at once.
        heard |= {f"{EVENTS_SUBJECTS} {role}", f"usr.{PresenceCommand.owner}.*.*"}
    if role in _STREAM_READERS:
        publish |= _stream_reading(role)
    # It may ask for itself: that is the health check of its container.
    return Rights(publish | {f"$SRV.PING.{role}"}, heard | owned | _discovery(role), answers=True)


def _operator(inbox: str) -> Rights:
    """Hears everything but secrets, says nothing but "who is there?"."""
    secrets = {command.subject() for command in _commands() if command.confidential}
    everything = {"cmd.>", "evt.>", "usr.>", "out.>", "ops.>", "$SRV.>"}
    return Rights(_discovery("*"), frozenset(everything | {inbox}), frozenset(secrets | {_IN_ANY_QUEUE}))


def _commands() -> Iterable[type[Command[object]]]:
    return (command for command in leaves(Command) if issubclass(command, Command))


def _owners(kind: type[Event]) -> frozenset[Role]:
    return frozenset(event.owner for event in leaves(kind) if issubclass(event, Event))


def _may_send(role: Role) -> frozenset[str]:
    return frozenset(command.subject() for command in _commands() if role in command.senders)


def _may_announce(role: Role) -> frozenset[str]:
    """By pattern: all teams, all people."""
    events = (event for event in leaves(Event) if issubclass(event, Event) and event.owner is role)
    return frozenset(event.subjects() for event in events)


def _discovery(name: str) -> frozenset[str]:
    """The subjects of the NATS service protocol (ADR-32) for the service `name`, or for all with `*`."""
    return frozenset(f"$SRV.{verb}{rest}" for verb in _DISCOVERY for rest in ("", f".{name}", f".{name}.*"))


def _stream_care(stream: str) -> frozenset[str]:
    """Create the stream and keep its settings as we want them."""
    verbs = ("CREATE", "UPDATE", "INFO")
    return frozenset(f"$JS.API.STREAM.{verb}.{stream}" for verb in verbs) | {"$JS.API.INFO"}


def _stream_reading(role: Role, stream: str = EVENTS_STREAM) -> frozenset[str]:
    """Read the stream through one durable consumer, which has the name of the role."""
    asks = ("CONSUMER.CREATE", "CONSUMER.INFO", "CONSUMER.MSG.NEXT")
    acknowledge = f"$JS.ACK.{stream}.{role}.>"
    return frozenset(f"$JS.API.{ask}.{stream}.{role}" for ask in asks) | {acknowledge}


def _stream_looks() -> frozenset[str]:
    """See how the stream and its readers are doing."""
    asks = ("STREAM.INFO", "CONSUMER.NAMES", "CONSUMER.LIST")
    one_reader = f"$JS.API.CONSUMER.INFO.{EVENTS_STREAM}.*"
    return frozenset(f"$JS.API.{ask}.{EVENTS_STREAM}" for ask in asks) | {"$JS.API.INFO", one_reader}


def password_variable(role: Role) -> str:
    """The environment variable that holds the password of `role`."""
    return "NATS_PASSWORD_" + role.replace("-", "_").upper()


def render() -> str:
    """The whole file, the same for the same messages."""
    load_messages()
    users = "".join(_user(role, rights(role)) for role in Role)
    return f"{_HEAD}\nauthorization {{\n  users = [\n{users}  ]\n}}\n"


def _user(role: Role, allowed: Rights) -> str:
    lines = [
        f'    {{ user: "{role}", password: ${password_variable(role)}, permissions: {{',
        *_subjects("publish", allow=allowed.publish),
        *_subjects("subscribe", allow=allowed.subscribe, deny=allowed.never_subscribe),
    ]
    if allowed.answers:
        lines.append('      allow_responses: { max: 1, expires: "60s" }')
    return "\n".join([*lines, "    } }", ""])


def _subjects(verb: str, **lists: frozenset[str]) -> list[str]:
    lines = [f"      {verb}: {{"]
    for name, subjects in lists.items():
        if subjects or name == "allow":
            lines += [f"        {name}: [", *(f'          "{subject}"' for subject in sorted(subjects)), "        ]"]
    return [*lines, "      }"]


if __name__ == "__main__":
    print(render(), end="")
