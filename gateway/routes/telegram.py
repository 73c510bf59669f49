"""Linking a Telegram account."""

from typing import Literal

from gateway.access.limits import CONFIRM_CODE, CREATE_CODE, START_LINK
from gateway.api import Ask, route
from gateway.auth import Caller, OwnSession, Service
from schemas.base import Record
from schemas.ids import TelegramId
from schemas.telegram import (
    ConfirmTelegram,
    CreateTelegramCode,
    GetTelegramLink,
    LinkCode,
    StartLink,
    StartTelegram,
    TelegramCode,
    TelegramLink,
    UnlinkTelegram,
)


class CodeWish(Record, forbid_unknown_fields=True):
    tg_user_id: TelegramId


class CodeTyped(Record, forbid_unknown_fields=True):
    code: LinkCode


class Confirmed(TelegramLink):
    """The link that was made."""

    status: Literal["ok"] = "ok"


_TYPED = CodeTyped(code="123456")


@route("POST", "/api/telegram/create_code/", example=CodeWish(tg_user_id=TelegramId(99887766)), limit=CREATE_CODE)
async def create_code(ask: Ask, service: Service, body: CodeWish) -> TelegramCode:  # noqa: ARG001 - lets services in
    """Give a Telegram account a code; its owner types it into their profile within five minutes."""
    return await ask(CreateTelegramCode(telegram=body.tg_user_id))


@route("POST", "/api/telegram/confirm/", example=_TYPED, also=(404,), limit=CONFIRM_CODE)
async def confirm(ask: Ask, session: OwnSession, body: CodeTyped) -> Confirmed:
    """Link oneself to the Telegram account that was given this code."""
    return await _confirm(ask, session, body)


@route("POST", "/api/telegram/confirm_link/", example=_TYPED, also=(404,), limit=CONFIRM_CODE)
async def confirm_link(ask: Ask, session: OwnSession, body: CodeTyped) -> Confirmed:
    """The same as `confirm`, under its other name."""
    return await _confirm(ask, session, body)


@route("POST", "/api/telegram/start/", limit=START_LINK)
async def start_telegram(ask: Ask, session: OwnSession) -> StartLink:
    """A link that opens the bot and links whoever opens it to you; good once and for five minutes."""
    return await ask(StartTelegram(by=session.caller.id))


@route("GET", "/api/telegram/link/")
async def get_link(ask: Ask, caller: Caller) -> TelegramLink | None:
    """One's own link; null without one."""
    return await ask(GetTelegramLink(by=caller.id))


@route("DELETE", "/api/telegram/link/", status=204)
async def unlink(ask: Ask, session: OwnSession) -> None:
    """End one's own link."""
    await ask(UnlinkTelegram(by=session.caller.id))


async def _confirm(ask: Ask, session: OwnSession, body: CodeTyped) -> Confirmed:
    link = await ask(ConfirmTelegram(by=session.caller.id, code=body.code))
    return Confirmed(user=link.user, telegram=link.telegram, linked_at=link.linked_at, is_reachable=link.is_reachable)
