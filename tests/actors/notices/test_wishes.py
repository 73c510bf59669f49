from datetime import UTC, datetime, timedelta

import pytest

from schemas.accounts import Language
from schemas.clock import Lead
from schemas.errors import BusError, ErrorCode
from schemas.ids import TaskId
from schemas.notices import (
    ChangePreferences,
    ChangeReminder,
    GetPreferences,
    GetReminder,
    Kind,
    KindPreference,
    Preferences,
    QuietHours,
    Reminder,
    State,
    TelegramMode,
)
from tests.actors.notices.world import Crew, World
from tests.waiting import wait_for

DIGEST = {Kind.ASSIGNED: KindPreference(telegram=TelegramMode.DIGEST)}


async def test_everybody_begins_with_everything_at_once(world: World, crew: Crew) -> None:
    async with world.notifier():
        wishes = await world.gateway.request(GetPreferences(by=crew.bob))

    assert wishes == Preferences(kinds=dict.fromkeys(Kind, KindPreference()))


async def test_what_is_not_named_stays_as_it_is(world: World, crew: Crew) -> None:
    quiet, until = QuietHours(start="22:00", until="08:00"), datetime.now(UTC) + timedelta(hours=1)
    bus = world.gateway
    async with world.notifier():
        await bus.request(ChangePreferences(by=crew.bob, kinds=DIGEST, quiet_hours=quiet))
        off = {Kind.COMMENTED: KindPreference(web=False, telegram=TelegramMode.OFF)}
        await bus.request(ChangePreferences(by=crew.bob, kinds=off, remind=None, muted_until=until))
        changed = await bus.request(ChangePreferences(by=crew.bob, digest_at="18:30"))

        assert changed == await bus.request(GetPreferences(by=crew.bob))
        assert (changed.quiet_hours, changed.digest_at, changed.remind) == (quiet, "18:30", None)
        assert changed.muted_until == until
        assert changed.kinds[Kind.ASSIGNED] == DIGEST[Kind.ASSIGNED]
        assert changed.kinds[Kind.COMMENTED] == off[Kind.COMMENTED]
        assert changed.kinds[Kind.OVERDUE] == KindPreference()

        cleared = await bus.request(ChangePreferences(by=crew.bob, quiet_hours=None, muted_until=None))
        assert (cleared.quiet_hours, cleared.muted_until) == (None, None)
        assert (await bus.request(GetPreferences(by=crew.ann))).digest_at == "09:00"


async def test_quiet_hours_that_are_no_hours_are_refused(world: World, crew: Crew) -> None:
    async with world.notifier():
        hours = QuietHours(start="08:00", until="08:00")
        with pytest.raises(BusError) as refusal:
            await world.gateway.request(ChangePreferences(by=crew.bob, quiet_hours=hours))

    assert (refusal.value.code, refusal.value.field) == (ErrorCode.INVALID, "quiet_hours")


async def test_a_task_may_have_a_reminder_of_its_own(world: World, crew: Crew) -> None:
    bus, task = world.gateway, TaskId(4711)
    async with world.notifier():
        usual = await bus.request(GetReminder(by=crew.bob, task=task))
        assert usual == Reminder(task=task, remind=Lead.ONE_HOUR, own=False)

        never = await bus.request(ChangeReminder(by=crew.bob, task=task, remind=None))
        assert never == Reminder(task=task, remind=None, own=True)
        early = await bus.request(ChangeReminder(by=crew.bob, task=task, remind=Lead.ONE_DAY))
        assert early == Reminder(task=task, remind=Lead.ONE_DAY, own=True)
        assert await bus.request(GetReminder(by=crew.ann, task=task)) == usual

        await bus.request(ChangePreferences(by=crew.bob, remind=Lead.TEN_MINUTES))
        again = await bus.request(ChangeReminder(by=crew.bob, task=task))
        assert again == Reminder(task=task, remind=Lead.TEN_MINUTES, own=False)


async def ways(world: World, crew: Crew) -> list[tuple[State, str]]:
    return [(a.state, a.reason) for notice in await world.inbox(crew.bob) for a in notice.attempts]


async def told(world: World, crew: Crew, count: int) -> bool:
    return len(await ways(world, crew)) == count


async def test_the_digest_tells_all_that_was_kept_for_it_in_one_message(world: World, crew: Crew) -> None:
    async with world.notifier():
        await world.gateway.request(ChangePreferences(by=crew.bob, kinds=DIGEST))
        for n in range(12):
            await crew.assign(f"Task {n}")
        await wait_for(lambda: told(world, crew, 12))
        assert (await world.claim(crew.bob)).delivery is None
        assert set(await ways(world, crew)) == {(State.WAITING, "not in the web; kept for the digest at 09:00")}

        await world.hasten(*(notice.id for notice in await world.inbox(crew.bob)))
        digest = await world.sent(crew.bob)

        assert (digest.is_digest, len(digest.notices), digest.more) == (True, 10, 2)
        assert [notice.title for notice in digest.notices] == [f"Task {n}" for n in range(10)]
        assert set(await ways(world, crew)) == {(State.DELIVERED, "the digest is due")}


async def test_what_came_in_quiet_hours_is_told_when_they_are_over(world: World, crew: Crew) -> None:
    def clock(hours: int) -> str:
        return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%H:00")

    quiet = QuietHours(start=clock(-1), until=clock(3))
    async with world.notifier():
        await world.gateway.request(ChangePreferences(by=crew.bob, quiet_hours=quiet))
        await crew.assign("Night")
        await wait_for(lambda: told(world, crew, 1))
        assert await ways(world, crew) == [(State.WAITING, f"not in the web; quiet hours until {quiet.until}")]
        assert (await world.claim(crew.bob)).delivery is None

        await world.gateway.request(ChangePreferences(by=crew.bob, quiet_hours=None))
        await world.hasten(*(notice.id for notice in await world.inbox(crew.bob)))
        await world.sent(crew.bob)
        assert await ways(world, crew) == [(State.DELIVERED, "not in the web")]


async def test_whoever_has_no_telegram_or_mutes_it_has_it_in_the_inbox(world: World, crew: Crew) -> None:
    cid = await world.user("Cid", telegram=False)
    await crew.take_in(cid)
    await world.know(crew.team)
    async with world.notifier():
        muted = datetime.now(UTC) + timedelta(hours=1)
        await world.gateway.request(ChangePreferences(by=crew.bob, muted_until=muted))
        await crew.assign("Bob's")
        await crew.assign("Cid's", to=cid.id)
        await wait_for(lambda: told(world, crew, 1))

        async def attempts() -> list[str]:
            return [attempt.reason for notice in await world.inbox(cid.id) for attempt in notice.attempts]

        assert await wait_for(attempts) == ["not in the web; Telegram is not linked"]
        ((state, reason),) = await ways(world, crew)
        assert (state, reason.split(" until ")[0]) == (State.CANCELLED, "not in the web; muted")
        assert (await world.claim(crew.bob)).delivery is None


async def test_a_moment_that_is_out_of_range_for_clocks_keeps_nobody_from_hearing(world: World, crew: Crew) -> None:
    await world.speaks(crew.bob, Language.EN, "Asia/Tokyo")
    too_late = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    async with world.notifier():
        with pytest.raises(BusError) as refusal:
            await world.gateway.request(ChangePreferences(by=crew.bob, muted_until=too_late))
        assert (refusal.value.code, refusal.value.field) == (ErrorCode.INVALID, "muted_until")
        await crew.assign("Buy paper")
        await world.sent(crew.bob)
