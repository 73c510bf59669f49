"""One call of the bot: what strikes it, what it does, and its place in the log."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from bot.simulator.errors import BotApiError, bad_request
from bot.simulator.faults import Kind, Strike
from bot.simulator.methods import METHODS
from bot.simulator.shapes import Message
from bot.simulator.telegram import Telegram

_EARLY = 0.002
"""Seconds by which a timer of the loop may ring too early: it counts whole milliseconds."""


class ConnectionBroken(Exception):
    """There is to be no answer."""


async def perform(telegram: Telegram, name: str, parameters: Mapping[str, Any]) -> Any:
    """The result. Raises BotApiError, and ConnectionBroken where a fault wants it."""
    began, at = time.monotonic(), time.time()
    strike = telegram.faults.strike(name.lower(), _number(parameters.get("chat_id")))
    outcome: dict[str, Any] = {}
    try:
        result = await _suffer(telegram, name, parameters, strike)
        outcome = {"ok": True, "message_id": result.message_id if isinstance(result, Message) else None}
    except BotApiError as error:
        outcome = {"ok": False, "error_code": error.code, "description": error.description}
        raise
    finally:
        telegram.calls.add(
            at=at,
            seconds=round(time.monotonic() - began, 6),
            fault=_kind(strike),
            **_about(name, parameters),
            **(outcome or {"ok": False}),
        )
    if strike.fault and strike.fault.kind is Kind.LOSE_ANSWER:
        await telegram.journal.settle()
        raise ConnectionBroken
    return result


async def _suffer(telegram: Telegram, name: str, parameters: Mapping[str, Any], strike: Strike) -> Any:
    if strike.seconds:
        await asyncio.sleep(strike.seconds + _EARLY)
    if strike.fault and strike.fault.kind is Kind.LOSE_CALL:
        raise ConnectionBroken
    if strike.fault and strike.fault.kind is Kind.REFUSE:
        raise strike.fault.error()
    kind = METHODS.get(name.lower())
    if kind is None:
        raise BotApiError(404, "Not Found")
    try:
        method = msgspec.convert(parameters, kind, strict=False)
    except msgspec.ValidationError as error:
        raise bad_request(str(error)) from error
    return await method.run(telegram)


def _kind(strike: Strike) -> str | None:
    if strike.fault:
        return strike.fault.kind.value
    return Kind.SLOW.value if strike.seconds else None


def _about(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What the log says of a call; the parameters may be anything."""
    kind = METHODS.get(name.lower())
    text = parameters.get("text")
    return {
        "method": kind.api_name() if kind else name[:64],
        "chat": _number(parameters.get("chat_id")),
        "thread": _number(parameters.get("message_thread_id")),
        "text": text if isinstance(text, str) else None,
        "silent": str(parameters.get("disable_notification")).lower() == "true" or None,
    }


def _number(value: object) -> int | None:
    try:
        return int(value) if isinstance(value, int | str) else None
    except ValueError:
        return None
