import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.users import users
from infra.bus import Bus
from infra.config import Settings
from schemas.accounts import ActAsAdmin, ChangeUser, CreateUserAsAdmin, FindUser, GetUser, ListUsers, SignIn, User
from schemas.audit import ListAudit
from schemas.base import Command, Role
from schemas.errors import BusError, ErrorCode
from schemas.ids import TeamId, UserId
from tests.actors.deactivated import deactivated
from tests.actors.refusals import refusal
from tests.conftest import PASSWORD, NewUser

ANOTHER = "another good password"


@pytest.fixture
async def admin(new_user: NewUser) -> User:
    return await new_user("Root", is_admin=True)


@pytest.fixture(scope="module")
async def store(settings: Settings, actors: object) -> AsyncGenerator[Bus]:
    """The bus as the task store sees it."""
    async with Bus(settings, Role.TASK_STORE) as bus:
        yield bus


@pytest.mark.parametrize("who", ["nobody special", "a deactivated administrator", "nobody at all"])
async def test_only_active_administrators_administrate(bus: Bus, store: Bus, new_user: NewUser, who: str) -> None:
    ann = await new_user()
    by = {"nobody special": ann.id, "nobody at all": UserId(2**52)}.get(who) or await former_admin(bus, new_user)
    commands: list[tuple[Bus, Command[Any]]] = [
        (bus, ListUsers(by=by)),
        (bus, ListAudit(by=by)),
        (bus, ChangeUser(by=by, user=ann.id, name="Eve")),
        (bus, ChangeUser(by=by, user=ann.id, password=ANOTHER)),
        (bus, ChangeUser(by=by, user=by, is_admin=True)),
        (bus, CreateUserAsAdmin(by=by, username="eve", password=PASSWORD, name="Eve")),
        (store, ActAsAdmin(by=by, act="team.delete", team=TeamId(1))),
    ]

    for asked, command in commands:
        assert (await refusal(asked, command)).code is ErrorCode.FORBIDDEN, command
    assert await bus.request(GetUser(user=ann.id)) == ann


async def former_admin(bus: Bus, new_user: NewUser) -> UserId:
    admin, former = await new_user("Root", is_admin=True), await new_user("Former", is_admin=True)
    await bus.request(ChangeUser(by=admin.id, user=former.id, is_active=False))
    return former.id


async def test_an_administrator_creates_a_user(bus: Bus, admin: User) -> None:
    made = await bus.request(CreateUserAsAdmin(by=admin.id, username="made.by.admin", password=PASSWORD, name="Made"))

    assert await bus.request(SignIn(username="made.by.admin", password=PASSWORD)) == made
    again = await refusal(bus, CreateUserAsAdmin(by=admin.id, username="Made.By.Admin", password=PASSWORD, name="Made"))
    assert again.code is ErrorCode.CONFLICT


async def test_an_administrator_changes_any_field_at_once(bus: Bus, admin: User, new_user: NewUser) -> None:
    ann = await new_user()
    username = f"renamed.{ann.username}"

    changed = await bus.request(
        ChangeUser(by=admin.id, user=ann.id, username=username, name="Anna", is_admin=True, password=ANOTHER)
    )

    assert (changed.username, changed.name, changed.is_admin) == (username, "Anna", True)
    assert changed.signed_out_at is not None
    assert await bus.request(SignIn(username=username, password=ANOTHER)) == changed


async def test_who_is_deactivated_is_signed_out_and_comes_back_with_the_same_password(
    bus: Bus, admin: User, new_user: NewUser
) -> None:
    ann = await new_user()

    gone = await bus.request(ChangeUser(by=admin.id, user=ann.id, is_active=False))

    assert gone.signed_out_at is not None
    assert (await refusal(bus, SignIn(username=ann.username, password=PASSWORD))).code is ErrorCode.UNAUTHENTICATED
    assert (await refusal(bus, FindUser(username=ann.username))).code is ErrorCode.NOT_FOUND
    back = await bus.request(ChangeUser(by=admin.id, user=ann.id, is_active=True))
    assert back.signed_out_at == gone.signed_out_at
    assert await bus.request(SignIn(username=ann.username, password=PASSWORD)) == back


