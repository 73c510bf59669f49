import pytest

from actors.notifier import Lengths
from schemas.errors import BusError, ErrorCode
from schemas.ids import NoticeId
from schemas.notices import (
    SHOWN_AT_ONCE,
    AcknowledgeToasts,
    ChangePreferences,
    Channel,
    Kind,
    KindPreference,
    Notice,
    State,
    Toasted,
)
from schemas.tasks import ChangeTasks, TaskFields
from tests.actors.notices.world import PATIENT, QUICK, Crew, World
from tests.waiting import wait_for


async def acknowledge(world: World, crew: Crew, *notices: NoticeId) -> None:
    await world.gateway.request(AcknowledgeToasts(by=crew.bob, notices=notices))


async def ways(world: World, crew: Crew) -> list[tuple[Channel, State, str]]:
    """Where Bob was told of the newest thing."""
    newest = (await world.inbox(crew.bob))[0]
    return [(attempt.channel, attempt.state, attempt.reason) for attempt in newest.attempts]


async def shown(heard: list[Toasted]) -> Toasted:
    await wait_for(lambda: [toast for toast in heard if toast.toast])
    return next(toast for toast in heard if toast.toast)


async def test_whoever_is_active_in_the_web_is_shown_a_toast(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    async with world.notifier(), world.hearing(crew.bob) as heard:
        await crew.assign("Buy paper")
        toast = await shown(heard)
        assert [notice.title for notice in toast.notices] == ["Buy paper"]
        assert (toast.more, toast.unread) == (0, 1)

        await acknowledge(world, crew, toast.notices[0].id)
        assert await ways(world, crew) == [(Channel.TOAST, State.DELIVERED, "active in the web")]
        assert (await world.claim(crew.bob)).delivery is None


async def test_a_toast_that_nobody_acknowledges_becomes_a_message(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    async with world.notifier(QUICK), world.hearing(crew.bob) as heard:
        await crew.assign("Buy paper")
        await shown(heard)
        delivery = await world.sent(crew.bob)

    assert [notice.title for notice in delivery.notices] == ["Buy paper"]
    assert await ways(world, crew) == [
        (Channel.TOAST, State.FAILED, "active in the web"),
        (Channel.TELEGRAM, State.DELIVERED, "the browser did not say that it was shown"),
    ]


async def test_a_toast_follows_whoever_leaves_without_waiting_for_its_time(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    async with world.notifier(PATIENT), world.hearing(crew.bob) as heard:
        await crew.assign("Buy paper")
        await shown(heard)
        await world.here(crew.bob, is_active=False)
        await world.sent(crew.bob)

    assert (await ways(world, crew))[1] == (
        Channel.TELEGRAM,
        State.DELIVERED,
        "in the web, but not active there",
    )


async def test_an_acknowledgement_that_comes_late_still_spares_the_message(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    async with world.notifier(QUICK), world.hearing(crew.bob) as heard:
        await crew.assign("Buy paper")
        toast = await shown(heard)

        async def is_queued() -> bool:
            return len(await ways(world, crew)) == 2

        await wait_for(is_queued)
        await acknowledge(world, crew, toast.notices[0].id)

        assert (await world.claim(crew.bob)).delivery is None
        assert (await ways(world, crew))[1][1] is State.CANCELLED


async def test_a_toast_of_somebody_else_cannot_be_acknowledged(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    async with world.notifier(PATIENT), world.hearing(crew.bob) as heard:
        await crew.assign("Buy paper")
        toast = await shown(heard)

        with pytest.raises(BusError) as refusal:
            await world.gateway.request(AcknowledgeToasts(by=crew.ann, notices=(toast.notices[0].id,)))

        assert refusal.value.code is ErrorCode.NOT_FOUND
        assert (await ways(world, crew))[0][1] is State.SENDING


async def test_a_change_of_many_tasks_is_one_toast_and_one_acknowledgement(world: World, crew: Crew) -> None:
    tasks = tuple([(await crew.task(f"Task {n}")).id for n in range(25)])
    await world.know(crew.team)
    await world.here(crew.bob)
    async with world.notifier(Lengths(toast=60, gather=0.4)), world.hearing(crew.bob) as heard:
        fields = TaskFields(assignee=crew.bob)
        await world.gateway.request(ChangeTasks(by=crew.ann, team=crew.team, tasks=tasks, fields=fields))

        async def settled() -> list[Notice] | None:
            """Everything was shown, in one go or in two."""
            toasts = [toast for toast in heard if toast.toast]
            for toast in toasts:
                await acknowledge(world, crew, toast.notices[0].id)
            inbox = await world.inbox(crew.bob)
            done = [n for n in inbox if n.attempts and n.attempts[-1].state is State.DELIVERED]
            return done if len(done) == 25 else None

        assert await wait_for(settled)
        toasts = [toast for toast in heard if toast.toast]
        assert sum(len(toast.notices) + toast.more for toast in toasts) == 25
        assert len(toasts) <= 2
        assert max(len(toast.notices) for toast in toasts) == SHOWN_AT_ONCE


async def test_many_things_one_after_another_end_in_a_summary(world: World, crew: Crew) -> None:
    async with world.notifier(Lengths(gather=0.1, window=1.5, messages=3)):
        for n in range(12):
            await crew.assign(f"Task {n}")
        sizes: list[int] = []
        while sum(sizes) < 12:
            delivery = await world.sent(crew.bob)
            sizes.append(len(delivery.notices) + delivery.more)

    assert len(sizes) <= 5
    assert max(sizes) > 1
    assert len(await world.inbox(crew.bob)) == 12


async def test_the_badge_of_whoever_looks_on_is_live_also_where_nothing_is_shown(world: World, crew: Crew) -> None:
    await world.here(crew.bob, is_active=False)
    async with world.notifier(), world.hearing(crew.bob) as heard:
        await crew.assign("Buy paper")
        await wait_for(lambda: heard)

    (raised,) = heard
    assert (raised.toast, raised.unread, [notice.title for notice in raised.notices]) == (False, 1, ["Buy paper"])


async def test_where_the_web_is_off_for_a_kind_it_is_a_message(world: World, crew: Crew) -> None:
    await world.here(crew.bob)
    async with world.notifier():
        kinds = {Kind.ASSIGNED: KindPreference(web=False)}
        await world.gateway.request(ChangePreferences(by=crew.bob, kinds=kinds))
        await crew.assign("Buy paper")
        await world.sent(crew.bob)

    assert await ways(world, crew) == [(Channel.TELEGRAM, State.DELIVERED, "web is off for this kind")]
