"""Taking back is refused where the direct way would be."""

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.board import members
from schemas.comments import AddComment, DeleteComment
from schemas.errors import BusError, ErrorCode
from schemas.history import Undo
from schemas.labels import CreateLabel, DeleteLabel, UpdateLabel
from schemas.lists import CreateList, DeleteList, RestoreList, UpdateList
from schemas.members import ChangeRole, MemberRole, Person
from schemas.tasks import AssignTask, CreateTask, MoveTask
from tests.actors.conftest import Scene
from tests.actors.refusals import refusal


async def refused_undo(scene: Scene, by: Person) -> BusError:
    return await refusal(scene.bus, Undo(by=by.user, team=scene.team.id))


async def demote(scene: Scene, person: Person) -> None:
    command = ChangeRole(by=scene.ann.user, team=scene.team.id, user=person.user, role=MemberRole.MEMBER)
    await scene.bus.request(command)


async def test_a_list_that_others_put_tasks_on_does_not_go_with_its_maker(scene: Scene) -> None:
    made = await scene.bus.request(CreateList(by=scene.bob.user, team=scene.team.id, name="Bob's"))
    await scene.bus.request(CreateTask(by=scene.ann.user, list=made.id, title="Ann's"))

    error = await refused_undo(scene, scene.bob)

    assert (error.code, error.field) == (ErrorCode.CONFLICT, "list")
    assert await scene.titles(made) == ["Ann's"]


async def test_a_member_takes_back_the_making_of_a_list_that_is_still_empty(scene: Scene) -> None:
    await scene.bus.request(CreateList(by=scene.bob.user, team=scene.team.id, name="Bob's"))

    await scene.bus.request(Undo(by=scene.bob.user, team=scene.team.id))

    assert [row.name for row in (await scene.board()).lists] == ["To do", "Done"]


@pytest.mark.parametrize("restored", [False, True])
async def test_whoever_is_no_admin_now_neither_brings_a_list_back_nor_deletes_it(
    scene: Scene, *, restored: bool
) -> None:
    await scene.bus.request(DeleteList(by=scene.adam.user, list=scene.done.id))
    if restored:
        await scene.bus.request(RestoreList(by=scene.adam.user, list=scene.done.id))
    before = (await scene.board()).lists
    await demote(scene, scene.adam)

    assert (await refused_undo(scene, scene.adam)).code is ErrorCode.FORBIDDEN

    assert (await scene.board()).lists == before


async def test_whoever_is_no_admin_now_does_not_bring_back_the_comments_of_others(scene: Scene) -> None:
    task = await scene.task()
    comment = await scene.bus.request(AddComment(by=scene.bob.user, task=task.id, text="Bob's"))
    await scene.bus.request(DeleteComment(by=scene.adam.user, comment=comment.id))
    await demote(scene, scene.adam)

    assert (await refused_undo(scene, scene.adam)).code is ErrorCode.FORBIDDEN

    assert [task.comments for task in (await scene.board()).tasks] == [0]


async def test_a_label_does_not_come_back_beside_another_of_its_name(scene: Scene) -> None:
    ann, bob, team = scene.ann.user, scene.bob.user, scene.team.id
    label = await scene.bus.request(CreateLabel(by=bob, team=team, name="urgent", colour="#000000"))
    await scene.bus.request(DeleteLabel(by=bob, label=label.id))
    other = await scene.bus.request(CreateLabel(by=ann, team=team, name="Urgent", colour="#ffffff"))

    error = await refused_undo(scene, scene.bob)

    assert (error.code, error.field) == (ErrorCode.CONFLICT, "name")
    assert (await scene.board()).labels == [other]


async def test_a_label_does_not_get_a_name_back_that_another_has_by_now(scene: Scene) -> None:
    ann, bob, team = scene.ann.user, scene.bob.user, scene.team.id
    label = await scene.bus.request(CreateLabel(by=bob, team=team, name="urgent", colour="#000000"))
    await scene.bus.request(UpdateLabel(by=bob, label=label.id, name="later"))
    await scene.bus.request(CreateLabel(by=ann, team=team, name="urgent", colour="#ffffff"))

    assert (await refused_undo(scene, scene.bob)).field == "name"


async def test_a_label_does_not_come_back_where_there_is_no_room(scene: Scene) -> None:
    ann, bob, team = scene.ann.user, scene.bob.user, scene.team.id
    label = await scene.bus.request(CreateLabel(by=bob, team=team, name="mine", colour="#000000"))
    await scene.bus.request(DeleteLabel(by=bob, label=label.id))
    for number in range(200):
        await scene.bus.request(CreateLabel(by=ann, team=team, name=f"label {number}", colour="#ffffff"))

    assert (await refused_undo(scene, scene.bob)).detail == "a team has at most 200 labels"


async def test_a_task_is_not_given_back_to_whoever_can_no_longer_sign_in(scene: Scene, engine: AsyncEngine) -> None:
    task = await scene.task()
    await scene.bus.request(AssignTask(by=scene.bob.user, task=task.id, assignee=scene.adam.user))
    await scene.bus.request(AssignTask(by=scene.bob.user, task=task.id, assignee=None))
    async with engine.begin() as connection:
        await connection.execute(update(members).where(members.c.user == scene.adam.user).values(is_active=False))

    error = await refused_undo(scene, scene.bob)

    assert (error.code, error.field) == (ErrorCode.INVALID, "assignee")


async def test_a_task_does_not_go_back_to_a_list_that_is_full_by_now(scene: Scene) -> None:
    ann, bob = scene.ann.user, scene.bob.user
    task = await scene.task()
    await scene.bus.request(MoveTask(by=bob, task=task.id, list=scene.done.id))
    await scene.bus.request(UpdateList(by=ann, list=scene.todo.id, wip_limit=1))
    await scene.bus.request(CreateTask(by=ann, list=scene.todo.id, title="Ann's"))

    assert (await refused_undo(scene, scene.bob)).field == "list"
