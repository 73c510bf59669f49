"""Each event counts once, whatever the bus does."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack

from sqlalchemy import text

from actors.notifier.events import read_step
from actors.notifier.intake import Intake, Wanted
from actors.task_store.batch import carry_out
from infra.bus import Bus
from infra.mailbox import Envelope
from schemas.base import Role
from schemas.ids import Seq, TeamId
from schemas.notices import Kind
from schemas.replay import ReplayEvents
from schemas.tasks import ChangeTasks, CreateTask, TaskFields
from tests.actors.notices.world import Crew, World
from tests.waiting import wait_for


async def history_of(world: World, crew: Crew) -> list[bytes]:
    replay = await world.gateway.request(ReplayEvents(by=crew.ann, team=crew.team, after=Seq(0)))
    return [bytes(event) for event in replay.events]


async def take_in(intake: Intake, events: Iterable[bytes]) -> None:
    """As if these were heard together."""
    wanted: dict[TeamId, Wanted] = {}
    for event in events:
        if (step := read_step(event)) is not None:
            wanted.setdefault(step.team, Wanted()).add(step)
    await intake.work_off(wanted)


async def titles(world: World, crew: Crew) -> list[str | None]:
    return [notice.title for notice in reversed(await world.inbox(crew.bob))]


async def test_an_event_counts_once_however_often_and_in_whatever_order_it_comes(world: World, crew: Crew) -> None:
    for n in range(6):
        await crew.assign(f"Task {n}")
    events = await history_of(world, crew)
    async with Bus(world.settings, Role.NOTIFIER) as bus:
        first, second = (Intake(bus, world.engine, lambda _: None) for _ in range(2))
        late, early = events[-3:], events[:-3]
        for intake, some in ((first, late[1:2]), (second, early), (first, late), (second, late + early)):
            await take_in(intake, some)

    assert await titles(world, crew) == [f"Task {n}" for n in range(6)]


async def test_two_notifiers_that_are_brought_the_same_write_it_once(world: World, crew: Crew) -> None:
    for n in range(20):
        await crew.assign(f"Task {n}")
    events = await history_of(world, crew)
    async with AsyncExitStack() as exits:
        buses = [await exits.enter_async_context(Bus(world.settings, Role.NOTIFIER)) for _ in range(4)]
        intakes = [Intake(bus, world.engine, lambda _: None) for bus in buses]
        await asyncio.gather(
            *(take_in(one, events[n::2]) for n, one in enumerate(intakes)),
            *(take_in(one, events) for one in intakes),
        )

    assert Counter(await titles(world, crew)) == Counter(f"Task {n}" for n in range(20))


async def test_two_notifiers_at_work_tell_each_thing_once(world: World, crew: Crew) -> None:
    async with world.notifier(), world.notifier():
        for n in range(8):
            await crew.assign(f"Task {n}")
        seen: list[str | None] = []
        while len(seen) < 8:
            delivery = await world.sent(crew.bob)
            seen += [notice.title for notice in delivery.notices]

    assert seen == [f"Task {n}" for n in range(8)]


async def test_nonsense_among_the_events_stops_nothing(world: World, crew: Crew) -> None:
    task = await crew.assign("Sense")
    events = await history_of(world, crew)
    nonsense = [b"{", b'{"type":"task.assigned","team":%d,"seq":900}' % crew.team]
    async with Bus(world.settings, Role.NOTIFIER) as bus:
        intake = Intake(bus, world.engine, lambda _: None)
        await take_in(intake, nonsense)
        await take_in(intake, events)

    assert [notice.task for notice in await world.inbox(crew.bob)] == [task.id]


async def test_nothing_is_missed_when_all_streams_are_lost(world: World, crew: Crew) -> None:
    async with world.notifier():
        await crew.assign("Before")
        await wait_for(lambda: has(world, crew, 1))
        await world.lose_jetstream()
        await crew.assign("After")
        await wait_for(lambda: has(world, crew, 2))

        titles: list[str | None] = []
        while len(titles) < 2:  # in one message, where the first waited long enough for the second
            titles += [n.title for n in (await world.sent(crew.bob)).notices]
        assert titles == ["Before", "After"]


async def has(world: World, crew: Crew, count: int) -> bool:
    return len(await world.inbox(crew.bob)) == count


async def test_what_only_the_store_still_knows_is_told_by_the_next_notifier(world: World, crew: Crew) -> None:
    await crew.assign("Meanwhile")
    await world.lose_jetstream()
    async with world.notifier():
        assert [n.title for n in (await world.sent(crew.bob)).notices] == ["Meanwhile"]


async def test_what_is_never_published_is_found_by_comparing(world: World, crew: Crew) -> None:
    """The store that would have published this has died, and no other one has come yet."""
    async with world.notifier(compare=0.1):
        command = CreateTask(by=crew.ann, list=crew.todo, title="Orphan", assignee=crew.bob)
        await carry_out(world.engine, [Envelope(command, "")])
        await wait_for(lambda: has(world, crew, 1))


async def test_the_first_notifier_of_all_tells_nothing_old_and_then_everything(world: World, crew: Crew) -> None:
    await crew.assign("Old")
    async with world.engine.begin() as connection:
        await connection.execute(text("DELETE FROM notices.positions"))
    async with world.notifier():
        await crew.assign("New")
        late = await Crew.gather(world, is_known=False)

        assert [n.title for n in (await world.sent(crew.bob)).notices] == ["New"]
        assert [n.kind for n in (await world.sent(late.bob)).notices] == [Kind.ADDED]
    assert await titles(world, crew) == ["New"]


async def test_a_change_of_many_tasks_is_read_in_bounded_steps_and_told_whole(world: World, crew: Crew) -> None:
    tasks = tuple([(await crew.task(f"Task {n}")).id for n in range(30)])
    for _ in range(9):
        for to in (None, crew.bob):
            fields = TaskFields(assignee=to)
            await world.gateway.request(ChangeTasks(by=crew.ann, team=crew.team, tasks=tasks, fields=fields))
    async with Bus(world.settings, Role.NOTIFIER) as bus:
        await take_in(Intake(bus, world.engine, lambda _: None), (await history_of(world, crew))[-1:])

    page = await world.page(crew.bob)
    assert page.unread == 30 * 9 + 30 * 8
