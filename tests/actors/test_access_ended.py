"""Who may no longer sign in owns nothing for others, and who has left is told nothing."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.board import members
from schemas.comments import AddComment
from schemas.errors import ErrorCode
from schemas.lists import CreateList
from schemas.members import ChangeRole, MemberRole, RemoveMember
from schemas.tasks import ChangeTasks, CreateTask, DeleteTask, TaskFields, UpdateTask
from schemas.teams import DeleteTeam
from tests.actors.conftest import Scene
from tests.actors.refusals import refusal


@pytest.fixture
async def second_owner(scene: Scene, engine: AsyncEngine) -> Scene:
    """Adam owns the team too, but can no longer sign in."""
    ann, adam = scene.ann.user, scene.adam.user
    await scene.bus.request(ChangeRole(by=ann, team=scene.team.id, user=adam, role=MemberRole.OWNER))
    async with engine.begin() as connection:
        await connection.execute(update(members).where(members.c.user == adam).values(is_active=False))
    return scene


async def test_the_last_owner_who_can_sign_in_neither_leaves_nor_steps_down(second_owner: Scene) -> None:
    ann, team, ask = second_owner.ann.user, second_owner.team.id, second_owner.bus
    for command in (
        RemoveMember(by=ann, team=team, user=ann),
        ChangeRole(by=ann, team=team, user=ann, role=MemberRole.ADMIN),
    ):
        error = await refusal(ask, command)
        assert (error.code, error.detail) == (ErrorCode.CONFLICT, "a team keeps at least one owner")


async def test_an_owner_who_cannot_sign_in_may_be_demoted_and_removed(second_owner: Scene) -> None:
    ann, adam, team = second_owner.ann.user, second_owner.adam.user, second_owner.team.id
    await second_owner.bus.request(ChangeRole(by=ann, team=team, user=adam, role=MemberRole.ADMIN))
    await second_owner.bus.request(RemoveMember(by=ann, team=team, user=adam))


async def test_an_outcome_is_not_told_again_to_whoever_was_removed_meanwhile(scene: Scene) -> None:
    bob, team, task = scene.bob.user, scene.team.id, await scene.task()
    commands: list[Any] = [
        CreateTask(by=bob, list=scene.todo.id, title="Secret", key="task"),
        UpdateTask(by=bob, task=task.id, title="Secret", key="update"),
        ChangeTasks(by=bob, team=team, tasks=(task.id,), fields=TaskFields(is_done=True), key="many"),
        AddComment(by=bob, task=task.id, text="Secret", key="comment"),
        CreateList(by=bob, team=team, name="Secret", key="list"),
        DeleteTask(by=bob, task=task.id, key="delete"),
    ]
    outcomes = [await scene.bus.request(command) for command in commands]
    assert [await scene.bus.request(command) for command in commands] == outcomes

    await scene.bus.request(RemoveMember(by=scene.ann.user, team=team, user=bob))

    for command in commands:
        assert (await refusal(scene.bus, command)).code is ErrorCode.NOT_FOUND


async def test_whoever_left_or_deleted_the_team_is_told_so_again(scene: Scene) -> None:
    leaving = RemoveMember(by=scene.bob.user, team=scene.team.id, user=scene.bob.user, key="leave")
    deleting = DeleteTeam(by=scene.ann.user, team=scene.team.id, key="delete")

    assert await scene.bus.request(leaving) == await scene.bus.request(leaving)
    assert await scene.bus.request(deleting) == await scene.bus.request(deleting)
