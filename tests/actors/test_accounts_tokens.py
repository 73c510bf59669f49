from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.sql.tokens import tokens
from infra.bus import Bus
from schemas.accounts import ChangePassword, ChangeUser
from schemas.audit import Act, ListAudit
from schemas.errors import ErrorCode
from schemas.ids import TokenId
from schemas.tokens import CheckToken, CreateToken, ListTokens, NewToken, RevokeToken, Scope
from tests.actors.refusals import refusal
from tests.conftest import PASSWORD, NewUser

ANOTHER = "another good password"


async def kept(engine: AsyncEngine, token: TokenId) -> dict[str, Any]:
    async with engine.connect() as connection:
        row = (await connection.execute(select(tokens).where(tokens.c.id == token))).mappings().one()
        return {**row}


async def set_back(engine: AsyncEngine, token: TokenId, **values: Any) -> None:
    async with engine.begin() as connection:
        await connection.execute(update(tokens).where(tokens.c.id == token).values(values))


async def test_a_token_stands_for_who_made_it(bus: Bus, new_user: NewUser) -> None:
    ann = await new_user()

    made = await bus.request(CreateToken(by=ann.id, name="Backup", scope=Scope.READ))
    holder = await bus.request(CheckToken(secret=made.secret))

    assert made.secret.startswith("ttm_")
    assert len(made.secret) >= 47
    assert made.token.hint == made.secret[-4:]
    assert (holder.user, holder.scope, holder.token) == (ann, Scope.READ, made.token.id)


async def test_no_two_secrets_are_alike_and_none_is_kept(bus: Bus, engine: AsyncEngine, new_user: NewUser) -> None:
    ann = await new_user()
    made = [await bus.request(CreateToken(by=ann.id, name="Same", scope=Scope.WRITE)) for _ in range(3)]

    assert len({new.secret for new in made}) == 3
    for new in made:
        assert new.secret not in repr(await kept(engine, new.token.id))
        assert new.secret.encode() not in (await kept(engine, new.token.id))["digest"]


@pytest.mark.parametrize("secret", ["ttm_wrong", "x", "ttm_" + "A" * 43])
async def test_what_is_no_token_is_refused(bus: Bus, secret: str) -> None:
    assert (await refusal(bus, CheckToken(secret=secret))).code is ErrorCode.UNAUTHENTICATED


async def test_a_token_works_until_it_expires(bus: Bus, engine: AsyncEngine, new_user: NewUser) -> None:
    ann = await new_user()
    soon = datetime.now(UTC) + timedelta(hours=1)
    made = await bus.request(CreateToken(by=ann.id, name="Short", scope=Scope.READ, expires_at=soon))
    assert (await bus.request(CheckToken(secret=made.secret))).user == ann

    await set_back(engine, made.token.id, expires_at=datetime.now(UTC))

    assert (await refusal(bus, CheckToken(secret=made.secret))).code is ErrorCode.UNAUTHENTICATED


async def test_a_token_cannot_be_made_for_the_past(bus: Bus, new_user: NewUser) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)

    error = await refusal(bus, CreateToken(by=(await new_user()).id, name="Past", scope=Scope.READ, expires_at=past))

    assert (error.code, error.field) == (ErrorCode.INVALID, "expires_at")


async def test_its_last_use_is_known_to_a_minute(bus: Bus, engine: AsyncEngine, new_user: NewUser) -> None:
    ann = await new_user()
    made = await bus.request(CreateToken(by=ann.id, name="Used", scope=Scope.READ))
    assert made.token.last_used_at is None

    await bus.request(CheckToken(secret=made.secret))
    first = (await kept(engine, made.token.id))["last_used_at"]
    await bus.request(CheckToken(secret=made.secret))
    assert first is not None
    assert (await kept(engine, made.token.id))["last_used_at"] == first

    await set_back(engine, made.token.id, last_used_at=first - timedelta(minutes=2))
    await bus.request(CheckToken(secret=made.secret))
    (listed,) = await bus.request(ListTokens(by=ann.id))
    assert listed.last_used_at is not None
    assert listed.last_used_at >= first


