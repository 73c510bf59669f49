"""What the bot and the notifier ask of accounts: deep links, reachability, contacts; and what everybody is told."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from infra.bus import Bus, RawMessage
from infra.config import Settings
from infra.redis import Redis
from schemas.accounts import ChangeUser, Language, UpdateProfile
from schemas.audit import ListAudit
from schemas.base import Role
from schemas.errors import BusError, ErrorCode
from schemas.ids import TelegramId, UserId
from schemas.telegram import (
    ConfirmTelegram,
    Contact,
    CreateTelegramCode,
    EndTelegram,
    FindTelegramUser,
    GetTelegramLink,
    IntroduceBot,
    ListContacts,
    MarkReachable,
    RedeemStart,
    StartTelegram,
    TelegramLink,
    TelegramLinkChanged,
    UnlinkTelegram,
)
from tests.actors.refusals import refusal
from tests.conftest import NewUser
from tests.waiting import wait_for

BOT = "https://t.me/our_bot?start="
NEVER_MADE = "x" * 32

_numbers = itertools.count(800_000_001)


@pytest.fixture
def telegram() -> TelegramId:
    """An account that nobody has linked."""
    return TelegramId(next(_numbers))


@pytest.fixture
async def bot(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    """The bus as the bot sees it, which has said where it is."""
    async with Bus(settings, Role.BOT) as bus:
        await bus.request(IntroduceBot(address=BOT))
        yield bus


@pytest.fixture
async def notifier(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    async with Bus(settings, Role.NOTIFIER) as bus:
        yield bus


@pytest.fixture
async def told(bus: Bus) -> AsyncGenerator[list[tuple[UserId, TelegramLink | None]]]:
    """Whose link has changed, and to what."""
    heard: list[tuple[UserId, TelegramLink | None]] = []

    async def hear(raw: RawMessage) -> None:
        event = msgspec.json.decode(raw.data, type=TelegramLinkChanged)
        heard.append((event.user, event.link))

    listening = await bus.listen(TelegramLinkChanged.subjects(), hear)
    yield heard
    await listening.unsubscribe()


async def start(bus: Bus, user: UserId) -> str:
    """The code of a new deep link of theirs."""
    url = (await bus.request(StartTelegram(by=user))).url
    assert url is not None
    return url.removeprefix(BOT)


async def link(bus: Bus, bot: Bus, user: UserId, telegram: TelegramId) -> TelegramLink:
    return await bot.request(RedeemStart(telegram=telegram, code=await start(bus, user)))


async def test_whoever_opens_a_deep_link_is_linked_to_who_made_it(
    bus: Bus, bot: Bus, new_user: NewUser, telegram: TelegramId
) -> None:
    ann = await new_user()
    made = await bus.request(StartTelegram(by=ann.id))
    assert made.url is not None
    assert made.url.startswith(BOT)
    assert timedelta(minutes=4) < made.expires_at - datetime.now(UTC) <= timedelta(minutes=5)

    linked = await bot.request(RedeemStart(telegram=telegram, code=made.url.removeprefix(BOT)))

    assert (linked.user, linked.telegram, linked.is_reachable) == (ann.id, telegram, True)
    assert await bus.request(GetTelegramLink(by=ann.id)) == linked
    assert await bot.request(FindTelegramUser(telegram=telegram)) == ann


async def test_a_deep_link_is_good_once_whoever_opens_it(bus: Bus, bot: Bus, new_user: NewUser) -> None:
    code = await start(bus, (await new_user()).id)
    openers = [TelegramId(next(_numbers)) for _ in range(5)]

    outcomes = await asyncio.gather(
        *(bot.request(RedeemStart(telegram=telegram, code=code)) for telegram in openers), return_exceptions=True
    )

    assert len([outcome for outcome in outcomes if isinstance(outcome, TelegramLink)]) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, BusError)} == {ErrorCode.NOT_FOUND}


async def test_a_deep_link_takes_no_telegram_account_from_somebody_else(
    bus: Bus, bot: Bus, new_user: NewUser, telegram: TelegramId
) -> None:
    ann, eve = await new_user("Ann"), await new_user("Eve")
    await link(bus, bot, ann.id, telegram)
    trap = RedeemStart(telegram=telegram, code=await start(bus, eve.id))

    assert (await refusal(bot, trap)).code is ErrorCode.CONFLICT
    assert (await bot.request(FindTelegramUser(telegram=telegram))).id == ann.id

    await bot.request(EndTelegram(telegram=telegram))
    assert (await link(bus, bot, eve.id, telegram)).user == eve.id


async def test_a_new_deep_link_voids_the_old_one(bus: Bus, bot: Bus, new_user: NewUser, telegram: TelegramId) -> None:
    ann = await new_user()
    old, new = await start(bus, ann.id), await start(bus, ann.id)

    assert (await refusal(bot, RedeemStart(telegram=telegram, code=old))).code is ErrorCode.NOT_FOUND
    assert (await bot.request(RedeemStart(telegram=telegram, code=new))).user == ann.id


async def test_what_redis_keeps_of_a_deep_link_ends_after_five_minutes(
    bus: Bus, bot: Bus, redis: Redis, new_user: NewUser, telegram: TelegramId
) -> None:
    ann = await new_user()
    code = await start(bus, ann.id)
    for key in (f"accounts:telegram-start:{code}", f"accounts:telegram-start-of:{ann.id}"):
        assert 0 < await redis.execute_command("TTL", key) <= 300

    await redis.execute_command("PEXPIRE", f"accounts:telegram-start:{code}", 0)

    assert (await refusal(bot, RedeemStart(telegram=telegram, code=code))).code is ErrorCode.NOT_FOUND


async def test_without_a_bot_there_is_no_address_yet(bus: Bus, bot: Bus, redis: Redis, new_user: NewUser) -> None:
    await redis.execute_command("DEL", "accounts:telegram-bot")

    assert (await bus.request(StartTelegram(by=(await new_user()).id))).url is None


async def test_a_telegram_account_that_tries_too_many_links_is_refused_even_the_right_one(
    bus: Bus, bot: Bus, new_user: NewUser, telegram: TelegramId
) -> None:
    ann = await new_user()
    code = await start(bus, ann.id)
    guesses = [await refusal(bot, RedeemStart(telegram=telegram, code=NEVER_MADE)) for _ in range(5)]
    assert {guess.code for guess in guesses} == {ErrorCode.NOT_FOUND}

    assert (await refusal(bot, RedeemStart(telegram=telegram, code=code))).code is ErrorCode.FORBIDDEN

    other = TelegramId(next(_numbers))
    assert (await bot.request(RedeemStart(telegram=other, code=code))).user == ann.id


async def test_who_was_deactivated_meanwhile_is_not_linked(
    bus: Bus, bot: Bus, new_user: NewUser, telegram: TelegramId
) -> None:
    admin, ann = await new_user("Root", is_admin=True), await new_user()
    code = await start(bus, ann.id)
    await bus.request(ChangeUser(by=admin.id, user=ann.id, is_active=False))

    assert (await refusal(bot, RedeemStart(telegram=telegram, code=code))).code is ErrorCode.FORBIDDEN
    assert (await refusal(bus, StartTelegram(by=ann.id))).code is ErrorCode.FORBIDDEN


async def test_every_change_of_a_link_is_told_and_goes_on_record(
    bus: Bus, bot: Bus, new_user: NewUser, telegram: TelegramId, told: list[tuple[UserId, TelegramLink | None]]
) -> None:
    root = await new_user("Root", is_admin=True)
    ann, ben = await new_user("Ann"), await new_user("Ben")
    first = await link(bus, bot, ann.id, telegram)
    code = (await bot.request(CreateTelegramCode(telegram=telegram))).code
    second = await bus.request(ConfirmTelegram(by=ben.id, code=code))
    await bus.request(UnlinkTelegram(by=ben.id))
    third = await link(bus, bot, ben.id, telegram)
    await bot.request(EndTelegram(telegram=telegram))

    events = [(ann.id, first), (ann.id, None), (ben.id, second), (ben.id, None), (ben.id, third), (ben.id, None)]
    await wait_for(lambda: told == events)
    page = await bus.request(ListAudit(by=root.id, q=str(telegram), limit=50))
    recorded = [(entry.act.removeprefix("telegram."), entry.by, entry.user) for entry in page.entries]
    assert recorded == [
        ("unlinked", ben.id, ben.id),
        ("linked", ben.id, ben.id),
        ("unlinked", ben.id, ben.id),
        ("linked", ben.id, ben.id),
        ("unlinked", ben.id, ann.id),
        ("linked", ann.id, ann.id),
    ]


async def test_to_end_a_link_that_nobody_has_does_nothing(bot: Bus, telegram: TelegramId) -> None:
    await bot.request(EndTelegram(telegram=telegram))
    await bot.request(MarkReachable(telegram=telegram, is_reachable=False))


async def test_whether_the_bot_may_write_is_told_when_it_changes_and_only_then(
    bus: Bus, bot: Bus, new_user: NewUser, telegram: TelegramId, told: list[tuple[UserId, TelegramLink | None]]
) -> None:
    ann = await new_user()
    linked = await link(bus, bot, ann.id, telegram)
    for is_reachable in (True, False, False, True):
        await bot.request(MarkReachable(telegram=telegram, is_reachable=is_reachable))
        found = await bus.request(GetTelegramLink(by=ann.id))
        assert found == msgspec.structs.replace(linked, is_reachable=is_reachable)

    unreachable = msgspec.structs.replace(linked, is_reachable=False)
    await wait_for(lambda: told == [(ann.id, linked), (ann.id, unreachable), (ann.id, linked)])


async def test_contacts_say_how_people_are_told_something(
    bus: Bus, bot: Bus, notifier: Bus, new_user: NewUser, telegram: TelegramId
) -> None:
    root = await new_user("Root", is_admin=True)
    ann, ben = await new_user("Ann"), await new_user("Ben")
    await bus.request(UpdateProfile(by=ann.id, language=Language.RU, time_zone="Europe/Berlin"))
    await link(bus, bot, ann.id, telegram)
    await bus.request(ChangeUser(by=root.id, user=ben.id, is_active=False))

    found = await notifier.request(ListContacts(users=(ben.id, UserId(2**53 - 1), ann.id, ann.id)))

    assert found == [
        Contact(
            user=ann.id,
            username=ann.username,
            name="Ann",
            language=Language.RU,
            time_zone="Europe/Berlin",
            is_active=True,
            telegram=telegram,
            is_reachable=True,
        ),
        Contact(
            user=ben.id,
            username=ben.username,
            name="Ben",
            language=None,
            time_zone="UTC",
            is_active=False,
            telegram=None,
            is_reachable=False,
        ),
    ]
    await bot.request(MarkReachable(telegram=telegram, is_reachable=False))
    (told,) = await bot.request(ListContacts(users=(ann.id,)))
    assert (told.telegram, told.is_reachable) == (telegram, False)
    assert await bot.request(ListContacts(users=())) == []


async def test_the_bot_changes_the_language_of_whom_it_speaks_for(bot: Bus, new_user: NewUser) -> None:
    ann = await new_user()

    assert (await bot.request(UpdateProfile(by=ann.id, language=Language.RU))).language is Language.RU
