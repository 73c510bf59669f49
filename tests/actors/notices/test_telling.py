from schemas.notices import Channel, Kind, State
from tests.actors.notices.world import Crew, World
from tests.waiting import wait_for


async def test_whoever_is_given_a_task_is_told_on_telegram(world: World, crew: Crew) -> None:
    async with world.notifier():
        task = await crew.assign("Buy paper")
        delivery = await world.sent(crew.bob)
        (notice,) = await wait_for(lambda: world.inbox(crew.bob))

    assert [told.task for told in delivery.notices] == [task.id]
    assert (notice.kind, notice.title, notice.by, notice.by_name) == (Kind.ASSIGNED, "Buy paper", crew.ann, "Ann")
    (attempt,) = notice.attempts
    assert (attempt.channel, attempt.state, attempt.tries) == (Channel.TELEGRAM, State.DELIVERED, 1)


async def test_whoever_is_active_in_the_web_is_shown_a_toast(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    async with world.notifier(), world.hearing(crew.bob) as heard:
        await crew.assign("Buy paper")
        await wait_for(lambda: heard)

    assert [[notice.title for notice in toast.notices] for toast in heard] == [["Buy paper"]]
