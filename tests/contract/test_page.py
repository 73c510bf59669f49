import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.base import Message
from schemas.contract import commands, events

ROOT = Path(__file__).parents[2]
MESSAGES: list[type[Message]] = [*commands(), *events()]


def said(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "schemas", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture(scope="module")
def page() -> str:
    return said()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads(said("--asyncapi"))


def test_the_committed_page_is_what_the_messages_say(page: str) -> None:
    assert (ROOT / "docs" / "contract.md").read_text() == page, "run: python -m schemas > docs/contract.md"


def test_the_page_lists_every_message(page: str) -> None:
    rows = [line for line in page.splitlines() if line.startswith(("| command", "| event"))]

    assert len(rows) == len(MESSAGES)
    for command in commands():
        assert f"| `{command.subject()}` |" in page
        assert all(sender in page for sender in command.senders)
    for event in events():
        subject = event.subjects().replace("*", f"<{event.selector}>")
        assert f"| `{subject}` | {event.owner} →" in page
    assert "`evt.task.created.<team>`" in page
    assert "`usr.account.updated.<user>`" in page
    assert "`ops.audit.recorded`" in page
    assert all(message.summary() in page for message in MESSAGES)


def test_the_document_lists_every_message(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert document["operations"].keys() == {message.tag() for message in MESSAGES}
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {None} | {command.subject() for command in commands()} | {
        event.subjects().replace("*", f"{{{event.selector}}}") for event in events()
    }
    assert {"evt.task.created.{team}", "usr.account.updated.{user}", "ops.audit.recorded"} <= addresses


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from [value] if key == "$ref" else references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_of_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in {*references(document)}:
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_secrets_are_in_no_reply(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    holders = {name for name, schema in schemas.items() if "password" in schema.get("properties", {})}

    assert holders == {"ChangeUser", "CreateUser", "CreateUserAsAdmin", "Register", "SignIn"}
