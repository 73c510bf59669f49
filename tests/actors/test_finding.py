"""Finding tasks: what a plain filter finds, on pages that hold each task once, and no sooner forgotten than changed."""

import asyncio
import random
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.finding import Page, Search
from actors.task_store.finding import Finder, Positions
from infra.bus import Bus
from infra.config import Settings
from infra.db import connect_database, single_statements
from infra.remembered import Remembered
from schemas.errors import BusError, ErrorCode
from schemas.ids import TaskId, UserId
from schemas.lists import DeleteList, UpdateList
from schemas.members import RemoveMember
from schemas.search import OFFSET_LIMIT, ListTasks, TaskFilter, TaskPage
from schemas.tasks import CompleteTask, CreateTask, TaskView
from tests.actors.conftest import Scene
from tests.actors.crowd import Crowd, throw
from tests.waiting import wait_for

FILTERS = 150


@pytest.fixture(scope="module")
async def crowd(engine: AsyncEngine, actors: object) -> Crowd:
    return await throw(engine, random.Random(7), 600)


@pytest.fixture(scope="module")
async def fixed(settings: Settings) -> AsyncGenerator[AsyncEngine]:
    """The way to the database that the store takes."""
    engine = connect_database(settings, fixed_plans=True)
    yield engine
    await engine.dispose()


def ids(found: TaskPage | Page) -> list[int]:
    if isinstance(found, Page):
        return [task.id for task in msgspec.json.decode(found.tasks, type=list[TaskView])]
    return [task.id for task in found.tasks]


async def every_page(bus: Bus, query: ListTasks) -> list[list[int]]:
    """What `cursor` leads to, page by page."""
    pages: list[list[int]] = []
    while True:
        page = await bus.request(query)
        pages.append(ids(page))
        if page.cursor is None:
            return pages
        query = msgspec.structs.replace(query, cursor=page.cursor)


async def test_every_filter_finds_what_a_plain_one_finds(crowd: Crowd, bus: Bus) -> None:
    dice, sizes = random.Random(1), list[int]()

    for _ in range(FILTERS):
        wanted = crowd.any_filter(dice)
        page = await bus.request(ListTasks(by=crowd.me, filter=wanted, limit=500))
        assert ids(page) == crowd.found(wanted), wanted
        assert page.count == len(page.tasks)
        sizes.append(page.count)

    assert sum(size > 0 for size in sizes) > FILTERS / 3, "the dice ask for nothing"


async def test_walking_gathering_and_counting_agree(crowd: Crowd, fixed: AsyncEngine) -> None:
    """Which of them is taken depends on how many there are, so here each is made to answer."""
    dice, gathered = random.Random(2), 0

    async with single_statements(fixed).connect() as connection:
        for _ in range(FILTERS):
            wanted = crowd.any_filter(dice)
            search = Search(ListTasks(by=crowd.me, filter=wanted, limit=500))
            found = crowd.found(wanted)
            assert ids(await search.walk(connection)) == found, wanted
            assert await search.count(connection) == len(found), wanted
            if search.gathers:
                page = await search.gather(connection)
                assert (ids(page), page.count) == (found, len(found)), wanted
                gathered += bool(found)

    assert gathered > FILTERS / 10, "the dice ask for nothing that is gathered"


@pytest.mark.parametrize("deleted", [False, True])
async def test_administrators_find_what_any_team_has(crowd: Crowd, fixed: AsyncEngine, *, deleted: bool) -> None:
    dice, sizes, finder = random.Random(3), list[int](), Finder(fixed)

    for team in crowd.teams * 20:
        wanted = msgspec.structs.replace(crowd.any_filter(dice), team=team, mine=False, watched=False)
        found = crowd.found_by_admin(wanted, deleted=deleted)
        query = ListTasks(by=UserId(1), as_admin=True, deleted=deleted, filter=wanted, limit=500)
        page = msgspec.json.decode(await finder.find(query), type=TaskPage)
        assert (ids(page), page.count) == (found, len(found)), wanted
        sizes.append(len(found))

    assert sum(size > 0 for size in sizes) > len(sizes) / 4, "the dice ask for nothing"


@pytest.mark.parametrize("wanted", [TaskFilter(), TaskFilter(q="alpha"), TaskFilter(archived=True, mine=True)])
async def test_pages_give_each_task_once_in_both_directions(crowd: Crowd, bus: Bus, wanted: TaskFilter) -> None:
    found = crowd.found(wanted)
    query = ListTasks(by=crowd.me, filter=wanted, limit=7)

    pages = await every_page(bus, query)
    assert [number for page in pages for number in page] == found
    assert {len(page) for page in pages[:-1]} == {7}

    back, before = list[int](), TaskId(found[-1])
    while before is not None:
        page = await bus.request(msgspec.structs.replace(query, before=before))
        assert page.cursor == page.tasks[-1].id
        back, before = ids(page) + back, page.before
    assert back == found[:-1]


async def test_counting_off_gives_the_same_pages_and_ends_at_a_limit(crowd: Crowd, bus: Bus) -> None:
    found = crowd.found(TaskFilter())

    for limit, offset in (
        (7, 0),
        (7, 7),
        (100, 60),
        (500, 100),
        (5, len(found) - 2),
        (5, len(found)),
        (5, OFFSET_LIMIT),
    ):
        page = await bus.request(ListTasks(by=crowd.me, limit=limit, offset=offset))
        assert ids(page) == found[offset : offset + limit]
        assert page.count == len(found)
        assert page.cursor == (page.tasks[-1].id if offset + limit < len(found) else None)
    for wrong, field in (({"offset": OFFSET_LIMIT + 1}, "offset"), ({"cursor": 1, "before": 1}, "before")):
        with pytest.raises(BusError) as refusal:
            await bus.request(ListTasks(by=crowd.me, **wrong))
        assert (refusal.value.code, refusal.value.field) == (ErrorCode.INVALID, field)


