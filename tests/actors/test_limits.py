"""How much of a thing there may be, and that what is deleted is no burden."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.board import filters, lists
from actors.sql.loading import load
from actors.sql.needs import Loaded, Needs
from schemas.errors import ErrorCode
from schemas.history import ListActivity, Undo
from schemas.labels import CreateLabel, DeleteLabel
from schemas.lists import CreateList, DeleteList, MoveList, RestoreList, TaskList
from schemas.search import ListFilters, SaveFilter, TaskFilter
from tests.actors.conftest import Scene
from tests.actors.refusals import refusal


async def add_lists(scene: Scene, engine: AsyncEngine, count: int) -> None:
    rows = [{"team": scene.team.id, "name": f"{n}", "rank": 10**6 + n, "version": 1} for n in range(count)]
    async with engine.begin() as connection:
        await connection.execute(insert(lists), rows)


async def test_a_team_has_at_most_200_lists(scene: Scene, engine: AsyncEngine) -> None:
    ann, team = scene.ann.user, scene.team.id
    await scene.bus.request(DeleteList(by=ann, list=scene.done.id))
    await add_lists(scene, engine, 198)
    await scene.bus.request(CreateList(by=scene.bob.user, team=team, name="The last"))

    for command in (
        CreateList(by=ann, team=team, name="Too many"),
        RestoreList(by=ann, list=scene.done.id),
        Undo(by=ann, team=team),
    ):
        error = await refusal(scene.bus, command)
        assert (error.code, error.detail) == (ErrorCode.CONFLICT, "a team has at most 200 lists")


async def test_nobody_keeps_more_than_100_filters(scene: Scene, engine: AsyncEngine) -> None:
    bob = scene.bob.user
    rows = [{"by": bob, "name": f"filter {n}", "filter": {}} for n in range(99)]
    async with engine.begin() as connection:
        await connection.execute(insert(filters), rows)
    await scene.bus.request(SaveFilter(by=bob, name="The last", filter=TaskFilter()))

    error = await refusal(scene.bus, SaveFilter(by=bob, name="Too many", filter=TaskFilter()))

    assert (error.code, error.detail) == (ErrorCode.CONFLICT, "nobody may have more than 100 saved filters")
    await scene.bus.request(SaveFilter(by=bob, name="The last", filter=TaskFilter(mine=True)))
    assert len(await scene.bus.request(ListFilters(by=bob))) == 100
    await scene.bus.request(SaveFilter(by=scene.ann.user, name="Ann's first", filter=TaskFilter()))


async def test_a_list_that_moves_moves_alone_while_there_is_room(scene: Scene, engine: AsyncEngine) -> None:
    await add_lists(scene, engine, 20)
    before = (await scene.board()).seq
    newest = await scene.bus.request(CreateList(by=scene.bob.user, team=scene.team.id, name="Newest"))

    await scene.bus.request(MoveList(by=scene.bob.user, list=newest.id, before=scene.done.id))

    board = await scene.board()
    assert board.seq == before + 2
    assert [row.id for row in board.lists][:3] == [scene.todo.id, newest.id, scene.done.id]


async def test_lists_without_room_between_them_are_all_ranked_anew(scene: Scene, engine: AsyncEngine) -> None:
    await add_lists(scene, engine, 3)
    rows = (await scene.board()).lists

    await scene.bus.request(MoveList(by=scene.bob.user, list=rows[0].id, before=rows[4].id))

    now = (await scene.board()).lists
    assert [row.id for row in now] == [rows[n].id for n in (1, 2, 3, 0, 4)]
    assert len({row.rank for row in now}) == 5
    activity = await scene.bus.request(ListActivity(by=scene.bob.user, team=scene.team.id, limit=5))
    assert all(b'"list.moved"' in bytes(event) for event in activity.events)


async def test_what_is_in_the_trash_is_loaded_only_for_who_asks(scene: Scene, engine: AsyncEngine) -> None:
    """A batch that knows nothing of them, one that names them, and one with a task of such a list."""
    ann, team, task = scene.ann.user, scene.team.id, await scene.task()
    label = await scene.bus.request(CreateLabel(by=ann, team=team, name="x", colour="#000000"))
    await scene.bus.request(DeleteLabel(by=ann, label=label.id))
    await scene.bus.request(DeleteList(by=ann, list=scene.todo.id))

    async def loaded(needs: Needs) -> Loaded:
        async with engine.connect() as connection:
            return await load(connection, needs)

    def ids(rows: list[TaskList]) -> list[int]:
        return sorted(row.id for row in rows)

    plain = await loaded(Needs(teams={team}))
    assert (ids(plain.lists), plain.labels) == ([scene.done.id], [])
    asked = await loaded(Needs(lists={scene.todo.id}, labels={label.id}))
    assert (ids(asked.lists), [row.id for row in asked.labels]) == ([scene.todo.id, scene.done.id], [label.id])
    assert ids((await loaded(Needs(tasks={task.id}))).lists) == [scene.todo.id, scene.done.id]
