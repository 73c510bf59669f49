"""API tokens: made, shown, revoked, and recognised."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from actors.accounts.desk import Desk
from actors.sql import tokens
from infra.actor import handle
from infra.db import transaction
from schemas.audit import Act as Recorded
from schemas.errors import BusError, ErrorCode, conflict, invalid, not_found
from schemas.tokens import TOKEN_PREFIX, CheckToken, CreateToken, ListTokens, NewToken, RevokeToken, Token, TokenHolder

_MOST = 50
_HINT = 4
_FRESH = timedelta(minutes=1)


class Tokens(Desk):
    """Commands about tokens. A secret has 256 random bits, so a plain digest of it is as safe as it is."""

    @handle
    async def create_token(self, command: CreateToken) -> NewToken:
        if command.expires_at is not None and command.expires_at <= datetime.now(UTC):
            raise invalid("this moment has passed", field="expires_at")
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        async with self._act() as act:
            asker = await act.asker(command.by, lock=True)
            if await tokens.count(act.connection, asker.id) >= _MOST:
                raise conflict(f"nobody may have more than {_MOST} tokens; revoke one first")
            token = await tokens.add(
                act.connection,
                asker.id,
                name=command.name,
                scope=command.scope,
                digest=_digest(secret),
                hint=secret[-_HINT:],
                at=act.at,
                expires_at=command.expires_at,
            )
            await act.record(Recorded.TOKEN_CREATED, asker, about=asker.id, detail=described(token))
        return NewToken(token=token, secret=secret)

    @handle
    async def list_tokens(self, query: ListTokens) -> list[Token]:
        async with self._act() as act:
            asker = await act.asker(query.by)
            return await tokens.of(act.connection, asker.id)

    @handle
    async def revoke_token(self, command: RevokeToken) -> Token:
        async with self._act() as act:
            asker = await act.asker(command.by)
            token = await tokens.remove(act.connection, asker.id, command.token)
            if token is None:
                raise not_found("token")
            await act.record(Recorded.TOKEN_REVOKED, asker, about=asker.id, detail=described(token))
        return token

    @handle
    async def check_token(self, query: CheckToken) -> TokenHolder:
        at = datetime.now(UTC)
        async with transaction(self._engine) as connection:
            held = await tokens.find(connection, _digest(query.secret), at)
            if held is None:
                raise BusError(ErrorCode.UNAUTHENTICATED, "this token does not work")
            if held.last_used_at is None or held.last_used_at <= at - _FRESH:
                await tokens.touch(connection, held.token, at)
        return TokenHolder(user=held.user, scope=held.scope, token=held.token)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def described(token: Token) -> str:
    """As the audit names it: so that its owner would know it again."""
    return f"{token.name} ({token.scope.value}, ...{token.hint})"
