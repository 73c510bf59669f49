from datetime import UTC, datetime, timedelta

from schemas.base import UtcTime
from schemas.clock import Lead, SweepTasks
from schemas.comments import AddComment, EditComment
from schemas.history import Undo
from schemas.ids import TaskId, UserId
from schemas.members import RemoveMember
from schemas.notices import ChangePreferences, ChangeReminder, Channel, Kind, Notice, State
from schemas.tasks import CompleteTask, UpdateTask, WatchTask
from tests.actors.notices.world import Crew, World
from tests.waiting import wait_for


async def told(world: World, user: UserId, count: int = 1) -> list[tuple[Kind, str | None]]:
    """What lies in an inbox, when there is so much of it, the oldest first."""

    async def enough() -> list[Notice] | None:
        notices = await world.inbox(user)
        return notices if len(notices) >= count else None

    notices = await wait_for(enough)
    assert notices
    return [(notice.kind, notice.title) for notice in reversed(notices)]


async def test_whoever_is_given_a_task_is_told_on_telegram_when_they_are_away(world: World, crew: Crew) -> None:
    async with world.notifier():
        task = await crew.assign("Buy paper")
        delivery = await world.sent(crew.bob)
        (notice,) = await world.inbox(crew.bob)

    assert [told.task for told in delivery.notices] == [task.id]
    assert (notice.kind, notice.title, notice.by, notice.by_name) == (Kind.ASSIGNED, "Buy paper", crew.ann, "Ann")
    assert (notice.team, notice.team_name) == (crew.team, "Crew")
    (attempt,) = notice.attempts
    assert (attempt.channel, attempt.state, attempt.tries) == (Channel.TELEGRAM, State.DELIVERED, 1)
    assert attempt.reason == "not in the web"


async def test_nobody_is_told_of_their_own_act(world: World, crew: Crew) -> None:
    async with world.notifier():
        await crew.task("Mine", by=crew.bob, assignee=crew.bob)
        await crew.assign("Yours")

        assert await told(world, crew.bob) == [(Kind.ASSIGNED, "Yours")]
        assert await world.inbox(crew.ann) == []


async def test_whoever_loses_a_task_is_told_and_so_is_who_gets_it(world: World, crew: Crew) -> None:
    cid = await world.user("Cid")
    await crew.take_in(cid)
    async with world.notifier():
        task = await crew.assign("Buy paper")
        await world.sent(crew.bob)
        await crew.give(task.id, cid.id)

        assert await told(world, crew.bob, 2) == [(Kind.ASSIGNED, "Buy paper"), (Kind.UNASSIGNED, "Buy paper")]
        assert (await told(world, cid.id, 2))[-1] == (Kind.ASSIGNED, "Buy paper")


async def test_whoever_is_mentioned_is_told_once_and_a_changed_comment_tells_only_new_ones(
    world: World, crew: Crew
) -> None:
    bus, cid, dee = world.gateway, await world.user("Cid"), await world.user("Dee")
    await crew.take_in(cid)
    await crew.take_in(dee)
    await world.know(crew.team)
    async with world.notifier():
        task = await crew.assign("Buy paper")
        said = await bus.request(AddComment(by=crew.ann, task=task.id, text=f"Ask @{cid.username}"))
        assert await told(world, cid.id) == [(Kind.MENTIONED, "Buy paper")]
        assert await told(world, crew.bob, 2) == [(Kind.ASSIGNED, "Buy paper"), (Kind.COMMENTED, "Buy paper")]

        text = f"Ask @{cid.username} or @{dee.username}"
        await bus.request(EditComment(by=crew.ann, comment=said.id, text=text))
        assert await told(world, dee.id) == [(Kind.MENTIONED, "Buy paper")]

        (notice,) = await world.inbox(cid.id)
        assert (notice.text, notice.comment) == (f"Ask @{cid.username}", said.id)


