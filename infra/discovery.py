"""The NATS service protocol (ADR-32): PING, INFO and STATS, so that `nats service ls` shows the cast.

https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-32.md
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec

from infra.bus import RawMessage
from infra.inbox import INBOX, inbox_prefix
from infra.mailbox import Endpoint
from schemas.base import Role

VERSION = "0.1.0"
VERBS = ("PING", "INFO", "STATS")


class Discovery:
    """Answers for one running actor."""

    def __init__(self, role: Role, endpoints: Sequence[Endpoint], description: str) -> None:
        self._endpoints = endpoints
        self._identity = {"name": role.value, "id": uuid4().hex, "version": VERSION, "metadata": {}}
        self._description = description
        self._started = datetime.now(UTC)
        # Only where those listen who may ask. To any inbox, a PING would answer somebody else's command.
        asking = (Role.OPERATOR, Role.CONSOLE, role)
        self._askers = (f"{INBOX}.", *(f"{inbox_prefix(asker)}." for asker in asking))

    def subjects(self) -> Iterator[str]:
        """All subjects on which somebody may ask for this actor."""
        for verb in VERBS:
            yield f"$SRV.{verb}"
            yield f"$SRV.{verb}.{self._identity['name']}"
            yield f"$SRV.{verb}.{self._identity['name']}.{self._identity['id']}"

    async def answer(self, raw: RawMessage) -> None:
        """Answer whichever of the three was asked."""
        verb = raw.subject.split(".")[1]
        body = {"type": f"io.nats.micro.v1.{verb.lower()}_response", **self._identity}
        if verb == "INFO":
            body |= {"description": self._description, "endpoints": [self._info(e) for e in self._endpoints]}
        elif verb == "STATS":
            body |= {"started": self._started, "endpoints": [self._stats(e) for e in self._endpoints]}
        if raw.reply.startswith(self._askers):
            await raw.respond(msgspec.json.encode(body))

    def _info(self, endpoint: Endpoint) -> dict[str, Any]:
        queue = self._identity["name"]
        return {"name": endpoint.name, "subject": endpoint.subject, "queue_group": queue, "metadata": {}}

    def _stats(self, endpoint: Endpoint) -> dict[str, Any]:
        """Times are nanoseconds; a batch's time is shared out evenly among its messages."""
        return self._info(endpoint) | {
            "num_requests": endpoint.requests,
            "num_errors": endpoint.errors,
            "last_error": endpoint.last_error,
            "processing_time": endpoint.nanoseconds,
            "average_processing_time": endpoint.nanoseconds // max(endpoint.requests, 1),
        }
