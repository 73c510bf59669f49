from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from actors.notifier.inbox import Inbox
from schemas.errors import BusError, ErrorCode
from schemas.ids import NoticeId
from schemas.notices import (
    Channel,
    ListNotices,
    Notice,
    NoticePage,
    ReadNotices,
    Settled,
    SnoozeNotice,
    State,
    Unread,
)
from schemas.tasks import CompleteTask
from tests.actors.notices.world import Crew, World
from tests.waiting import wait_for


async def filled(world: World, crew: Crew, count: int) -> list[Notice]:
    """So many things that Bob was told, the newest first."""
    for n in range(count):
        await crew.assign(f"Task {n}")

    async def is_filled() -> list[Notice] | None:
        inbox = await world.inbox(crew.bob)
        return inbox if len(inbox) == count and all(notice.attempts for notice in inbox) else None

    inbox = await wait_for(is_filled)
    assert inbox
    return inbox


async def refused(world: World, command: ReadNotices | SnoozeNotice) -> tuple[ErrorCode, str | None]:
    with pytest.raises(BusError) as refusal:
        await world.gateway.request(command)
    return refusal.value.code, refusal.value.field


async def test_an_inbox_comes_in_pages_the_newest_first(world: World, crew: Crew) -> None:
    async with world.notifier():
        await filled(world, crew, 5)
        pages: list[NoticePage] = []
        before = None
        while not pages or before is not None:
            pages.append(await world.gateway.request(ListNotices(by=crew.bob, limit=2, before=before)))
            before = pages[-1].before

    titles = [[notice.title for notice in page.notices] for page in pages]
    assert titles == [["Task 4", "Task 3"], ["Task 2", "Task 1"], ["Task 0"]]
    assert {page.unread for page in pages} == {5}


async def test_what_is_read_is_no_longer_unread_in_any_tab(world: World, crew: Crew) -> None:
    async with world.notifier(), world.settling(crew.bob) as heard:
        newest, *_ = await filled(world, crew, 3)
        answer = await world.gateway.request(ReadNotices(by=crew.bob, notices=(newest.id,)))
        assert answer == Unread(unread=2)
        await wait_for(lambda: heard)
        again = await world.gateway.request(ReadNotices(by=crew.bob, notices=(newest.id,)))
        unread = await world.gateway.request(ListNotices(by=crew.bob, unread=True))
        await world.gateway.request(ReadNotices(by=crew.bob, all=True))
        await wait_for(lambda: len(heard) == 2)

    assert again == Unread(unread=2)
    assert [notice.title for notice in unread.notices] == ["Task 1", "Task 0"]
    assert heard == [Settled(user=crew.bob, unread=2), Settled(user=crew.bob, unread=0)]


async def test_all_about_a_task_can_be_read_at_once(world: World, crew: Crew) -> None:
    async with world.notifier():
        newest, *_ = await filled(world, crew, 2)
        assert newest.task
        assert await world.gateway.request(ReadNotices(by=crew.bob, task=newest.task)) == Unread(unread=1)
        first, second = await world.inbox(crew.bob)

    assert first.read_at is not None
    assert second.read_at is None


async def test_notices_of_others_are_not_there(world: World, crew: Crew) -> None:
    async with world.notifier():
        (notice,) = await filled(world, crew, 1)
        later = datetime.now(UTC) + timedelta(hours=1)

        for named in ((notice.id,), (NoticeId(10**9),)):
            assert (await refused(world, ReadNotices(by=crew.ann, notices=named)))[0] is ErrorCode.NOT_FOUND
        snooze = SnoozeNotice(by=crew.ann, notice=notice.id, until=later)
        assert (await refused(world, snooze))[0] is ErrorCode.NOT_FOUND
        assert await world.gateway.request(ReadNotices(by=crew.ann, all=True)) == Unread(unread=0)
        assert (await world.gateway.request(ListNotices(by=crew.ann))).notices == []
        assert (await world.page(crew.bob)).unread == 1


