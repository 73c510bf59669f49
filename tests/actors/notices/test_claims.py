from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from schemas.accounts import Language
from schemas.deliveries import TRIES, Claim, ClaimDelivery, Delivery, FindDelivery, Outcome, ReportDelivery
from schemas.ids import ChatId, DeliveryId, MessageId, TelegramId
from schemas.notices import Channel, ReadNotices, State
from schemas.tasks import CompleteTask
from schemas.telegram import ConfirmTelegram, CreateTelegramCode, UnlinkTelegram
from tests.actors.notices.world import Crew, World, chat_of
from tests.waiting import wait_for

_HURRY = text("""
    UPDATE notices.deliveries SET next_at = now() - interval '1 s' WHERE chat = :chat AND next_at IS NOT NULL
""")


def titles(delivery: Delivery) -> list[str | None]:
    return [notice.title for notice in delivery.notices]


async def states(world: World, crew: Crew) -> list[tuple[str | None, State, str | None]]:
    """How it stands with what Bob was told, the oldest first."""
    inbox = reversed(await world.inbox(crew.bob))
    return [(n.title, n.attempts[-1].state, n.attempts[-1].error) for n in inbox if n.attempts]


async def queued(world: World, crew: Crew, *names: str) -> None:
    """Bob is told of these one by one, in this order."""
    for name in names:
        await crew.assign(name)

        async def is_queued(name: str = name) -> bool:
            return (name, State.WAITING, None) in await states(world, crew)

        await wait_for(is_queued)


async def hurry(world: World, crew: Crew) -> None:
    """The pause that the next delivery has to keep is over."""
    async with world.engine.begin() as connection:
        await connection.execute(_HURRY, {"chat": chat_of(crew.bob)})


async def test_deliveries_of_a_chat_come_one_after_another_in_order(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "One", "Two", "Three")
        first = await world.delivery(crew.bob)
        assert titles(first) == ["One"]
        meanwhile = await world.claim(crew.bob)
        assert meanwhile.delivery is None
        assert meanwhile.retry_in is not None
        assert 50 < meanwhile.retry_in <= 60

        await world.report(first)
        assert [titles(await world.sent(crew.bob)) for _ in range(2)] == [["Two"], ["Three"]]
        assert await world.claim(crew.bob) == Claim(delivery=None)


async def test_one_that_waits_for_another_try_holds_back_those_behind_it(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "One", "Two")
        await world.report(await world.delivery(crew.bob), Outcome.RETRY, retry_after=37, error="429")

        waiting = await world.claim(crew.bob)
        assert waiting.delivery is None
        assert waiting.retry_in is not None
        assert 36 < waiting.retry_in <= 37
        assert await states(world, crew) == [("One", State.WAITING, "429"), ("Two", State.WAITING, None)]

        await hurry(world, crew)
        again = await world.delivery(crew.bob)
        assert (titles(again), again.attempt) == (["One"], 2)


async def test_pauses_become_longer_where_telegram_does_not_say_how_long(world: World, crew: Crew) -> None:
    pauses: list[float] = []
    async with world.notifier():
        await queued(world, crew, "One")
        for _ in range(4):
            await world.report(await world.delivery(crew.bob), Outcome.RETRY)
            pauses.append((await world.claim(crew.bob)).retry_in or 0)
            await hurry(world, crew)

    assert [round(pause / 2**n) for n, pause in enumerate(pauses)] == pytest.approx([2] * 4, abs=1)
    assert pauses == sorted(pauses)


async def test_after_the_last_try_it_is_given_up_and_the_next_one_comes(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "One", "Two")
        for n in range(TRIES):
            await hurry(world, crew)
            delivery = await world.delivery(crew.bob)
            assert delivery.attempt == n + 1
            await world.report(delivery, Outcome.RETRY, error="502")

        assert titles(await world.sent(crew.bob)) == ["Two"]
        assert await states(world, crew) == [("One", State.FAILED, "502"), ("Two", State.DELIVERED, None)]


async def test_what_telegram_never_takes_is_given_up_at_once(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "One", "Two")
        await world.report(await world.delivery(crew.bob), Outcome.REFUSED, error="400: too long")

        assert titles(await world.sent(crew.bob)) == ["Two"]
        assert (await states(world, crew))[0] == ("One", State.FAILED, "400: too long")


