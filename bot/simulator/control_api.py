"""What tests and the chat page steer and watch: faults, limits, the log of calls, and all that happens, live."""

import asyncio
from contextlib import suppress
from typing import Annotated

import msgspec
from aiohttp import web

from bot.simulator.answers import answer, decode, nothing, number, query
from bot.simulator.calls import KEPT
from bot.simulator.errors import Refused
from bot.simulator.faults import NewFault
from bot.simulator.limits import Rates
from bot.simulator.telegram import Telegram
from schemas.base import Record

KEEP_ALIVE = 15.0
"""Seconds between two signs of life on a quiet event stream."""


class Reading(Record, forbid_unknown_fields=True):
    """Calls behind `after`; with `wait`, the answer comes as soon as there are any, or after so many seconds."""

    after: int = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=KEPT)] = 1000
    wait: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0


class NewLimits(Record, forbid_unknown_fields=True):
    rates: Rates | None


class Control:
    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/simulator/events", self.events),
            web.get("/simulator/calls", self.list_calls),
            web.delete("/simulator/calls", self.forget_calls),
            web.get("/simulator/faults", self.list_faults),
            web.post("/simulator/faults", self.add_fault),
            web.delete("/simulator/faults", self.clear_faults),
            web.delete(r"/simulator/faults/{fault:\d{1,15}}", self.clear_fault),
            web.get("/simulator/limits", self.get_limits),
            web.put("/simulator/limits", self.set_limits),
        ]

    async def events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        # Listen first: what happens between a page's load and its first event must not be missed.
        with self._telegram.live.page() as queue, suppress(ConnectionResetError):
            await response.prepare(request)
            while (frame := await _next(queue)) is not None:
                await response.write(frame)
        return response

    async def list_calls(self, request: web.Request) -> web.Response:
        reading = query(request, Reading)
        if reading.wait:
            await self._telegram.calls.wait(reading.after, reading.wait)
        return answer(self._telegram.calls.page(reading.after, reading.limit))

    async def forget_calls(self, _request: web.Request) -> web.Response:
        self._telegram.calls.clear()
        return nothing()

    async def list_faults(self, _request: web.Request) -> web.Response:
        return answer(self._telegram.faults.all())

    async def add_fault(self, request: web.Request) -> web.Response:
        return answer(self._telegram.faults.add(await decode(request, NewFault)), status=201)

    async def clear_faults(self, _request: web.Request) -> web.Response:
        self._telegram.faults.clear()
        return nothing()

    async def clear_fault(self, request: web.Request) -> web.Response:
        if not self._telegram.faults.clear(number(request, "fault")):
            raise Refused(404, "no such fault")
        return nothing()

    async def get_limits(self, _request: web.Request) -> web.Response:
        return answer(NewLimits(rates=self._telegram.limiter.rates))

    async def set_limits(self, request: web.Request) -> web.Response:
        """Without rates there are no limits."""
        self._telegram.limiter.set((await decode(request, NewLimits)).rates)
        return answer(NewLimits(rates=self._telegram.limiter.rates))


async def _next(queue: asyncio.Queue[bytes | None]) -> bytes | None:
    try:
        return await asyncio.wait_for(queue.get(), KEEP_ALIVE)
    except TimeoutError:
        return b": still here\n\n"
