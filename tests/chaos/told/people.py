"""People with an account and a Telegram account, who come to the web and go."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, WSMsgType

from infra.bus import Bus
from schemas.accounts import CreateUser, User
from schemas.ids import ListId, TeamId, TelegramId
from schemas.lists import CreateList
from schemas.members import AddMember, Person
from schemas.teams import CreateTeam
from schemas.telegram import ConfirmTelegram, CreateTelegramCode
from schemas.tokens import CreateToken, Scope
from tests.waiting import wait_for

_TIMEOUT = ClientTimeout(total=10)
_ACKNOWLEDGES = 0.7
_STAYS = 3.0
"""Seconds between two changes of mind."""


class Somebody:
    """One of them: what they were shown in the web, and how to come there."""

    def __init__(self, user: User, token: str, telegram: int, dice: random.Random) -> None:
        self.user = user
        self.telegram = telegram
        self.shown: set[int] = set()
        """Notices that came as toasts."""
        self._token = token
        self._dice = dice
        self._here = asyncio.Event()

    async def live(self, url: str) -> None:
        """Come and go until cancelled; a line that breaks is opened again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._wander())
            group.create_task(self._look(url))

    async def _wander(self) -> None:
        while True:
            if self._dice.random() < 0.5:
                self._here.set()
            else:
                self._here.clear()
            await asyncio.sleep(_STAYS * self._dice.random() * 2)

    async def _look(self, url: str) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with ClientSession(url, headers=headers, timeout=_TIMEOUT) as session:
            while True:
                await self._here.wait()
                with suppress(ClientError, OSError, TimeoutError):
                    await self._sit(session)
                await asyncio.sleep(0.2)

    async def _sit(self, session: ClientSession) -> None:
        async with session.ws_connect("/ws/user/") as socket:
            while self._here.is_set():
                await socket.send_json({"type": "heartbeat", "visible": True, "idle": 0})
                with suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        while True:
                            message = await socket.receive()
                            if message.type is not WSMsgType.TEXT:
                                return
                            await self._hear(socket, message.json())

    async def _hear(self, socket: Any, frame: dict[str, Any]) -> None:
        if frame["type"] != "notify" or not frame["text"]:
            return
        ids = [notice["id"] for notice in frame["notices"]]
        self.shown |= {*ids}
        # Sometimes the page is closed in the very moment in which it has shown something.
        if self._dice.random() < _ACKNOWLEDGES:
            await socket.send_json({"type": "ack", "notices": ids})


class Crowd:
    """All of them, in one team with the boss, who has no Telegram and does everything."""

    def __init__(self, bus: Bus, console: Bus, simulator: ClientSession) -> None:
        self._bus = bus
        self._console = console
        self._simulator = simulator
        self.people: list[Somebody] = []
        self.boss: User
        self.team = TeamId(0)
        self.list = ListId(0)

    async def build(self, count: int, dice: random.Random) -> None:
        self.boss = await self._user("boss")
        self.team = (await self._bus.request(CreateTeam(by=self.boss.id, name="Chaos", person=_person(self.boss)))).id
        self.list = (await self._bus.request(CreateList(by=self.boss.id, team=self.team, name="To do"))).id
        for number in range(count):
            self.people.append(await self._somebody(f"worker{number}", random.Random(dice.random())))
        await wait_for(self._all_greeted, timeout=60)

    async def _somebody(self, name: str, dice: random.Random) -> Somebody:
        user = await self._user(name)
        await self._bus.request(AddMember(by=self.boss.id, team=self.team, person=_person(user)))
        token = await self._bus.request(CreateToken(by=user.id, name="page", scope=Scope.WRITE))
        async with self._simulator.post("/simulator/people", json={"name": name, "language": "en"}) as answer:
            telegram = (await answer.json())["id"]
        async with self._simulator.post(f"/simulator/people/{telegram}/messages", json={"text": "/start"}) as answer:
            assert answer.status == 201, await answer.text()
        code = await self._bus.request(CreateTelegramCode(telegram=TelegramId(telegram)))
        await self._bus.request(ConfirmTelegram(by=user.id, code=code.code))
        return Somebody(user, token.secret, telegram, dice)

    async def _user(self, name: str) -> User:
        return await self._console.request(CreateUser(username=name, password="only for chaos", name=name))

    async def _all_greeted(self) -> bool:
        """The bot has answered everybody, so nothing of that comes in between later."""
        return all([await self.chat(one) for one in self.people])

    async def chat(self, one: Somebody) -> list[dict[str, Any]]:
        """What the bot has sent to somebody, oldest first."""
        async with self._simulator.get(f"/simulator/people/{one.telegram}/messages") as answer:
            messages = await answer.json()
        mine = (message for message in messages if message["from"]["is_bot"])
        return sorted(mine, key=lambda message: message["message_id"])


@asynccontextmanager
async def living(people: Sequence[Somebody], url: str) -> AsyncGenerator[None]:
    """They come and go until the context ends."""
    async with asyncio.TaskGroup() as group:
        lives = [group.create_task(one.live(url)) for one in people]
        yield
        for life in lives:
            life.cancel()


def _person(user: User) -> Person:
    return Person(user=user.id, username=user.username, name=user.name)