async def test_one_sees_and_revokes_ones_own_tokens_only(bus: Bus, new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    first, second = [await bus.request(CreateToken(by=ann.id, name=n, scope=Scope.READ)) for n in ("1", "2")]

    assert [token.id for token in await bus.request(ListTokens(by=ann.id))] == [second.token.id, first.token.id]
    assert await bus.request(ListTokens(by=bob.id)) == []
    assert (await refusal(bus, RevokeToken(by=bob.id, token=first.token.id))).code is ErrorCode.NOT_FOUND
    assert (await bus.request(CheckToken(secret=first.secret))).user == ann

    assert (await bus.request(RevokeToken(by=ann.id, token=first.token.id))).id == first.token.id

    assert (await refusal(bus, CheckToken(secret=first.secret))).code is ErrorCode.UNAUTHENTICATED
    assert [token.id for token in await bus.request(ListTokens(by=ann.id))] == [second.token.id]


async def test_the_tokens_of_somebody_who_is_deactivated_do_not_work(bus: Bus, new_user: NewUser) -> None:
    admin, ann = await new_user("Root", is_admin=True), await new_user()
    made = await bus.request(CreateToken(by=ann.id, name="Backup", scope=Scope.WRITE))

    await bus.request(ChangeUser(by=admin.id, user=ann.id, is_active=False))

    assert (await refusal(bus, CheckToken(secret=made.secret))).code is ErrorCode.UNAUTHENTICATED


@pytest.mark.parametrize("changes", [[{"password": ANOTHER}], [{"is_active": False}, {"is_active": True}]])
async def test_who_an_administrator_shuts_out_has_no_tokens_afterwards(
    bus: Bus, new_user: NewUser, changes: list[dict[str, Any]]
) -> None:
    admin, ann, bob = await new_user("Root", is_admin=True), await new_user("Ann"), await new_user("Bob")
    made = await bus.request(CreateToken(by=ann.id, name="Backup", scope=Scope.WRITE))
    others = await bus.request(CreateToken(by=bob.id, name="Backup", scope=Scope.WRITE))

    for change in changes:
        await bus.request(ChangeUser(by=admin.id, user=ann.id, **change))

    assert (await refusal(bus, CheckToken(secret=made.secret))).code is ErrorCode.UNAUTHENTICATED
    assert await bus.request(ListTokens(by=ann.id)) == []
    assert (await bus.request(CheckToken(secret=others.secret))).user == bob
    page = await bus.request(ListAudit(by=admin.id, limit=500))
    (entry,) = [entry for entry in page.entries if entry.user == ann.id and entry.act == Act.TOKEN_REVOKED]
    assert entry.by == admin.id
    assert entry.detail.startswith("Backup (write, ")


async def test_ones_own_new_password_ends_no_token(bus: Bus, new_user: NewUser) -> None:
    ann = await new_user()
    made = await bus.request(CreateToken(by=ann.id, name="Backup", scope=Scope.WRITE))

    await bus.request(ChangePassword(by=ann.id, old=PASSWORD, new=ANOTHER))

    assert (await bus.request(CheckToken(secret=made.secret))).token == made.token.id


async def test_nobody_has_more_than_fifty(bus: Bus, new_user: NewUser) -> None:
    ann = await new_user()
    made: list[NewToken] = [await bus.request(CreateToken(by=ann.id, name=str(n), scope=Scope.READ)) for n in range(50)]

    error = await refusal(bus, CreateToken(by=ann.id, name="One more", scope=Scope.READ))
    assert error.code is ErrorCode.CONFLICT

    await bus.request(RevokeToken(by=ann.id, token=made[0].token.id))
    await bus.request(CreateToken(by=ann.id, name="One more", scope=Scope.READ))


def test_no_repr_shows_a_secret() -> None:
    assert repr(CheckToken(secret="ttm_secret")) == "CheckToken(...)"
