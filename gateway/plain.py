"""What msgspec says of a body or a query that it cannot take, in words for people."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple, get_args

import msgspec

from schemas.accounts import TimeZone
from schemas.comments import Said
from schemas.invites import InviteCode
from schemas.labels import Colour
from schemas.notices import ClockTime
from schemas.telegram import LinkCode
from schemas.text import Key, Prose, Title, Username

_NAMES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number with a fraction",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "datetime": "a moment",
}

_Sentence = Callable[[re.Match[str]], str]


def _pattern(kind: Any) -> str:
    """The pattern of a type, as msgspec quotes it."""
    (meta,) = (meta for meta in get_args(kind) if isinstance(meta, msgspec.Meta))
    return repr(meta.pattern)


PATTERNS = {
    _pattern(Title): "must be one line with something to see in it",
    _pattern(Prose): "must not hold NUL",
    _pattern(Said): "must not be blank",
    _pattern(Username): "may hold letters from A to Z, digits and . _ @ + - only",
    _pattern(TimeZone): "must be a time zone as IANA names it, such as Europe/Berlin",
    _pattern(InviteCode): "may hold letters from A to Z, digits and _ - only",
    _pattern(LinkCode): "must be six digits",
    _pattern(Colour): "must be #rrggbb, in small letters",
    _pattern(ClockTime): "must be a time of day such as 09:00",
    _pattern(Key): "may hold visible ASCII characters only",
}
"""Total for what people may send; tests/gateway/test_words.py holds that."""


def _kinds(text: str) -> str:
    """`int | null` is "a whole number or null"."""
    return " or ".join(_NAMES.get(kind, kind) for kind in text.split(" | "))


def _length(match: re.Match[str]) -> str:
    """A length of text or of a list is out of bounds."""
    number = int(match["number"])
    one, many = ("character", "characters") if match["kind"] == "str" else ("entry", "entries")
    bound = "at least" if match["bound"] == ">=" else "at most"
    return f"must have {bound} {number} {one if number == 1 else many}"


def _size(match: re.Match[str]) -> str:
    bound = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}[match["bound"]]
    return f"must be {bound} {match['number']}"


def _kind(match: re.Match[str]) -> str:
    return f"must be {_kinds(match['wanted'])}, not {_kinds(match['got'])}"


def _character(match: re.Match[str]) -> str:
    return PATTERNS.get(match["pattern"], "holds characters that are not allowed here")


def _not_json(match: re.Match[str]) -> str:
    return f"is not JSON from byte {match['byte']} on"


_PREDICATES: dict[str, str | _Sentence] = {
    r"Object missing required field `.*`": "is missing",
    r"Object contains unknown field `.*`": "is not known here",
    r"Expected `str` matching regex (?P<pattern>.*)": _character,
    r"Expected `(?P<kind>str|array)` of length (?P<bound>>=|<=) (?P<number>\d+).*": _length,
    r"Expected `(?:int|float)` (?P<bound>[<>]=?) (?P<number>-?[\d.]+)": _size,
    r"Expected `(?P<wanted>.+)`, got `(?P<got>.+)`": _kind,
    r"Expected `datetime` with a timezone component": "must say its time zone, such as Z or +03:00",
    r"Invalid RFC3339 encoded datetime": "must be a moment such as 2026-01-31T12:00:00Z",
    r"Timestamp is out of range": "must be a moment such as 2026-01-31T12:00:00Z",
    r"Invalid enum value .*": "must be one of the values that are allowed here",
    r"(Integer value|Number) out of range": "is too large or too small",
    r"JSON is malformed: .* \(byte (?P<byte>\d+)\)": _not_json,
    r"Input data was truncated": "ends in the middle",
}
"""By what msgspec says, as a pattern for the whole of it."""


class Fault(NamedTuple):
    """What is wrong, and with which field; None is all of it."""

    sentence: str
    field: str | None


def fault(error: msgspec.DecodeError) -> Fault:
    """What `error` says."""
    reason, _, path = str(error).partition(" - at `")
    field = path.removeprefix("key` in `").removeprefix("$").rstrip("`").lstrip(".") or _named(reason)
    return Fault(f"{field or 'the request'} {_predicate(reason)}", field)


def _named(reason: str) -> str | None:
    """Missing and unknown fields are named in the text only: `Object missing required field `title``."""
    return reason.split("`")[1] if " field `" in reason else None


def _predicate(reason: str) -> str:
    for expression, predicate in _PREDICATES.items():
        if match := re.fullmatch(expression, reason, re.DOTALL):
            return predicate if isinstance(predicate, str) else predicate(match)
    return f"is not as it should be: {reason.replace('`', '')}"
