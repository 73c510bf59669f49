"""The open pages of people who sit before them: each says that somebody is there, and acknowledges what it shows."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from time import time_ns

import msgspec
from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType

from infra.bus import Bus
from schemas.base import Role
from schemas.ids import NoticeId
from schemas.presence import WhoIsHere
from schemas.sockets import Acknowledgement, Heartbeat
from tests.bench.arrivals import Arrival
from tests.bench.people import Person
from tests.bench.system import System
from tests.waiting import wait_for

_AT_ONCE = 50
_HEARTBEAT_SECONDS = 15.0
_READY_SECONDS = 30.0

_HERE = msgspec.json.encode(Heartbeat(visible=True, idle=0)).decode()


class _Notice(msgspec.Struct):
    id: NoticeId
    title: str | None = None


class _Frame(msgspec.Struct):
    """As much of Notify as is looked at: who measures shares the processors."""

    type: str
    text: str = ""
    notices: tuple[_Notice, ...] = ()


_decode = msgspec.json.Decoder(_Frame).decode


class Pages:
    """What has been shown on any of them."""

    def __init__(self) -> None:
        self.shown: dict[str, Arrival] = {}
        """The titles of tasks, and when the toast that names them came."""
        self.sockets: list[ClientWebSocketResponse] = []

    async def watch(self, socket: ClientWebSocketResponse) -> None:
        """Until it is closed."""
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._show(socket, time_ns(), _decode(message.data))

    async def _show(self, socket: ClientWebSocketResponse, at: int, frame: _Frame) -> None:
        if frame.type != "notify" or not frame.text:
            return
        for notice in frame.notices:
            self.shown.setdefault(notice.title or "", Arrival(at, len(frame.notices) == 1))
        shown = Acknowledgement(notices=tuple(notice.id for notice in frame.notices))
        await socket.send_str(msgspec.json.encode(shown).decode())

    async def stay(self) -> None:
        """Say now and then that somebody is there."""
        while True:
            for socket in self.sockets:
                await socket.send_str(_HERE)
            await asyncio.sleep(_HEARTBEAT_SECONDS)


@asynccontextmanager
async def pages(system: System, crowd: Sequence[Person]) -> AsyncGenerator[Pages]:
    """One for each, once presence knows that they all sit there."""
    found = Pages()
    async with ClientSession(system.url, connector=TCPConnector(limit=0)) as http, asyncio.TaskGroup() as group:

        async def open_one(one: Person) -> ClientWebSocketResponse:
            headers = {"Authorization": f"Bearer {one.token}"}
            return await http.ws_connect("/ws/user/", headers=headers, max_msg_size=0)

        for first in range(0, len(crowd), _AT_ONCE):
            found.sockets += await asyncio.gather(*map(open_one, crowd[first : first + _AT_ONCE]))
        tasks = [group.create_task(found.watch(socket)) for socket in found.sockets]
        tasks.append(group.create_task(found.stay()))
        await _all_seen(system, crowd)
        yield found
        for task in tasks:
            task.cancel()


async def _all_seen(system: System, crowd: Sequence[Person]) -> None:
    async with Bus(system.settings, Role.GATEWAY) as bus:

        async def all_active() -> bool:
            here = await bus.request(WhoIsHere(users=tuple(one.user for one in crowd)))
            return all(one.is_active for one in here)

        await wait_for(all_active, _READY_SECONDS)