async def test_whoever_does_not_let_the_bot_write_has_it_all_in_the_inbox(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "One", "Two")
        await world.report(await world.delivery(crew.bob), Outcome.UNREACHABLE, error="403")

        assert await world.claim(crew.bob) == Claim(delivery=None)
        assert await states(world, crew) == [("One", State.FAILED, "403"), ("Two", State.FAILED, "403")]
        await world.reachable(crew.bob, is_reachable=False)
        await crew.assign("Three")
        await wait_for(lambda: has(world, crew, 3))
        await world.reachable(crew.bob, is_reachable=True)
        await queued(world, crew, "Four")

        assert titles(await world.sent(crew.bob)) == ["Four"]
        (attempt,) = (await world.inbox(crew.bob))[1].attempts
        assert attempt.reason.endswith("the bot may not write to them on Telegram")


async def has(world: World, crew: Crew, count: int) -> bool:
    return len(await states(world, crew)) == count


async def test_a_report_that_comes_twice_or_late_counts_once(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "One", "Two")
        first = await world.delivery(crew.bob)
        await world.report(first, Outcome.RETRY, error="502")
        await world.report(first, Outcome.REFUSED, error="late")
        await hurry(world, crew)
        second = await world.delivery(crew.bob)
        await world.report(first, Outcome.REFUSED, error="later still")
        assert (await world.claim(crew.bob)).delivery is None

        await world.report(second)
        await world.report(second)
        await world.report(second, Outcome.UNREACHABLE)
        await world.bot.request(ReportDelivery(delivery=DeliveryId(10**9), attempt=1, outcome=Outcome.SENT))

        assert titles(await world.sent(crew.bob)) == ["Two"]
        assert [state for _, state, _ in await states(world, crew)] == [State.DELIVERED] * 2


async def test_what_has_piled_up_while_no_bot_came_is_one_message(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, *(f"Task {n}" for n in range(13)))
        everything = await world.delivery(crew.bob)
        assert (titles(everything), everything.more) == ([f"Task {n}" for n in range(10)], 3)
        assert {state for _, state, _ in await states(world, crew)} == {State.SENDING}

        await world.report(everything)
        assert await world.claim(crew.bob) == Claim(delivery=None)
        assert {state for _, state, _ in await states(world, crew)} == {State.DELIVERED}


async def test_what_was_tried_already_is_not_mixed_with_what_piled_up_behind_it(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "First")
        await world.report(await world.delivery(crew.bob), Outcome.RETRY)
        await queued(world, crew, *(f"Task {n}" for n in range(6)))
        await hurry(world, crew)

        assert titles(await world.sent(crew.bob)) == ["First"]
        assert titles(await world.sent(crew.bob)) == [f"Task {n}" for n in range(6)]


async def test_a_lease_that_has_run_out_is_given_to_whoever_asks_next(world: World, crew: Crew) -> None:
    """The one way in which something may come twice: the first bot may have sent it, and died before it said so."""
    async with world.notifier(lease=0.1):
        await queued(world, crew, "One")
        first = await world.delivery(crew.bob)
        second = await world.delivery(crew.bob)

        assert (second.id, second.attempt) == (first.id, first.attempt + 1)
        # The first was only slow: then nobody needs to try a third time.
        await world.report(first, message=MessageId(77))
        assert await world.claim(crew.bob) == Claim(delivery=None)
        assert await states(world, crew) == [("One", State.DELIVERED, None)]


async def test_bots_that_never_report_do_not_try_for_ever(world: World, crew: Crew) -> None:
    async with world.notifier(lease=0):
        await queued(world, crew, "One")
        attempts = [(await world.delivery(crew.bob)).attempt for _ in range(TRIES)]

        assert attempts == list(range(1, TRIES + 1))
        assert await world.claim(crew.bob) == Claim(delivery=None)
        assert await states(world, crew) == [("One", State.FAILED, "nobody said what became of it")]


async def test_what_was_read_or_done_meanwhile_is_not_claimed(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "Read", "Done", "Left")
        read = (await world.inbox(crew.bob))[2]
        done = (await world.inbox(crew.bob))[1]
        assert read.task
        assert done.task
        await world.gateway.request(ReadNotices(by=crew.bob, notices=(read.id,)))
        await world.gateway.request(CompleteTask(by=crew.ann, task=done.task))

        async def is_cancelled() -> bool:
            return ("Done", State.CANCELLED, "the task is done") in await states(world, crew)

        await wait_for(is_cancelled)
        assert titles(await world.sent(crew.bob)) == ["Left"]
        assert await states(world, crew) == [
            ("Read", State.CANCELLED, "read"),
            ("Done", State.CANCELLED, "the task is done"),
            ("Left", State.DELIVERED, None),
        ]