async def test_what_has_changed_is_found_at_once_as_it_is_now(scene: Scene, bus: Bus) -> None:
    async def found(**fields: Any) -> tuple[int, list[str]]:
        page = await bus.request(ListTasks(by=scene.vera.user, filter=TaskFilter(**fields), limit=1))
        return page.count, [f"{task.title} on {task.list_name}" for task in page.tasks]

    assert await found() == await found(q="fence") == (0, [])
    first = await scene.task("Paint the fence")
    assert await found() == await found(q="fence") == await found(is_done=False) == (1, ["Paint the fence on To do"])
    await bus.request(CompleteTask(by=scene.bob.user, task=first.id))
    assert await found(is_done=False) == (0, [])
    await bus.request(UpdateList(by=scene.bob.user, list=scene.todo.id, name="Later"))
    await scene.task("Buy paint")
    assert await found() == (2, ["Buy paint on Later"])
    await bus.request(DeleteList(by=scene.ann.user, list=scene.todo.id))
    assert await found() == await found(q="fence") == (0, [])


async def test_many_who_look_at_once_find_what_each_has_just_made(scene: Scene, bus: Bus) -> None:
    """They share looks at the positions, but none that began before they asked."""

    async def make_and_look(number: int) -> None:
        for turn in range(10):
            task = await scene.task(f"Turn{turn}of{number}")
            page = await bus.request(ListTasks(by=scene.vera.user, filter=TaskFilter(q=task.title), limit=1))
            assert ids(page) == [task.id]
            page = await bus.request(ListTasks(by=scene.vera.user, limit=500))
            assert task.id in ids(page)

    await asyncio.gather(*(make_and_look(number) for number in range(8)))


async def test_those_who_look_at_once_share_a_look(crowd: Crowd, fixed: AsyncEngine) -> None:
    asked: list[str] = []
    listen(fixed.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    positions = Positions(single_statements(fixed))

    found = await asyncio.gather(*(positions.of(user) for user in [crowd.me, crowd.other, UserId(1)] * 10))

    assert len(asked) == 2, "the first asks alone, all others together"
    assert found[:3] * 10 == found
    assert [len(position.split()) for position in found[:3]] == [3, 4, 0]


async def test_of_those_who_look_for_the_same_at_once_one_looks(crowd: Crowd, fixed: AsyncEngine) -> None:
    asked: list[str] = []
    listen(fixed.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    finder, query = Finder(fixed), ListTasks(by=crowd.me, filter=TaskFilter(q="beta gamma"))

    found = await asyncio.gather(*(finder.find(query) for _ in range(20)))

    assert len({bytes(page) for page in found}) == 1
    assert len([statement for statement in asked if "json_agg" in statement]) == 1
    assert await finder.find(msgspec.structs.replace(query, limit=7)) != found[0]


async def test_who_has_left_finds_nothing(scene: Scene, bus: Bus) -> None:
    await scene.task()
    query = ListTasks(by=scene.vera.user)
    assert (await bus.request(query)).count == 1

    await bus.request(RemoveMember(by=scene.ann.user, team=scene.team.id, user=scene.vera.user))

    assert await bus.request(query) == TaskPage(count=0, tasks=[])


async def test_what_falls_due_while_nothing_happens_is_overdue(scene: Scene, bus: Bus) -> None:
    due = datetime.now(UTC) + timedelta(milliseconds=300)
    await bus.request(CreateTask(by=scene.bob.user, list=scene.todo.id, title="Soon", due_at=due))

    async def overdue() -> int:
        return (await bus.request(ListTasks(by=scene.bob.user, filter=TaskFilter(is_overdue=True)))).count

    assert await overdue() == 0
    await wait_for(overdue)


def test_what_is_remembered_has_a_position_and_bounds() -> None:
    answers = Remembered[str](100)
    for number in range(10):
        answers.keep(number, "1.1", "small", 10)

    assert (answers.get(0, "1.1"), answers.get(0, "1.2")) == ("small", None)
    answers.keep("new", "1.1", "small", 10)
    assert [answers.get(question, "1.1") for question in (0, 1, "new")] == ["small", None, "small"]
    answers.keep("new", "1.2", "changed", 10)
    assert [answers.get("new", position) for position in ("1.1", "1.2")] == [None, "changed"]
    # One answer may not push out all the others.
    answers.keep("huge", "1.1", "huge", 60)
    assert [answers.get(question, "1.1") for question in (0, "huge")] == ["small", None]


async def test_a_page_that_the_asker_holds_is_not_sent_again_until_something_changes(scene: Scene, bus: Bus) -> None:
    task = await scene.task()
    query = ListTasks(by=scene.vera.user)
    held = await bus.request(query)

    known = msgspec.structs.replace(query, known=held.tag)
    assert await bus.request(known) == TaskPage(count=0, tasks=[], same=True)

    await bus.request(CompleteTask(by=scene.bob.user, task=task.id))
    changed = await bus.request(known)
    assert [task.is_done for task in changed.tasks] == [True]
    assert changed.tag != held.tag


async def test_what_time_changes_by_itself_has_no_tag(scene: Scene, bus: Bus) -> None:
    page = await bus.request(ListTasks(by=scene.vera.user, filter=TaskFilter(is_overdue=True)))

    assert page.tag is None