async def test_what_makes_no_sense_is_refused(world: World, crew: Crew) -> None:
    async with world.notifier():
        (notice,) = await filled(world, crew, 1)
        now = datetime.now(UTC)

        assert await refused(world, ReadNotices(by=crew.bob)) == (ErrorCode.INVALID, "notices")
        for until in (now - timedelta(seconds=1), now + timedelta(days=367)):
            snooze = SnoozeNotice(by=crew.bob, notice=notice.id, until=until)
            assert await refused(world, snooze) == (ErrorCode.INVALID, "until")


async def test_a_snoozed_notice_is_read_until_it_is_told_again(world: World, crew: Crew) -> None:
    async with world.notifier():
        (notice,) = await filled(world, crew, 1)
        until = datetime.now(UTC) + timedelta(hours=1)
        snoozed = await world.gateway.request(SnoozeNotice(by=crew.bob, notice=notice.id, until=until))
        assert (snoozed.snoozed_until, (await world.page(crew.bob)).unread) == (until, 0)
        assert (await world.claim(crew.bob)).delivery is None
        await world.gateway.request(ReadNotices(by=crew.bob, all=True))

        await world.hasten(notice.id)
        delivery = await world.sent(crew.bob)
        page = await world.page(crew.bob)

    assert [told.id for told in delivery.notices] == [notice.id]
    assert (page.unread, page.notices[0].snoozed_until) == (1, None)
    states = [(attempt.channel, attempt.state) for attempt in page.notices[0].attempts]
    assert states == [(Channel.TELEGRAM, State.CANCELLED), (Channel.TELEGRAM, State.DELIVERED)]


async def test_a_snoozed_notice_of_a_task_that_is_done_is_not_told_again(world: World, crew: Crew) -> None:
    async with world.notifier():
        (notice,) = await filled(world, crew, 1)
        assert notice.task
        until = datetime.now(UTC) + timedelta(hours=1)
        await world.gateway.request(SnoozeNotice(by=crew.bob, notice=notice.id, until=until))
        await world.gateway.request(CompleteTask(by=crew.ann, task=notice.task))
        await wait_for(lambda: world.is_settled(notice.id))


async def test_old_notices_are_forgotten_and_of_those_that_were_read_all_but_the_newest(
    world: World, crew: Crew
) -> None:
    async with world.notifier():
        await filled(world, crew, 2)
    async with world.engine.begin() as connection:
        many = text("""
            INSERT INTO notices.notices (recipient, thread, kind, team, team_name, seq, at, read_at, stage)
            SELECT :bob, 0, 'added', :team, 'Crew', 10000 + n, now(), now(), 'settled' FROM generate_series(1, 1200) n
        """)
        await connection.execute(many, {"bob": crew.bob, "team": crew.team})
        old = text("UPDATE notices.notices SET at = now() - interval '91 days' WHERE recipient = :bob AND seq < 10000")
        await connection.execute(old, {"bob": crew.bob})

    await Inbox(world.gateway, world.engine).forget()

    async with world.engine.connect() as connection:
        left = text("SELECT count(*), min(seq) FROM notices.notices WHERE recipient = :bob")
        assert tuple((await connection.execute(left, {"bob": crew.bob})).one()) == (1000, 10201)


async def test_what_is_snoozed_for_long_keeps_nothing_else_from_being_forgotten(world: World, crew: Crew) -> None:
    async with world.engine.begin() as connection:
        # The oldest of all, and what comes after them.
        many = text("""
            INSERT INTO notices.notices (id, recipient, thread, kind, team, team_name, seq, at, read_at, stage)
            OVERRIDING SYSTEM VALUE SELECT -n, :bob, 0, 'added', :team, 'Crew', 10000 + n, now() - interval '91 days',
                now(), CASE n WHEN 1 THEN 'settled' ELSE 'snoozed' END FROM generate_series(1, 1002) n
        """)
        await connection.execute(many, {"bob": crew.bob, "team": crew.team})

    await Inbox(world.gateway, world.engine).forget()

    assert await world.count("notices.notices", "recipient = :of", crew.bob) == 1001
    async with world.engine.begin() as connection:
        await connection.execute(text("DELETE FROM notices.notices WHERE recipient = :bob"), {"bob": crew.bob})
