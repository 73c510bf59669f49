import pytest

from schemas.deliveries import ListDeliveries, Outcome, RetryDelivery
from schemas.errors import BusError, ErrorCode
from schemas.ids import DeliveryId
from schemas.notices import ReadNotices, State
from tests.actors.notices.world import Crew, World, chat_of


async def refused(world: World, command: ListDeliveries | RetryDelivery) -> ErrorCode:
    with pytest.raises(BusError) as refusal:
        await world.gateway.request(command)
    return refusal.value.code


async def given_up(world: World, crew: Crew, title: str = "Lost") -> DeliveryId:
    await crew.assign(title)
    delivery = await world.delivery(crew.bob)
    await world.report(delivery, Outcome.REFUSED, error="400")
    return delivery.id


async def test_administrators_see_what_was_given_up(world: World, crew: Crew) -> None:
    root = await world.user("Root", is_admin=True)
    async with world.notifier():
        lost = [await given_up(world, crew, f"Lost {n}") for n in range(3)]
        page = await world.gateway.request(ListDeliveries(by=root.id, limit=2))
        rest = await world.gateway.request(ListDeliveries(by=root.id, limit=2, before=page.before))

    assert [row.id for row in page.deliveries] == lost[:0:-1]
    assert rest.deliveries[0].id == lost[0]
    row = page.deliveries[0]
    assert (row.chat, row.user, row.state, row.notices) == (chat_of(crew.bob), crew.bob, State.FAILED, 1)
    assert (row.tries, row.error, row.next_at) == (1, "400", None)


async def test_administrators_send_it_once_more(world: World, crew: Crew) -> None:
    root = await world.user("Root", is_admin=True)
    async with world.notifier():
        lost = await given_up(world, crew)
        row = await world.gateway.request(RetryDelivery(by=root.id, delivery=lost))
        assert (row.state, row.tries) == (State.WAITING, 1)
        again = await world.sent(crew.bob)
        assert (again.id, again.attempt, [notice.title for notice in again.notices]) == (lost, 2, ["Lost"])

        assert await refused(world, RetryDelivery(by=root.id, delivery=lost)) is ErrorCode.CONFLICT
        (notice,) = await world.inbox(crew.bob)
        assert notice.attempts[-1].state is State.DELIVERED


async def test_what_was_read_meanwhile_is_not_sent_again(world: World, crew: Crew) -> None:
    root = await world.user("Root", is_admin=True)
    async with world.notifier():
        lost = await given_up(world, crew)
        await world.gateway.request(ReadNotices(by=crew.bob, all=True))

        assert await refused(world, RetryDelivery(by=root.id, delivery=lost)) is ErrorCode.CONFLICT
        assert await refused(world, RetryDelivery(by=root.id, delivery=DeliveryId(10**9))) is ErrorCode.NOT_FOUND


async def test_nobody_else_sees_or_sends_anything(world: World, crew: Crew) -> None:
    async with world.notifier():
        lost = await given_up(world, crew)

        for by in (crew.ann, crew.bob):
            assert await refused(world, ListDeliveries(by=by)) is ErrorCode.FORBIDDEN
            assert await refused(world, RetryDelivery(by=by, delivery=lost)) is ErrorCode.FORBIDDEN
        assert (await world.claim(crew.bob)).delivery is None