async def test_the_creator_and_the_watchers_hear_what_is_done(world: World, crew: Crew) -> None:
    cid = await world.user("Cid")
    await crew.take_in(cid)
    await world.know(crew.team)
    async with world.notifier():
        task = await crew.assign("Buy paper")
        await world.gateway.request(WatchTask(by=cid.id, task=task.id))
        await world.gateway.request(CompleteTask(by=crew.bob, task=task.id))

        assert await told(world, crew.ann) == [(Kind.COMPLETED, "Buy paper")]
        assert await told(world, cid.id) == [(Kind.COMPLETED, "Buy paper")]
        assert await told(world, crew.bob) == [(Kind.ASSIGNED, "Buy paper")]


async def test_whoever_is_taken_into_a_team_is_told(world: World, crew: Crew) -> None:
    cid = await world.user("Cid")
    async with world.notifier():
        await crew.take_in(cid)

        assert await told(world, cid.id) == [(Kind.ADDED, None)]


async def test_whoever_has_left_is_told_nothing(world: World, crew: Crew) -> None:
    task = await crew.task("Buy paper")
    await world.gateway.request(WatchTask(by=crew.bob, task=task.id))
    await world.gateway.request(RemoveMember(by=crew.ann, team=crew.team, user=crew.bob))
    cid = await world.user("Cid")
    async with world.notifier():
        await world.gateway.request(AddComment(by=crew.ann, task=task.id, text="Anybody there?"))
        await crew.take_in(cid)
        await told(world, cid.id)

        assert await world.inbox(crew.bob) == []


async def test_taking_back_tells_nobody(world: World, crew: Crew) -> None:
    task = await crew.task("Buy paper")
    await crew.give(task.id, crew.bob)
    await crew.give(task.id, None)
    await world.know(crew.team)
    async with world.notifier():
        await world.gateway.request(Undo(by=crew.ann, team=crew.team))
        await crew.assign("Another")

        assert await told(world, crew.bob) == [(Kind.ASSIGNED, "Another")]


async def due(world: World, crew: Crew, after: timedelta, *tasks: TaskId) -> UtcTime:
    """Deadlines so long from now."""
    at = datetime.now(UTC) + after
    for task in tasks:
        await world.gateway.request(UpdateTask(by=crew.ann, task=task, due_at=at))
    return at


async def test_a_deadline_is_told_as_early_as_each_wants_it(world: World, crew: Crew) -> None:
    bus, cid = world.gateway, await world.user("Cid")
    await crew.take_in(cid)
    usual, early, never = [await crew.assign(title) for title in ("Usual", "Early", "Never")]
    await bus.request(WatchTask(by=cid.id, task=usual.id))
    await world.know(crew.team)
    async with world.notifier():
        await bus.request(ChangePreferences(by=crew.bob, remind=Lead.TEN_MINUTES))
        await bus.request(ChangeReminder(by=crew.bob, task=early.id, remind=Lead.ONE_DAY))
        await bus.request(ChangeReminder(by=crew.bob, task=never.id, remind=None))
        at = await due(world, crew, timedelta(days=2), usual.id, early.id, never.id)

        await world.ticker.request(SweepTasks(at=at - timedelta(hours=23)))
        assert await told(world, crew.bob) == [(Kind.DUE_SOON, "Early")]
        await world.ticker.request(SweepTasks(at=at - timedelta(minutes=59)))
        assert await told(world, cid.id) == [(Kind.DUE_SOON, "Usual")]
        await world.ticker.request(SweepTasks(at=at - timedelta(minutes=9)))
        assert await told(world, crew.bob, 2) == [(Kind.DUE_SOON, "Early"), (Kind.DUE_SOON, "Usual")]
        await world.ticker.request(SweepTasks(at=at + timedelta(seconds=1)))
        overdue = [(Kind.OVERDUE, title) for title in ("Early", "Never", "Usual")]
        assert sorted((await told(world, crew.bob, 5))[2:]) == overdue
