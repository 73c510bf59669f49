"""Everybody but the notifier, and people who can be told something."""

import itertools
import os
import signal
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import msgspec
from sqlalchemy import text

from actors.cast import Parts
from actors.notifier import Lengths, Notifier
from actors.notifier.inbox import Inbox
from infra.actor import Actor
from infra.bus import Bus, RawMessage
from infra.children.record import read_record
from infra.config import Settings
from infra.embedded import Folder
from schemas.accounts import CreateUser, GetUser, Language, UpdateProfile, User
from schemas.base import Role, user_subjects
from schemas.deliveries import Claim, ClaimDelivery, Delivery, Outcome, ReportDelivery
from schemas.ids import ChatId, MessageId, NoticeId, TaskId, TeamId, TelegramId, UserId
from schemas.lists import CreateList, TaskList
from schemas.members import AddMember, MemberRole
from schemas.notices import ListNotices, Notice, NoticePage, Settled, Toasted
from schemas.presence import Beat, TakeBeats
from schemas.tasks import AssignTask, CreateTask, TaskView
from schemas.teams import CreateTeam, MyTeam
from schemas.telegram import ConfirmTelegram, CreateTelegramCode, MarkReachable
from tests.conftest import PASSWORD, person
from tests.waiting import wait_for

_numbers = itertools.count(1)

_KNOW = text("""
    INSERT INTO notices.positions (team, seq) SELECT id, seq FROM board.teams WHERE id = :team
    ON CONFLICT (team) DO UPDATE SET seq = excluded.seq
""")

_HASTEN = text("UPDATE notices.notices SET next_at = now() WHERE id = ANY (CAST(:notices AS bigint[]))")

QUICK = Lengths(toast=0.3, gather=0.1, window=0.5, messages=3)
PATIENT = Lengths(toast=60, gather=0.1, window=60, messages=100)
"""Toasts are waited for, and nothing is a storm that comes one after another."""