async def test_a_username_that_somebody_has_is_not_given_to_another(bus: Bus, admin: User, new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")

    error = await refusal(bus, ChangeUser(by=admin.id, user=ann.id, username=bob.username.upper()))

    assert (error.code, error.field) == (ErrorCode.CONFLICT, "username")
    own = await bus.request(ChangeUser(by=admin.id, user=ann.id, username=ann.username.upper()))
    assert own.username == ann.username.upper()


async def test_a_user_who_does_not_exist_is_not_found(bus: Bus, admin: User) -> None:
    assert (await refusal(bus, ChangeUser(by=admin.id, user=UserId(2**52), name="X"))).code is ErrorCode.NOT_FOUND


@pytest.fixture
async def nobody_else_administrates(engine: AsyncEngine) -> AsyncGenerator[None]:
    """As if no test had made an administrator before."""
    async with engine.begin() as connection:
        demote = update(users).where(users.c.is_admin).values(is_admin=False).returning(users.c.id)
        demoted = [*await connection.scalars(demote)]
    yield
    async with engine.begin() as connection:
        await connection.execute(update(users).where(users.c.id.in_(demoted)).values(is_admin=True))


@pytest.mark.usefixtures("nobody_else_administrates")
@pytest.mark.parametrize("change", [{"is_admin": False}, {"is_active": False}])
async def test_the_last_active_administrator_stays_one(bus: Bus, new_user: NewUser, change: dict[str, bool]) -> None:
    last = await new_user("Last", is_admin=True)

    error = await refusal(bus, ChangeUser(by=last.id, user=last.id, **change))

    assert error.code is ErrorCode.CONFLICT
    assert await bus.request(GetUser(user=last.id)) == last


@pytest.mark.usefixtures("nobody_else_administrates")
async def test_of_two_administrators_who_withdraw_each_others_rights_at_once_one_stays(
    bus: Bus, new_user: NewUser
) -> None:
    for _ in range(5):
        first, second = await new_user("One", is_admin=True), await new_user("Two", is_admin=True)
        outcomes = await asyncio.gather(
            bus.request(ChangeUser(by=first.id, user=second.id, is_admin=False)),
            bus.request(ChangeUser(by=second.id, user=first.id, is_active=False)),
            return_exceptions=True,
        )

        assert [outcome.code for outcome in outcomes if isinstance(outcome, BusError)] == [ErrorCode.FORBIDDEN]
        left = [await bus.request(GetUser(user=user.id)) for user in (first, second)]
        survivors = [user for user in left if user.is_admin and user.is_active]
        assert len(survivors) == 1


async def test_users_are_found_by_a_part_of_the_username_or_of_the_name(
    bus: Bus, admin: User, new_user: NewUser
) -> None:
    made = [await new_user(name) for name in ("Quirin Abel", "Quirina Beck", "Someone Else")]

    page = await bus.request(ListUsers(by=admin.id, q="qUIRIN"))

    assert [user.id for user in page.users] == [made[0].id, made[1].id]
    assert page.count == 2
    by_surname = await bus.request(ListUsers(by=admin.id, q="a beck"))
    assert [user.id for user in by_surname.users] == [made[1].id]


@pytest.mark.parametrize("q", ["%", "_", "\\", "' OR 1=1 --"])
async def test_what_is_looked_for_is_meant_literally(bus: Bus, admin: User, q: str) -> None:
    assert (await bus.request(ListUsers(by=admin.id, q=q))).count == 0


async def test_users_come_in_pages_by_username(bus: Bus, admin: User, new_user: NewUser) -> None:
    made = [await new_user("Zacharias") for _ in range(5)]
    wanted = sorted(user.username for user in made)

    pages = [await bus.request(ListUsers(by=admin.id, q="zacharias", limit=2, offset=at)) for at in (0, 2, 4)]

    assert [user.username for page in pages for user in page.users] == wanted
    assert {page.count for page in pages} == {5}


async def test_those_who_are_gone_can_be_told_apart(bus: Bus, admin: User, new_user: NewUser) -> None:
    gone = await deactivated(bus, new_user)

    async def found(*, is_active: bool | None) -> bool:
        page = await bus.request(ListUsers(by=admin.id, q="gone", is_active=is_active, limit=500))
        return gone in [user.id for user in page.users]

    assert (await found(is_active=None), await found(is_active=False), await found(is_active=True)) == (
        True,
        True,
        False,
    )


async def test_an_administrator_acts_on_a_team_under_their_name(bus: Bus, store: Bus, admin: User) -> None:
    assert await store.request(ActAsAdmin(by=admin.id, act="team.delete", team=TeamId(7), about="Crew")) == admin

    entry = (await bus.request(ListAudit(by=admin.id, limit=1))).entries[0]
    assert (entry.by, entry.username, entry.act, entry.team, entry.detail) == (
        admin.id,
        admin.username,
        "team.delete",
        TeamId(7),
        "Crew",
    )
