"""A board with one person of each role, made anew for every test."""

import itertools
from collections.abc import AsyncGenerator, Callable

import pytest

from infra.bus import Bus
from infra.config import Settings
from infra.redis import Redis, connect_redis
from schemas.history import Board, GetBoard
from schemas.ids import UserId
from schemas.lists import CreateList, TaskList
from schemas.members import AddMember, MemberRole, Person
from schemas.tasks import CreateTask, TaskView
from schemas.teams import CreateTeam, MyTeam

_users = itertools.count(5_000_000)


def new_person(name: str) -> Person:
    user = next(_users)
    return Person(user=UserId(user), username=f"{name.lower()}-{user}", name=name)


class Scene:
    """Ann owns the team, Adam is an admin, Bob a member, Vera a viewer; Olga is an outsider."""

    team: MyTeam
    todo: TaskList
    done: TaskList

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.ann, self.adam, self.bob, self.vera, self.olga = (
            new_person(name) for name in ("Ann", "Adam", "Bob", "Vera", "Olga")
        )

    async def build(self) -> None:
        ann = self.ann.user
        self.team = await self.bus.request(CreateTeam(by=ann, name="Team", person=self.ann))
        for person, role in (
            (self.adam, MemberRole.ADMIN),
            (self.bob, MemberRole.MEMBER),
            (self.vera, MemberRole.VIEWER),
        ):
            await self.bus.request(AddMember(by=ann, team=self.team.id, person=person, role=role))
        self.todo = await self.bus.request(CreateList(by=ann, team=self.team.id, name="To do"))
        self.done = await self.bus.request(CreateList(by=ann, team=self.team.id, name="Done"))

    async def task(self, title: str = "Buy paper") -> TaskView:
        return await self.bus.request(CreateTask(by=self.bob.user, list=self.todo.id, title=title))

    async def board(self) -> Board:
        return await self.bus.request(GetBoard(by=self.ann.user, team=self.team.id))

    async def titles(self, row: TaskList) -> list[str]:
        return [task.title for task in (await self.board()).tasks if task.list == row.id]


@pytest.fixture(scope="session")
async def redis(settings: Settings) -> AsyncGenerator[Redis]:
    """Redis, past all actors."""
    redis = connect_redis(settings)
    yield redis
    await redis.aclose()


@pytest.fixture
async def scene(bus: Bus) -> Scene:
    scene = Scene(bus)
    await scene.build()
    return scene


@pytest.fixture
def person() -> Callable[[str], Person]:
    return new_person
