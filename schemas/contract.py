"""Reads the contract off the messages: who may ask whom for what, and what is announced."""

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from schemas.base import Command, Event, Role, TeamEvent, leaves
from schemas.errors import ErrorCode

HEAD = """\
# The contract of the bus

Made by `python -m schemas` from the messages that `schemas/` declares; do not edit by hand.
`python -m schemas --asyncapi` prints the same, with every field, as an AsyncAPI 3 document.
"""


def load() -> None:
    """Import every module of this package, so that all messages are known."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], f"{__package__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def commands() -> list[type[Command[Any]]]:
    """All of them, by subject."""
    load()
    found = [message for message in leaves(Command) if issubclass(message, Command)]
    return sorted(found, key=lambda command: command.subject())


def team_events() -> list[type[TeamEvent]]:
    """All of them, by subject."""
    load()
    found = [message for message in leaves(TeamEvent) if issubclass(message, TeamEvent)]
    return sorted(found, key=lambda event: event.subjects())


def events() -> list[type[Event]]:
    """All of them, those of teams and the others, by subject."""
    load()
    found = [message for message in leaves(Event) if issubclass(message, Event)]
    return sorted(found, key=lambda event: event.subjects())


def markdown() -> str:
    """The contract as a page for people."""
    asked = [_command_row(command) for command in commands()]
    told = [_event_row(event) for event in events()]
    failures = [(str(code.value), f"`{code.name}`") for code in ErrorCode]
    columns = ("kind", "subject", "sender → owner", "reply", "summary")
    return (
        "\n".join([HEAD, *_table(columns, asked + told), "", "## How a command fails", "", *_errors(failures)]) + "\n"
    )


def _command_row(command: type[Command[Any]]) -> Sequence[str]:
    senders = ", ".join(role for role in Role if role in command.senders)
    reply = f"`{type_name(command.reply_type())}`"
    return ("command", f"`{command.subject()}`", f"{senders} → {command.owner}", reply, command.summary())


def _event_row(event: type[Event]) -> Sequence[str]:
    subject = event.subjects().replace("*", f"<{event.selector}>")
    return ("event", f"`{subject}`", f"{event.owner} → everybody", "", event.summary())


def _errors(rows: Iterable[Sequence[str]]) -> list[str]:
    return _table(("code", "name"), rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    rule = ["---"] * len(columns)
    return [f"| {' | '.join(cells)} |" for cells in (columns, rule, *rows)]


def type_name(kind: Any) -> str:
    """As one would write it: `Task`, `list[Member]`, `Task or None`."""
    if kind is NoneType:
        return "None"
    if (origin := get_origin(kind)) in (Union, UnionType):
        return " or ".join(type_name(part) for part in get_args(kind))
    if origin:
        return f"{origin.__name__}[{', '.join(type_name(part) for part in get_args(kind))}]"
    return str(kind.__name__)
