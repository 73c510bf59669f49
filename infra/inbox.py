"""Requests and their answers over one subscription: nats-py's own costs about twice as much for each.

Its `request` makes a random token and two timers' worth of tasks a time; here an answer finds its question by number.
"""

import asyncio
from uuid import uuid4

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from schemas.base import Role

INBOX = "_INBOX"

_NO_RESPONDERS = "503"


def inbox_prefix(role: Role) -> str:
    """Where a role gets its answers; no other role may listen there."""
    return f"{INBOX}_{role}"


class Inbox:
    """The questions of one connection that wait for an answer. Belongs to one `Client` and lasts as long as that."""

    def __init__(self, client: Client, prefix: str) -> None:
        self._client = client
        self._address = f"{prefix}.{uuid4().hex}."
        self._asked = 0
        self._waiting: dict[str, asyncio.Future[Msg]] = {}

    async def open(self) -> None:
        await self._client.subscribe(self._address + "*", cb=self._on_answer)

    async def ask(self, subject: str, payload: bytes, timeout: float, headers: dict[str, str] | None) -> Msg:
        """Raises NoRespondersError at once, TimeoutError of `nats.errors` after `timeout` seconds of silence."""
        loop = asyncio.get_running_loop()
        self._asked += 1
        number = str(self._asked)
        answer = self._waiting[number] = loop.create_future()
        timer = loop.call_later(timeout, _give_up, answer)
        try:
            await self._client.publish(subject, payload, self._address + number, headers)
            message = await answer
        finally:
            timer.cancel()
            del self._waiting[number]
        if message.headers and message.headers.get("Status") == _NO_RESPONDERS:
            raise nats.errors.NoRespondersError
        return message

    async def _on_answer(self, message: Msg) -> None:
        answer = self._waiting.get(message.subject[len(self._address) :])
        if answer is not None and not answer.done():
            answer.set_result(message)


def _give_up(answer: asyncio.Future[Msg]) -> None:
    if not answer.done():
        answer.set_exception(nats.errors.TimeoutError())
