"""API tokens: what lets programs act in one's name."""

from gateway.api import Ask, Edge, route
from gateway.auth import OwnSession
from schemas.base import Record, UtcTime
from schemas.ids import TokenId
from schemas.text import Name
from schemas.tokens import CreateToken, ListTokens, NewToken, RevokeToken, Scope, Token


class TokenWish(Record, forbid_unknown_fields=True):
    """A name to tell it by, what it is good for, and until when."""

    name: Name
    scope: Scope
    expires_at: UtcTime | None = None


@route("GET", "/api/auth/tokens/")
async def list_tokens(ask: Ask, session: OwnSession) -> list[Token]:
    """One's tokens, newest first."""
    return await ask(ListTokens(by=session.caller.id))


@route("POST", "/api/auth/tokens/", status=201, example=TokenWish(name="Backup", scope=Scope.READ))
async def create_token(ask: Ask, session: OwnSession, body: TokenWish) -> NewToken:
    """Make a token; its secret is told this once. Send it as `Authorization: Bearer`."""
    return await ask(CreateToken(by=session.caller.id, name=body.name, scope=body.scope, expires_at=body.expires_at))


@route("DELETE", "/api/auth/tokens/{token}/", status=204)
async def revoke_token(ask: Ask, edge: Edge, session: OwnSession, token: TokenId) -> None:
    """End a token; elsewhere it may work for a second more."""
    await ask(RevokeToken(by=session.caller.id, token=token))
    edge.tokens.forget(session.caller.id)