class World:
    """The buses of those who ask, and what they ask for."""

    def __init__(self, settings: Settings, parts: Parts, data: Path) -> None:
        self.settings = settings
        self._folder = Folder(data)
        self.gateway = parts.bus(Role.GATEWAY)
        self.bot = parts.bus(Role.BOT)
        self.console = parts.bus(Role.CONSOLE)
        self.ticker = parts.bus(Role.OVERDUE)
        self.store = parts.bus(Role.TASK_STORE)
        self.operator = parts.bus(Role.OPERATOR)
        self.engine = parts.database()

    @asynccontextmanager
    async def peopled(self, others: Mapping[type[Actor], Callable[[], Actor]]) -> AsyncGenerator[None]:
        """With these actors at work."""
        self._others = others
        self._at_work = {kind: make() for kind, make in others.items()}
        for actor in self._at_work.values():
            await actor.start()
        yield
        for actor in self._at_work.values():
            await actor.stop()

    @asynccontextmanager
    async def without(self, kind: type[Actor]) -> AsyncGenerator[None]:
        """One of them is away."""
        await self._at_work[kind].stop()
        yield
        self._at_work[kind] = self._others[kind]()
        await self._at_work[kind].start()

    @asynccontextmanager
    async def notifier(self, lengths: Lengths = PATIENT, **more: Any) -> AsyncGenerator[Notifier]:
        """A notifier with a bus of its own, for as long as the block lasts."""
        async with Bus(self.settings, Role.NOTIFIER) as bus, Notifier(bus, self.engine, lengths=lengths, **more) as one:
            await self.until_stood()
            yield one

    async def lose_jetstream(self) -> None:
        """The server dies, and comes back with nothing in its streams, nor the streams."""
        running = read_record(self._folder.record)
        process = next(child["pid"] for child in running if child["role"] == "nats")
        os.kill(process, signal.SIGSTOP)
        rmtree(self._folder.root / "nats" / "jetstream")
        os.kill(process, signal.SIGKILL)
        await wait_for(lambda: not self.gateway.connected)
        await wait_for(lambda: self.gateway.connected and self.store.connected)

    async def until_stood(self) -> None:
        """Whatever happens from now on is told."""

        async def has_stood() -> bool:
            async with self.engine.connect() as connection:
                return (await connection.execute(text("SELECT EXISTS (SELECT 1 FROM notices.positions)"))).scalar_one()

        await wait_for(has_stood)

    async def know(self, team: TeamId) -> None:
        """Nobody is told any more of what happened in a team so far."""
        async with self.engine.begin() as connection:
            await connection.execute(_KNOW, {"team": team})

    async def user(self, name: str, *, telegram: bool = True, is_admin: bool = False) -> User:
        username = f"{name.lower()}{next(_numbers)}"
        command = CreateUser(username=username, password=PASSWORD, name=name, is_admin=is_admin)
        user = await self.console.request(command)
        if telegram:
            await self.link(user.id, TelegramId(chat_of(user.id)))
        return user

    async def link(self, user: UserId, telegram: TelegramId) -> TelegramId:
        """From now on they read there what they are told."""
        code = await self.bot.request(CreateTelegramCode(telegram=telegram))
        await self.gateway.request(ConfirmTelegram(by=user, code=code.code))
        return telegram

    async def here(self, *users: UserId, is_active: bool = True) -> None:
        """They sit before the web, or have it open somewhere."""
        beats = tuple(Beat(user=user, connection=f"tab-{user}", is_active=is_active) for user in users)
        await self.gateway.request(TakeBeats(beats=beats))

    async def gone(self, *users: UserId) -> None:
        """They close it."""
        await self.gateway.request(TakeBeats(gone=tuple(f"tab-{user}" for user in users)))

    async def reachable(self, user: UserId, *, is_reachable: bool) -> None:
        """Whether they let the bot write, as it says."""
        await self.bot.request(MarkReachable(telegram=TelegramId(chat_of(user)), is_reachable=is_reachable))

    async def speaks(self, user: UserId, language: Language, time_zone: str) -> None:
        await self.gateway.request(UpdateProfile(by=user, language=language, time_zone=time_zone))

    async def inbox(self, user: UserId) -> list[Notice]:
        return (await self.page(user)).notices

    async def page(self, user: UserId) -> NoticePage:
        """Past the bus: also when there is no notifier."""
        return await Inbox(self.gateway, self.engine).page(ListNotices(by=user))

    async def claim(self, user: UserId) -> Claim:
        return await self.bot.request(ClaimDelivery(chat=chat_of(user)))

    async def delivery(self, user: UserId) -> Delivery:
        """What comes next for them, when it does."""

        async def claimed() -> Delivery | None:
            return (await self.claim(user)).delivery

        delivery = await wait_for(claimed)
        assert delivery
        return delivery

    async def report(self, delivery: Delivery, outcome: Outcome = Outcome.SENT, **more: Any) -> None:
        if outcome is Outcome.SENT:
            more.setdefault("message", MessageId(delivery.id + 500))
        await self.bot.request(ReportDelivery(delivery=delivery.id, attempt=delivery.attempt, outcome=outcome, **more))

    async def sent(self, user: UserId) -> Delivery:
        """What comes next for them arrives."""
        delivery = await self.delivery(user)
        await self.report(delivery)
        return delivery

    async def hasten(self, *notices: NoticeId) -> None:
        """The moment that these wait for has come."""
        async with self.engine.begin() as connection:
            await connection.execute(_HASTEN, {"notices": list(notices)})

    async def count(self, table: str, where: str, of: int) -> int:
        """How many rows there are; `where` names what they are of as `:of`."""
        async with self.engine.connect() as connection:
            statement = text(f"SELECT count(*) FROM {table} WHERE {where}")  # noqa: S608 - our own words
            return (await connection.execute(statement, {"of": of})).scalar_one()

    async def is_settled(self, notice: NoticeId) -> bool:
        return await self.count("notices.notices", "id = :of AND stage = 'settled'", notice) == 1

    async def named(self, user: UserId) -> str:
        """What somebody is mentioned by."""
        return (await self.gateway.request(GetUser(user=user))).username

    @asynccontextmanager
    async def settling(self, user: UserId) -> AsyncGenerator[list[Settled]]:
        """What the gateway hears of what somebody has read."""
        heard: list[Settled] = []

        async def hear(raw: RawMessage) -> None:
            heard.append(msgspec.json.decode(raw.data, type=Settled))

        listening = await self.gateway.listen(Settled.subject_of(user), hear)
        yield heard
        await listening.unsubscribe()

    @asynccontextmanager
    async def hearing(self, user: UserId) -> AsyncGenerator[list[Toasted]]:
        """What the gateway hears for somebody."""
        heard: list[Toasted] = []

        async def hear(raw: RawMessage) -> None:
            if raw.subject == Toasted.subject_of(user):
                heard.append(msgspec.json.decode(raw.data, type=Toasted))

        listening = await self.gateway.listen(user_subjects(user), hear)
        yield heard
        await listening.unsubscribe()


def chat_of(user: UserId) -> ChatId:
    return ChatId(user + 1_000_000)


class Crew:
    """A team with Ann, who owns it, and Bob; what Ann does concerns Bob."""

    def __init__(self, world: World, ann: User, bob: User, team: MyTeam, todo: TaskList) -> None:
        self.world = world
        self.ann, self.bob = ann.id, bob.id
        self.team = team.id
        self.todo = todo.id

    @classmethod
    async def gather(cls, world: World, *, is_known: bool = True) -> "Crew":
        """`is_known`: of all that, nobody is told."""
        ann, bob = await world.user("Ann"), await world.user("Bob")
        bus = world.gateway
        team = await bus.request(CreateTeam(by=ann.id, name="Crew", person=person(ann)))
        todo = await bus.request(CreateList(by=ann.id, team=team.id, name="To do"))
        crew = cls(world, ann, bob, team, todo)
        await crew.take_in(bob)
        if is_known:
            await world.know(crew.team)
        return crew

    async def take_in(self, user: User, role: MemberRole = MemberRole.MEMBER) -> None:
        await self.world.gateway.request(AddMember(by=self.ann, team=self.team, person=person(user), role=role))

    async def task(self, title: str = "Buy paper", by: UserId | None = None, **more: Any) -> TaskView:
        return await self.world.gateway.request(CreateTask(by=by or self.ann, list=self.todo, title=title, **more))

    async def assign(self, title: str = "Buy paper", to: UserId | None = None) -> TaskView:
        """A task that Ann gives to Bob, or to somebody else."""
        return await self.task(title, assignee=to or self.bob)

    async def give(self, task: TaskId, to: UserId | None, by: UserId | None = None) -> None:
        await self.world.gateway.request(AssignTask(by=by or self.ann, task=task, assignee=to))
