"""What a store remembers saves reading and changes nothing: the same commands, with and without."""

import random
from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.needs import Loaded, Needs
from actors.task_store import batch
from actors.task_store.batch import carry_out
from actors.task_store.memory import Memory
from infra.bus import Bus
from infra.config import Settings
from infra.db import connect_database
from infra.mailbox import Envelope
from schemas.boards import BoardChange
from schemas.errors import BusError, ErrorCode
from schemas.history import Board
from schemas.lists import DeleteList, RestoreList, TaskList, UpdateList
from schemas.members import AddMember, MemberRole, RemoveMember
from schemas.tasks import CompleteTask, CreateTask, DeleteTask, MoveTask, Task, TaskView
from tests.actors.conftest import Scene


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Store:
    """A store of its own, that counts what it reads."""

    def __init__(self, engine: AsyncEngine, memory: Memory | None) -> None:
        self.engine = engine
        self.memory = memory
        self.reads = 0

    async def carry_out(self, *commands: BoardChange[Any]) -> list[Any]:
        """The outcome of each: what came of it, or why not."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batch, "load", self._load)
            result = await carry_out(self.engine, [Envelope(command, "") for command in commands], None, self.memory)
        return [o.code if isinstance(o, BusError) else msgspec.json.decode(cast("bytes", o)) for o in result.outcomes]

    async def _load(self, connection: Any, needs: Needs) -> Loaded:
        self.reads += 1
        return await load(connection, needs)


load = batch.load


@pytest.fixture
def store(engine: AsyncEngine) -> Store:
    return Store(engine, Memory(Clock()))


def make(scene: Scene, *titles: str, by: str = "bob", row: TaskList | None = None) -> Sequence[CreateTask]:
    person = getattr(scene, by)
    return [CreateTask(by=person.user, list=(row or scene.todo).id, title=title) for title in titles]


async def test_under_load_tasks_are_made_without_reading_and_stand_in_order(scene: Scene, store: Store) -> None:
    made = await store.carry_out(*make(scene, "1", "2"))
    for titles in ("345", "67", "8"):
        made += await store.carry_out(*make(scene, *titles))

    assert store.reads == 1
    assert await scene.titles(scene.todo) == [*"12345678"]
    assert [task["id"] for task in made] == sorted(task["id"] for task in made)


async def test_one_task_at_a_time_takes_no_ids_that_it_does_not_need(scene: Scene, store: Store) -> None:
    ids = [(await store.carry_out(*make(scene, title)))[0]["id"] for title in "123"]

    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
    assert store.reads == 3


async def test_ids_that_are_left_are_not_kept_young(scene: Scene, engine: AsyncEngine) -> None:
    clock = Clock()
    store = Store(engine, Memory(clock))
    await store.carry_out(*make(scene, "1", "2"))
    (other,) = await Store(engine, None).carry_out(*make(scene, "3"))
    ids: list[int] = []
    for key in "abc":
        clock.now += 0.4
        # With a key a command is looked up, whatever is remembered.
        task, _ = await store.carry_out(
            CreateTask(by=scene.bob.user, list=scene.todo.id, title="x", key=f"{scene.team.id}{key}"),
            *make(scene, "y"),
        )
        ids.append(task["id"])

    assert ids[-1] > other["id"]


async def test_ids_that_were_not_needed_for_a_while_are_not_used_any_more(scene: Scene, engine: AsyncEngine) -> None:
    clock = Clock()
    store = Store(engine, Memory(clock))
    await store.carry_out(*make(scene, "1", "2"))
    (other,) = await Store(engine, None).carry_out(*make(scene, "3"))
    clock.now += 1.0

    (task,) = await store.carry_out(*make(scene, "4"))

    assert task["id"] > other["id"]


async def test_what_another_store_has_done_is_seen(scene: Scene, store: Store, engine: AsyncEngine) -> None:
    other = Store(engine, Memory(Clock()))
    await store.carry_out(*make(scene, "1", "2"))
    await other.carry_out(*make(scene, "3", "4"))
    await store.carry_out(*make(scene, "5", "6"))
    assert await scene.titles(scene.todo) == [*"123456"]

    await other.carry_out(RemoveMember(by=scene.ann.user, team=scene.team.id, user=scene.bob.user))
    assert await store.carry_out(*make(scene, "7", "8")) == [ErrorCode.NOT_FOUND] * 2

    await other.carry_out(DeleteList(by=scene.ann.user, list=scene.todo.id))
    assert await store.carry_out(*make(scene, "7", "8", by="ann")) == [ErrorCode.NOT_FOUND] * 2


async def test_a_refusal_is_looked_up(scene: Scene, store: Store, engine: AsyncEngine) -> None:
    await store.carry_out(*make(scene, "1", "2"))
    assert await store.carry_out(*make(scene, "3", by="vera")) == [ErrorCode.FORBIDDEN]
    assert await store.carry_out(*make(scene, "3", by="olga")) == [ErrorCode.NOT_FOUND]

    joined = AddMember(by=scene.ann.user, team=scene.team.id, person=scene.olga, role=MemberRole.MEMBER)
    await Store(engine, None).carry_out(joined)

    (task,) = await store.carry_out(*make(scene, "4", by="olga"))
    assert task["title"] == "4"


async def test_whoever_connects_anew_remembers_nothing(scene: Scene, settings: Settings) -> None:
    engine, memory = connect_database(settings), Memory(Clock())
    memory.watch(engine)
    store = Store(engine, memory)
    for _ in range(2):
        await store.carry_out(*make(scene, "1", "2"))
    assert store.reads == 1

    await engine.dispose()

    await store.carry_out(*make(scene, "3", "4"))
    assert store.reads == 2
    await engine.dispose()


async def test_a_limit_counts_what_was_made_from_memory(scene: Scene, store: Store) -> None:
    limit = UpdateList(by=scene.ann.user, list=scene.todo.id, wip_limit=5)
    await store.carry_out(*make(scene, "1", "2"))
    await store.carry_out(limit)
    await store.carry_out(*make(scene, "3", "4"))

    assert [*map(type, await store.carry_out(*make(scene, "5", "6")))] == [dict, ErrorCode]
    assert await scene.titles(scene.todo) == [*"12345"]


async def test_what_was_made_while_there_was_no_limit_counts_when_there_is_one(scene: Scene, store: Store) -> None:
    async def limit(number: int | None) -> None:
        await store.carry_out(UpdateList(by=scene.ann.user, list=scene.todo.id, wip_limit=number))

    await limit(9)
    first, *_ = await store.carry_out(*make(scene, "1", "2"))
    await limit(None)
    await store.carry_out(*make(scene, "3", "4"), CompleteTask(by=scene.bob.user, task=first["id"]))
    await limit(4)

    assert [*map(type, await store.carry_out(*make(scene, "5", "6")))] == [dict, ErrorCode]


class Twin:
    """Two boards that are told the same, one through a store with a memory and one through a store without."""

    def __init__(self, scenes: list[Scene], stores: list[Store], seed: int) -> None:
        self.sides = list(zip(scenes, stores, strict=True))
        self.random = random.Random(seed)
        self.made: list[list[TaskView]] = [[], []]

    def commands(self) -> list[Callable[[Scene, list[Any]], BoardChange[Any]]]:
        """A batch, for either board."""
        size, only_makes = self.random.randint(1, 4), self.random.random() < 0.8
        return [self._create() if only_makes or self.random.random() < 0.4 else self._other() for _ in range(size)]

    def _create(self) -> Callable[[Scene, list[Any]], BoardChange[Any]]:
        who, row = (
            self.random.choice(["ann"] * 8 + ["bob"] * 8 + ["vera", "olga"]),
            self.random.choice(["todo", "done"]),
        )
        return lambda scene, _: CreateTask(by=getattr(scene, who).user, list=getattr(scene, row).id, title="x")

    def _other(self) -> Callable[[Scene, list[Any]], BoardChange[Any]]:
        which, limit = self.random.randrange(1000), self.random.choice([None, 3, 8])
        row = self.random.choice(["todo", "done"])

        def pick(tasks: list[Any]) -> Any:
            return tasks[which % len(tasks)] if tasks else 1

        kinds: list[Callable[[Scene, list[Any]], BoardChange[Any]]] = [
            lambda s, tasks: CompleteTask(by=s.bob.user, task=pick(tasks)),
            lambda s, tasks: DeleteTask(by=s.bob.user, task=pick(tasks)),
            lambda s, tasks: MoveTask(by=s.ann.user, task=pick(tasks), list=getattr(s, row).id),
            lambda s, _: UpdateList(by=s.ann.user, list=getattr(s, row).id, wip_limit=limit),
            lambda s, _: DeleteList(by=s.ann.user, list=getattr(s, row).id),
            lambda s, _: RestoreList(by=s.ann.user, list=getattr(s, row).id),
            lambda s, _: RemoveMember(by=s.ann.user, team=s.team.id, user=s.bob.user),
            lambda s, _: AddMember(by=s.ann.user, team=s.team.id, person=s.bob, role=MemberRole.MEMBER),
        ]
        # What takes a list or a person away comes seldom, so that most of the time there is something to make.
        return self.random.choices(kinds, [2, 2, 2, 2, 1, 3, 1, 3])[0]


async def test_whatever_is_asked_comes_to_the_same_as_without_a_memory(engine: AsyncEngine, bus: Bus) -> None:
    reads = [await reads_of(engine, bus, seed) for seed in range(5)]

    assert sum(with_memory for with_memory, _ in reads) < sum(without for _, without in reads)


async def reads_of(engine: AsyncEngine, bus: Bus, seed: int) -> tuple[int, int]:
    """How often a store reads with a memory, and without, to come to the same."""
    scenes, stores = [Scene(bus), Scene(bus)], [Store(engine, Memory(Clock())), Store(engine, None)]
    for scene in scenes:
        await scene.build()
    elsewhere, twin = Store(engine, None), Twin(scenes, stores, seed)
    ids: list[list[Any]] = [[], []]
    for _ in range(40):
        commands, by_another = twin.commands(), twin.random.random() < 0.2
        told: list[list[Any]] = []
        for (side, store), tasks in zip(twin.sides, ids, strict=True):
            asked = [command(side, tasks) for command in commands]
            outcomes = await (elsewhere if by_another else store).carry_out(*asked)
            tasks += [
                outcome["id"]
                for command, outcome in zip(asked, outcomes, strict=True)
                if isinstance(command, CreateTask) and isinstance(outcome, dict)
            ]
            told.append([outcome if isinstance(outcome, ErrorCode) else None for outcome in outcomes])
        assert told[0] == told[1]
    boards = [await scene.board() for scene in scenes]
    assert boards[0].seq == boards[1].seq
    # Ranks may differ: where the last task of a list has gone, memory leaves its place free.
    places = [
        [(row, tasks.index(task.id), task.is_done) for row in ("todo", "done") for task in in_list(board, scene, row)]
        for board, scene, tasks in zip(boards, scenes, ids, strict=True)
    ]
    assert places[0] == places[1]
    return stores[0].reads, stores[1].reads


def in_list(board: Board, scene: Scene, row: str) -> list[Task]:
    """The tasks of a list, in order."""
    return [task for task in board.tasks if task.list == getattr(scene, row).id]