async def test_what_is_read_while_it_is_being_sent_was_sent(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "One")
        delivery = await world.delivery(crew.bob)
        await world.gateway.request(ReadNotices(by=crew.bob, all=True))
        await world.report(delivery)

        assert await states(world, crew) == [("One", State.DELIVERED, None)]


async def test_a_message_tells_what_it_told_of(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "One")
        delivery = await world.delivery(crew.bob)
        await world.report(delivery, message=MessageId(4711))
        chat = chat_of(crew.bob)

        found = await world.bot.request(FindDelivery(chat=chat, message=MessageId(4711)))
        assert found is not None
        assert (found.id, found.user, titles(found)) == (delivery.id, crew.bob, ["One"])
        assert await world.bot.request(FindDelivery(chat=chat, message=MessageId(1))) is None
        assert await world.bot.request(FindDelivery(chat=ChatId(5), message=MessageId(4711))) is None


async def test_a_delivery_says_how_it_is_to_be_told(world: World, crew: Crew) -> None:
    async with world.notifier():
        await world.speaks(crew.bob, Language.RU, "Asia/Tokyo")
        await queued(world, crew, "One")
        delivery = await world.delivery(crew.bob)

    assert (delivery.language, delivery.time_zone) == ("ru", "Asia/Tokyo")
    assert (delivery.chat, delivery.user, delivery.thread) == (chat_of(crew.bob), crew.bob, None)
    assert (delivery.more, delivery.is_digest) == (0, False)


async def test_what_waits_follows_whoever_links_another_account_and_is_not_sent_to_the_old_one(
    world: World, crew: Crew
) -> None:
    async with world.notifier():
        await queued(world, crew, "One", "Two")
        other = await world.link(crew.bob, TelegramId(crew.bob + 2_000_000))

        assert await world.claim(crew.bob) == Claim(delivery=None)

        async def claimed() -> Delivery | None:
            return (await world.bot.request(ClaimDelivery(chat=ChatId(other)))).delivery

        delivery = await wait_for(claimed)
        assert delivery
        assert titles(delivery) == ["One", "Two"]


async def test_chats_do_not_wait_for_each_other(world: World, crew: Crew) -> None:
    cid = await world.user("Cid")
    await crew.take_in(cid)
    await world.know(crew.team)
    async with world.notifier():
        await queued(world, crew, "One")
        await crew.assign("Other", to=cid.id)
        await world.delivery(crew.bob)

        assert titles(await world.sent(cid.id)) == ["Other"]
        assert await world.bot.request(ClaimDelivery(chat=ChatId(12345))) == Claim(delivery=None)


async def test_a_notice_names_the_channel_and_how_often_it_was_tried(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "One")
        await world.report(await world.delivery(crew.bob), Outcome.RETRY)
        (attempt,) = (await world.inbox(crew.bob))[0].attempts

    assert (attempt.channel, attempt.state, attempt.tries) == (Channel.TELEGRAM, State.WAITING, 1)
    assert timedelta() < datetime.now(UTC) - attempt.at < timedelta(minutes=1)


async def test_what_waits_for_a_chat_does_not_go_there_once_it_is_theirs_no_more(world: World, crew: Crew) -> None:
    async with world.notifier():
        await queued(world, crew, "One", "Two")
        await world.report(await world.delivery(crew.bob), Outcome.RETRY, retry_after=0.1)
        await world.gateway.request(UnlinkTelegram(by=crew.bob))

        assert (await world.claim(crew.bob)).delivery is None
        kept = "not in the web; Telegram is not linked"

        async def reasons() -> bool:
            return {notice.attempts[-1].reason for notice in await world.inbox(crew.bob)} == {kept}

        await wait_for(reasons)


async def test_what_waits_for_a_chat_follows_whoever_links_another_one(world: World, crew: Crew) -> None:
    elsewhere = ChatId(chat_of(crew.bob) + 5_000_000)
    async with world.notifier():
        await queued(world, crew, "One", "Two")
        code = await world.bot.request(CreateTelegramCode(telegram=TelegramId(elsewhere)))
        await world.gateway.request(ConfirmTelegram(by=crew.bob, code=code.code))
        cid = await world.user("Cid", telegram=False)
        code = await world.bot.request(CreateTelegramCode(telegram=TelegramId(chat_of(crew.bob))))
        await world.gateway.request(ConfirmTelegram(by=cid.id, code=code.code))

        assert await world.claim(crew.bob) == Claim(delivery=None)
        there: list[str | None] = []
        while len(there) < 2:
            if delivery := (await world.bot.request(ClaimDelivery(chat=elsewhere))).delivery:
                there += titles(delivery)
                await world.report(delivery)
        assert there == ["One", "Two"]
