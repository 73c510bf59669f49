"""What became pointless before it was sent is not sent; in the inbox it stays."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from schemas.clock import SweepTasks
from schemas.comments import AddComment, DeleteComment, EditComment
from schemas.history import Undo
from schemas.ids import TaskId
from schemas.members import RemoveMember
from schemas.notices import State
from schemas.tasks import ArchiveTask, CompleteTask, DeleteTask, ReopenTask, UpdateTask
from schemas.teams import DeleteTeam
from tests.actors.notices.world import Crew, World
from tests.waiting import wait_for


async def states(world: World, crew: Crew) -> list[tuple[str, State, str | None]]:
    return [
        (notice.kind, attempt.state, attempt.error)
        for notice in reversed(await world.inbox(crew.bob))
        for attempt in notice.attempts
    ]


async def until(world: World, crew: Crew, wanted: list[tuple[str, State, str | None]]) -> None:
    async def is_so() -> bool:
        return await states(world, crew) == wanted

    try:
        await wait_for(is_so)
    except AssertionError:
        assert await states(world, crew) == wanted


async def assigned(world: World, crew: Crew) -> TaskId:
    """Bob is about to be told of a task."""
    task = await crew.assign("Buy paper")
    await until(world, crew, [("assigned", State.WAITING, None)])
    return task.id


Step = Callable[[World, Crew, TaskId], Awaitable[object]]
ENDS: dict[str, tuple[Step, str]] = {
    "done": (lambda w, c, t: w.gateway.request(CompleteTask(by=c.ann, task=t)), "the task is done"),
    "put away": (lambda w, c, t: w.gateway.request(ArchiveTask(by=c.ann, task=t)), "the task was put away"),
    "deleted": (lambda w, c, t: w.gateway.request(DeleteTask(by=c.ann, task=t)), "the task was deleted"),
    "taken back": (lambda w, c, _: w.gateway.request(Undo(by=c.ann, team=c.team)), "the task was deleted"),
    "of a team that is deleted": (
        lambda w, c, _: w.gateway.request(DeleteTeam(by=c.ann, team=c.team)),
        "the team was deleted",
    ),
}


@pytest.mark.parametrize(("end", "why"), ENDS.values(), ids=ENDS)
async def test_nobody_is_told_of_a_task_that_is(world: World, crew: Crew, end: Step, why: str) -> None:
    async with world.notifier():
        await end(world, crew, await assigned(world, crew))
        await until(world, crew, [("assigned", State.CANCELLED, why)])

        assert (await world.claim(crew.bob)).delivery is None
        assert (await world.page(crew.bob)).unread == 1


async def test_nobody_is_told_of_a_team_that_they_have_left(world: World, crew: Crew) -> None:
    async with world.notifier():
        task = await assigned(world, crew)
        await world.gateway.request(AddComment(by=crew.ann, task=task, text="Well?"))
        await until(world, crew, [("assigned", State.WAITING, None), ("commented", State.WAITING, None)])
        await world.gateway.request(RemoveMember(by=crew.ann, team=crew.team, user=crew.bob))
        await until(
            world,
            crew,
            [
                # That the task is nobody's comes first.
                ("assigned", State.CANCELLED, "the task was given to somebody else"),
                ("commented", State.CANCELLED, "no longer in the team"),
            ],
        )
        assert (await world.claim(crew.bob)).delivery is None


async def test_whoever_gets_a_task_back_is_told_that_alone(world: World, crew: Crew) -> None:
    async with world.notifier():
        task = await assigned(world, crew)
        await crew.give(task, None)
        lost = ("assigned", State.CANCELLED, "the task was given to somebody else")
        await until(world, crew, [lost, ("unassigned", State.WAITING, None)])
        await crew.give(task, crew.bob)
        back = ("unassigned", State.CANCELLED, "the task is theirs again")
        await until(world, crew, [lost, back, ("assigned", State.WAITING, None)])
        delivery = await world.sent(crew.bob)

    assert [notice.kind for notice in delivery.notices] == ["assigned"]


async def test_another_deadline_takes_back_what_was_to_be_told_of_the_old_one(world: World, crew: Crew) -> None:
    bus, now = world.gateway, datetime.now(UTC)
    task = await crew.assign("Buy paper")
    await world.know(crew.team)
    async with world.notifier():
        await bus.request(UpdateTask(by=crew.ann, task=task.id, due_at=now - timedelta(minutes=1)))
        await world.ticker.request(SweepTasks(at=now))
        await until(world, crew, [("overdue", State.WAITING, None)])
        await bus.request(UpdateTask(by=crew.ann, task=task.id, title="Buy much paper"))
        await bus.request(UpdateTask(by=crew.ann, task=task.id, due_at=now + timedelta(days=3)))

        await until(world, crew, [("overdue", State.CANCELLED, "the deadline is another one")])


async def test_whoever_had_an_overdue_task_is_not_told_of_that_once_it_is_somebody_elses(
    world: World, crew: Crew
) -> None:
    bus, now = world.gateway, datetime.now(UTC)
    task = await crew.assign("Buy paper")
    await world.know(crew.team)
    async with world.notifier():
        await bus.request(UpdateTask(by=crew.ann, task=task.id, due_at=now - timedelta(minutes=1)))
        await world.ticker.request(SweepTasks(at=now))
        await until(world, crew, [("overdue", State.WAITING, None)])
        await crew.give(task.id, crew.ann)

        await until(
            world,
            crew,
            [
                ("overdue", State.CANCELLED, "the task was given to somebody else"),
                ("unassigned", State.WAITING, None),
            ],
        )


async def test_a_comment_that_is_taken_back_or_names_others_is_not_told(world: World, crew: Crew) -> None:
    bus, cid = world.gateway, await world.user("Cid")
    bob = await world.named(crew.bob)
    await crew.take_in(cid)
    task = await crew.task("Buy paper")
    await world.know(crew.team)
    async with world.notifier():
        said = await bus.request(AddComment(by=crew.ann, task=task.id, text=f"Well, @{bob}"))
        await until(world, crew, [("mentioned", State.WAITING, None)])
        await bus.request(EditComment(by=crew.ann, comment=said.id, text=f"Well, @{bob}!"))
        await bus.request(EditComment(by=crew.ann, comment=said.id, text=f"Well, @{cid.username}"))
        await until(world, crew, [("mentioned", State.CANCELLED, "the comment names them no more")])

        again = await bus.request(AddComment(by=crew.ann, task=task.id, text=f"No, @{bob}"))
        first = ("mentioned", State.CANCELLED, "the comment names them no more")
        await until(world, crew, [first, ("mentioned", State.WAITING, None)])
        await bus.request(DeleteComment(by=crew.ann, comment=again.id))
        await until(world, crew, [first, ("mentioned", State.CANCELLED, "the comment was taken back")])


async def test_a_task_that_is_open_again_was_not_done(world: World, crew: Crew) -> None:
    task = await crew.task("Mine", by=crew.bob)
    await world.know(crew.team)
    async with world.notifier():
        await world.gateway.request(CompleteTask(by=crew.ann, task=task.id))
        await until(world, crew, [("completed", State.WAITING, None)])
        await world.gateway.request(ReopenTask(by=crew.ann, task=task.id))

        await until(world, crew, [("completed", State.CANCELLED, "the task is open again")])


async def test_a_toast_of_a_task_that_is_done_does_not_become_a_message(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    async with world.notifier():
        task = await crew.assign("Buy paper")
        await until(world, crew, [("assigned", State.SENDING, None)])
        await world.gateway.request(CompleteTask(by=crew.ann, task=task.id))

        await until(world, crew, [("assigned", State.CANCELLED, "the task is done")])
        assert (await world.claim(crew.bob)).delivery is None
