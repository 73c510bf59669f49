from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.accounts import Accounts
from actors.sql.audit import audit
from infra.bus import Bus, RawMessage
from infra.config import Settings
from infra.db import connect_database
from infra.redis import Redis
from schemas.accounts import ChangePassword, ChangeUser, SignIn, User
from schemas.audit import Act, AuditEntry, AuditRecorded, ListAudit
from schemas.base import Role
from schemas.errors import BusError, ErrorCode
from schemas.ids import TelegramId
from schemas.telegram import ConfirmTelegram, CreateTelegramCode, UnlinkTelegram
from schemas.tokens import CreateToken, RevokeToken, Scope
from tests.actors.refusals import refusal
from tests.conftest import PASSWORD, NewUser
from tests.waiting import wait_for

ANOTHER = "another good password"


@pytest.fixture
async def admin(new_user: NewUser) -> User:
    return await new_user("Root", is_admin=True)


async def record_of(bus: Bus, admin: User, user: User) -> list[AuditEntry]:
    """What there is about somebody, oldest first."""
    page = await bus.request(ListAudit(by=admin.id, limit=500))
    return [entry for entry in reversed(page.entries) if entry.user == user.id]


async def test_what_people_do_about_their_account_is_on_record(bus: Bus, admin: User, new_user: NewUser) -> None:
    ann = await new_user()
    await bus.request(SignIn(username=ann.username, password=PASSWORD))
    await bus.request(ChangePassword(by=ann.id, old=PASSWORD, new=ANOTHER))
    made = await bus.request(CreateToken(by=ann.id, name="Backup", scope=Scope.READ))
    await bus.request(RevokeToken(by=ann.id, token=made.token.id))
    code = (await bus.request(CreateTelegramCode(telegram=TelegramId(600_000_000 + ann.id)))).code
    await bus.request(ConfirmTelegram(by=ann.id, code=code))
    await bus.request(UnlinkTelegram(by=ann.id))

    entries = await record_of(bus, admin, ann)

    assert [(entry.by, entry.act) for entry in entries] == [
        (None, Act.CREATED),
        (ann.id, Act.SIGNED_IN),
        (ann.id, Act.PASSWORD_CHANGED),
        (ann.id, Act.TOKEN_CREATED),
        (ann.id, Act.TOKEN_REVOKED),
        (ann.id, Act.TELEGRAM_LINKED),
        (ann.id, Act.TELEGRAM_UNLINKED),
    ]
    assert {entry.username for entry in entries[1:]} == {ann.username}
    assert not any(secret in repr(entries) for secret in (PASSWORD, ANOTHER, made.secret, code))


async def test_what_administrators_do_to_others_is_on_record_under_their_name(
    bus: Bus, admin: User, new_user: NewUser
) -> None:
    ann = await new_user()
    for change in (
        {"is_admin": True},
        {"is_admin": False},
        {"is_active": False},
        {"is_active": True},
        {"password": ANOTHER, "name": "Anna"},
        {"name": "Anna"},
    ):
        command = msgspec.convert({"by": admin.id, "user": ann.id, **change}, ChangeUser)
        await bus.request(command)

    entries = await record_of(bus, admin, ann)

    assert [entry.act for entry in entries[1:]] == [
        Act.ADMIN_GRANTED,
        Act.ADMIN_WITHDRAWN,
        Act.DEACTIVATED,
        Act.RESTORED,
        Act.PASSWORD_CHANGED,
        Act.CHANGED,
    ]
    assert {(entry.by, entry.username) for entry in entries[1:]} == {(admin.id, admin.username)}
    assert all(ann.username in entry.detail for entry in entries)


async def test_a_refused_sign_in_is_on_record_when_there_is_such_a_user(
    bus: Bus, engine: AsyncEngine, admin: User, new_user: NewUser
) -> None:
    ann = await new_user()
    await refusal(bus, SignIn(username="a-password-typed-into-the-wrong-field", password="x"))
    await refusal(bus, SignIn(username=ann.username.upper(), password="wrong password"))

    await wait_for(lambda: is_last(bus, admin, ann, Act.SIGN_IN_REFUSED))

    entry = (await record_of(bus, admin, ann))[-1]
    assert (entry.by, entry.username) == (None, ann.username)
    async with engine.connect() as connection:
        leaked = select(func.count()).where(audit.c.username.icontains("wrong-field"))
        assert await connection.scalar(leaked) == 0


async def is_last(bus: Bus, admin: User, user: User, act: Act) -> bool:
    return (await record_of(bus, admin, user))[-1].act == act


async def test_what_was_refused_is_not_on_record(bus: Bus, admin: User, new_user: NewUser) -> None:
    ann = await new_user()
    before = await record_of(bus, admin, ann)

    await refusal(bus, ChangeUser(by=ann.id, user=ann.id, is_admin=True))
    await refusal(bus, ChangePassword(by=ann.id, old="wrong password", new=ANOTHER))

    assert await record_of(bus, admin, ann) == before


async def test_the_record_is_read_from_the_newest_backwards(bus: Bus, admin: User, new_user: NewUser) -> None:
    ann = await new_user("Backwards")
    for number in range(5):
        await bus.request(CreateToken(by=ann.id, name=f"Token {number}", scope=Scope.READ))
    details: list[str] = []
    before = None
    while True:
        page = await bus.request(ListAudit(by=admin.id, q=ann.username, limit=2, before=before))
        details += [entry.detail for entry in page.entries if entry.act == Act.TOKEN_CREATED]
        before = page.before
        if before is None:
            break

    assert [detail.split(" (")[0] for detail in details] == [f"Token {number}" for number in range(4, -1, -1)]


@pytest.mark.parametrize("q", ["%", "_____", "\\"])
async def test_what_is_looked_for_is_meant_literally(bus: Bus, admin: User, q: str) -> None:
    assert (await bus.request(ListAudit(by=admin.id, q=q))).entries == []


async def test_only_administrators_read_the_record(bus: Bus, new_user: NewUser) -> None:
    assert (await refusal(bus, ListAudit(by=(await new_user()).id))).code is ErrorCode.FORBIDDEN


async def test_operators_see_it_live(settings: Settings, bus: Bus, new_user: NewUser) -> None:
    heard: list[AuditEntry] = []

    async def hear(raw: RawMessage) -> None:
        heard.append(msgspec.json.decode(raw.data, type=AuditRecorded).entry)

    async with Bus(settings, Role.OPERATOR) as operator:
        await operator.listen(AuditRecorded.subjects(), hear)
        ann = await new_user()
        await wait_for(lambda: [entry.act for entry in heard if entry.user == ann.id] == [Act.CREATED])


async def test_refusals_that_cannot_be_written_yet_are_kept(
    bus: Bus, redis: Redis, engine: AsyncEngine, admin: User, new_user: NewUser
) -> None:
    ann = await new_user()
    accounts = Accounts(bus, connect_database(Settings(database_url="postgresql://ttm@/ttm?host=/nowhere")), redis)
    accounts._refused.append((datetime.now(UTC), ann))
    with pytest.raises(BusError):
        await accounts.record_refusals()

    accounts._engine = engine
    await accounts.record_refusals()

    assert await is_last(bus, admin, ann, Act.SIGN_IN_REFUSED)
