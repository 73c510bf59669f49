"""That something waits is said in a stream that may be lost: it is said again until somebody asks."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

from nats.js.errors import NotFoundError

from infra.bus import RawMessage
from infra.stream import consume
from schemas.base import OUTBOUND_STREAM, Role
from schemas.deliveries import DeliveryQueued, Outcome
from schemas.ids import UserId
from schemas.notices import Channel, State
from tests.actors.notices.world import Crew, World, chat_of
from tests.waiting import wait_for


@asynccontextmanager
async def nudges(world: World) -> AsyncGenerator[list[str]]:
    """The subjects of all nudges, while they happen."""
    heard: list[str] = []

    async def hear(raw: RawMessage) -> None:
        heard.append(raw.subject)

    listening = await world.operator.listen(DeliveryQueued.subjects(), hear)
    yield heard
    await listening.unsubscribe()


def nudge(user: UserId) -> str:
    return DeliveryQueued.subject_of(chat_of(user))


async def test_the_stream_holds_one_nudge_for_a_chat_however_much_waits(world: World, crew: Crew) -> None:
    async with world.notifier(), nudges(world) as heard:
        for n in range(3):
            await crew.assign(f"Task {n}")
            await wait_for(lambda n=n: heard.count(nudge(crew.bob)) == n + 1)
        taken: list[str] = []
        async with aclosing(consume(world.bot, OUTBOUND_STREAM, Role.BOT.value, "out.telegram.*", batch=50)) as batches:
            async for messages in batches:
                taken += [message.subject for message in messages]
                for message in messages:
                    await message.ack()
                if nudge(crew.bob) in taken:
                    break

    assert taken.count(nudge(crew.bob)) == 1


async def test_a_nudge_is_said_again_until_somebody_claims(world: World, crew: Crew) -> None:
    async with world.notifier(nudge=0.1), nudges(world) as heard:
        await crew.assign("Buy paper")
        await wait_for(lambda: heard.count(nudge(crew.bob)) >= 3)
        await world.sent(crew.bob)
        assert await world.count("notices.deliveries", "chat = :of AND nudge_at IS NOT NULL", chat_of(crew.bob)) == 0


async def test_whatever_waits_is_named_again_when_the_stream_was_lost(world: World, crew: Crew) -> None:
    async with world.notifier(nudge=3600) as notifier:
        await crew.assign("Buy paper")
        await wait_for(lambda: waits(world, crew))
        await world.lose_jetstream()
        stream = notifier.bus.client.jetstream(timeout=1)

        async def is_named() -> bool:
            try:
                info = await stream.stream_info(OUTBOUND_STREAM, subjects_filter="out.>")
            except NotFoundError:
                return False
            return nudge(crew.bob) in (info.state.subjects or {})

        await wait_for(is_named)


async def test_a_notifier_that_starts_names_what_waits(world: World, crew: Crew) -> None:
    async with world.notifier():
        await crew.assign("Buy paper")
        await wait_for(lambda: waits(world, crew))
    async with nudges(world) as heard, world.notifier(nudge=3600):
        await wait_for(lambda: nudge(crew.bob) in heard)


async def test_a_chat_is_named_when_its_pause_is_over(world: World, crew: Crew) -> None:
    async with world.notifier(nudge=3600), nudges(world) as heard:
        await crew.assign("Buy paper")
        await world.report(await world.delivery(crew.bob), Outcome.RETRY, retry_after=0.3)
        heard.clear()
        await wait_for(lambda: nudge(crew.bob) in heard)
        assert (await world.claim(crew.bob)).delivery is not None


async def test_a_chat_is_named_when_the_lease_of_whoever_had_it_is_over(world: World, crew: Crew) -> None:
    async with world.notifier(lease=0.3, nudge=3600), nudges(world) as heard:
        await crew.assign("Buy paper")
        await world.delivery(crew.bob)
        heard.clear()
        await wait_for(lambda: nudge(crew.bob) in heard)


async def waits(world: World, crew: Crew) -> bool:
    inbox = await world.inbox(crew.bob)
    return [(a.channel, a.state) for notice in inbox for a in notice.attempts] == [(Channel.TELEGRAM, State.WAITING)]
