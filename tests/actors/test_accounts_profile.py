import asyncio

import pytest

from infra.bus import Bus
from schemas.accounts import ChangePassword, GetUser, Language, SignIn, UpdateProfile, User
from schemas.errors import BusError, ErrorCode
from schemas.ids import UserId
from schemas.tokens import ListTokens
from tests.actors.deactivated import deactivated
from tests.actors.refusals import refusal
from tests.conftest import PASSWORD, NewUser

ANOTHER = "another good password"


async def test_one_changes_ones_own_name_language_and_time_zone(bus: Bus, new_user: NewUser) -> None:
    ann = await new_user("Ann")

    changed = await bus.request(UpdateProfile(by=ann.id, name="Ann Lee", language=Language.RU, time_zone="Asia/Tokyo"))

    assert (changed.name, changed.language, changed.time_zone) == ("Ann Lee", Language.RU, "Asia/Tokyo")
    assert changed.version == ann.version + 1
    assert await bus.request(GetUser(user=ann.id)) == changed


async def test_what_is_left_out_stays_and_a_language_can_be_left_to_the_browser_again(
    bus: Bus, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    await bus.request(UpdateProfile(by=ann.id, language=Language.EN, time_zone="Asia/Tokyo"))

    changed = await bus.request(UpdateProfile(by=ann.id, language=None))

    assert (changed.name, changed.language, changed.time_zone) == ("Ann", None, "Asia/Tokyo")


async def test_to_change_nothing_makes_no_other_version(bus: Bus, new_user: NewUser) -> None:
    ann = await new_user("Ann")

    assert await bus.request(UpdateProfile(by=ann.id, name="Ann", time_zone="UTC")) == ann


async def test_a_time_zone_that_does_not_exist_is_refused(bus: Bus, new_user: NewUser) -> None:
    error = await refusal(bus, UpdateProfile(by=(await new_user()).id, time_zone="Mars/Olympus"))

    assert (error.code, error.field) == (ErrorCode.INVALID, "time_zone")


async def test_a_changed_password_is_the_only_one_and_voids_the_sessions(bus: Bus, new_user: NewUser) -> None:
    ann = await new_user()

    changed = await bus.request(ChangePassword(by=ann.id, old=PASSWORD, new=ANOTHER))

    assert ann.signed_out_at is None
    assert changed.signed_out_at is not None
    assert changed.signed_out_at > ann.created_at
    assert await bus.request(SignIn(username=ann.username, password=ANOTHER)) == changed
    assert (await refusal(bus, SignIn(username=ann.username, password=PASSWORD))).code is ErrorCode.UNAUTHENTICATED


async def test_who_does_not_know_the_old_password_gives_nobody_another(bus: Bus, new_user: NewUser) -> None:
    ann = await new_user()

    error = await refusal(bus, ChangePassword(by=ann.id, old="not the password", new=ANOTHER))

    assert (error.code, error.field) == (ErrorCode.FORBIDDEN, "old")
    assert await bus.request(SignIn(username=ann.username, password=PASSWORD)) == ann


async def test_of_two_who_change_one_password_at_once_one_is_told(bus: Bus, new_user: NewUser) -> None:
    ann = await new_user()
    wishes = [ChangePassword(by=ann.id, old=PASSWORD, new=f"{ANOTHER} {number}") for number in range(2)]

    outcomes = await asyncio.gather(*(bus.request(wish) for wish in wishes), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes].count(User) == 1
    told = next(outcome for outcome in outcomes if isinstance(outcome, BusError))
    # Too late to compare the old one, or to write the new one.
    assert told.code in {ErrorCode.FORBIDDEN, ErrorCode.CONFLICT}


@pytest.mark.parametrize("gone", [True, False])
async def test_who_is_no_longer_active_or_never_was_is_refused_everything(
    bus: Bus, new_user: NewUser, *, gone: bool
) -> None:
    who = await deactivated(bus, new_user) if gone else UserId(2**52)

    for command in (
        UpdateProfile(by=who, name="Ghost"),
        ChangePassword(by=who, old=PASSWORD, new=ANOTHER),
        ListTokens(by=who),
    ):
        assert (await refusal(bus, command)).code is ErrorCode.FORBIDDEN
