"""The contract as an AsyncAPI 3 document, for tools that draw, check or generate from such.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from typing import Any

import msgspec

from schemas.base import Command, Event, Message
from schemas.contract import commands, events
from schemas.errors import Refusal

_SCHEMAS = "#/components/schemas/{name}"
_MESSAGES = "#/components/messages/"
_REFUSAL = "refusal"


def document(version: str) -> dict[str, Any]:
    """Ready to be written as JSON."""
    asked, told = commands(), events()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Team Task Manager",
            "version": version,
            "description": "What the actors, the gateway and the bot say to each other over NATS.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {
            **{command.subject(): _asking(command) for command in asked},
            **{_reply(command): _answering(command) for command in asked},
            **{event.tag(): _announcing(event) for event in told},
        },
        "operations": {
            **{command.tag(): _serve(command) for command in asked},
            **{event.tag(): _announce(event) for event in told},
        },
        "components": _components(asked, told),
    }


def _reply(command: type[Command[Any]]) -> str:
    return f"{command.tag()}.reply"


def _asking(command: type[Command[Any]]) -> dict[str, Any]:
    return {"address": command.subject(), "messages": {command.tag(): {"$ref": _MESSAGES + command.tag()}}}


def _answering(command: type[Command[Any]]) -> dict[str, Any]:
    names = (_reply(command), _REFUSAL)
    return {"address": None, "messages": {name: {"$ref": _MESSAGES + name} for name in names}}


def _announcing(event: type[Event]) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": event.subjects().replace("*", f"{{{event.selector}}}"),
        "messages": {event.tag(): {"$ref": _MESSAGES + event.tag()}},
    }
    if event.selector:
        channel["parameters"] = {event.selector: {"description": f"The id of the {event.selector}."}}
    return channel


def _serve(command: type[Command[Any]]) -> dict[str, Any]:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{command.subject()}"},
        "summary": command.summary(),
        "reply": {
            "address": {"location": "$message.header#/reply", "description": "The inbox that the request names."},
            "channel": {"$ref": f"#/channels/{_reply(command)}"},
        },
        "x-owner": command.owner,
        "x-senders": sorted(command.senders),
    }


def _announce(event: type[Event]) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{event.tag()}"},
        "summary": event.summary(),
        "x-owner": event.owner,
    }


def _components(asked: list[type[Command[Any]]], told: list[type[Event]]) -> dict[str, Any]:
    messages: list[type[Message]] = [*asked, *told]
    payloads = {message.tag(): message for message in messages} | {_reply(c): c.reply_type() for c in asked}
    payloads[_REFUSAL] = Refusal
    found, schemas = msgspec.json.schema_components(payloads.values(), ref_template=_SCHEMAS)
    summaries = {message.tag(): {"summary": message.summary()} for message in messages}
    return {
        "messages": {
            name: {"name": name, "payload": schema} | summaries.get(name, {})
            for name, schema in zip(payloads, found, strict=True)
        },
        "schemas": schemas,
    }
