"""How a command fails: one closed set of codes, the same on the bus, over HTTP and in Telegram."""

from enum import IntEnum
from typing import Self

import msgspec


class ErrorCode(IntEnum):
    """Numbers, because the NATS service protocol (ADR-32) wants one; unknown numbers read as INTERNAL."""

    INVALID = 400
    UNAUTHENTICATED = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    CONFLICT = 409
    TOO_LARGE = 413
    INTERNAL = 500
    OVERLOADED = 503
    UNAVAILABLE = 504

    @classmethod
    def _missing_(cls, value: object) -> Self:  # noqa: ARG003 - whatever the number is
        return cls(500)


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of an error reply."""

    code: str
    detail: str
    field: str | None = None
    current: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """With CONFLICT over a version: the thing as it is now."""


class BusError(Exception):
    """A command was refused or could not be served.

    UNAVAILABLE and a time-out leave open whether the command ran; every other code says that it did not.
    """

    def __init__(self, code: ErrorCode, detail: str, *, field: str | None = None, current: bytes = b"") -> None:
        super().__init__(f"{code.name}: {detail}")
        self.code = code
        self.detail = detail
        self.field = field
        self.current = current

    def encode(self) -> bytes:
        """The refusal as JSON; it never holds more than what the raiser put in."""
        current = msgspec.Raw(self.current) if self.current else msgspec.UNSET
        return msgspec.json.encode(Refusal(code=self.code.name, detail=self.detail, field=self.field, current=current))

    @classmethod
    def decode(cls, code: int, body: bytes) -> Self:
        """Read an error reply; a body that is no refusal still gives an error with the right code."""
        try:
            refusal = msgspec.json.decode(body, type=Refusal)
        except ValueError:
            return cls(ErrorCode(code), "the service gave no reason")
        current = b"" if refusal.current is msgspec.UNSET else bytes(refusal.current)
        return cls(ErrorCode(code), refusal.detail, field=refusal.field, current=current)


def invalid(detail: str, field: str | None = None) -> BusError:
    """The request itself is wrong; `field` names the part."""
    return BusError(ErrorCode.INVALID, detail, field=field)


def not_found(noun: str) -> BusError:
    """It does not exist, or the asker may not know that it does."""
    return BusError(ErrorCode.NOT_FOUND, f"no such {noun}")


def forbidden(detail: str) -> BusError:
    """The asker may see it and may not do this to it."""
    return BusError(ErrorCode.FORBIDDEN, detail)


def conflict(detail: str, *, field: str | None = None, current: bytes = b"") -> BusError:
    """It collides with what has happened meanwhile."""
    return BusError(ErrorCode.CONFLICT, detail, field=field, current=current)
