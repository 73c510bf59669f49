"""Whatever a refusal says to people, it can say in Russian; and nothing is translated that nobody says."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from itertools import product
from typing import Any, get_args

import msgspec
import pytest

from actors.task_store.queries import Personal, Query
from gateway import errors, plain
from gateway.app import ROUTES
from infra.language import PHRASES, translated
from schemas.accounts import Language
from schemas.base import TeamEvent, leaves
from schemas.errors import BusError
from schemas.members import MemberRole
from tests.contract.sentences import reasons, statuses
from tests.contract.whys import whys

RU = PHRASES[Language.RU]
FIRST_NAMES = {kind.tag().split(".")[0] for kind in (*get_args(Query), *get_args(Personal))}
IN_PATHS = {parameter.name for route in ROUTES for parameter in route.ids}

ELSEWHERE = {
    "schemas/errors.py": "makes refusals of what it is given",
    "gateway/protocol.py": "whoever sends no HTTP names no language",
}
ONLY_WHEN_RUN: dict[tuple[str, str], set[str]] = {
    ("gateway/reading.py", "name"): {f"no such {name}" for name in IN_PATHS},
    ("actors/task_store/queries.py", "_missing(query)"): {f"no such {name}" for name in FIRST_NAMES},
    # What is handed on was a reason before.
    ("gateway/errors.py", "error.detail"): set(),
    ("gateway/errors.py", "detail"): {*errors._IN_OUR_WORDS.values()},
    # Of a body or a query that cannot be read: see FAULTS.
    ("gateway/errors.py", "sentence"): set(),
    # What msgspec says to programs on the bus.
    ("infra/mailbox.py", "reason"): set(),
}

FAULTS = (
    "Object missing required field `title`",
    "Object contains unknown field `titel`",
    *(f"Expected `str` matching regex {pattern}" for pattern in (*plain.PATTERNS, "'[xyz]'")),
    *(
        f"Expected `{kind}` of length {bound} {number}"
        for kind, bound, number in product(("str", "array"), (">=", "<="), (1, 200))
    ),
    *(f"Expected `{kind}` {bound} 5" for kind, bound in product(("int", "float"), ("<", "<=", ">", ">="))),
    *(
        f"Expected `{wanted}`, got `{given}`"
        for wanted, given in product((*plain._NAMES, *(f"{kind} | null" for kind in plain._NAMES)), plain._NAMES)
    ),
    "Expected `datetime` with a timezone component",
    "Invalid RFC3339 encoded datetime",
    "Timestamp is out of range",
    "Invalid enum value 'x'",
    "Integer value out of range",
    "JSON is malformed: invalid character (byte 10)",
    "Input data was truncated",
    "Something new",
)
"""One of each kind that msgspec says."""


def said() -> Iterator[tuple[str, str]]:
    """Every sentence, and where it is said."""
    for reason in reasons("schemas", "infra", "actors", "gateway"):
        if reason.file in ELSEWHERE:
            continue
        for sentence in reason.sentences:
            known = {sentence} if sentence is not None else ONLY_WHEN_RUN[reason.file, reason.source]
            yield from ((one, reason.file) for one in known)
    yield BusError.decode(500, b"").detail, "schemas/errors.py"
    yield from ((plain.fault(msgspec.ValidationError(fault)).sentence, fault) for fault in FAULTS)
    yield from ((why, "why a notice went where it did") for why in whys())
    names = statuses("gateway")
    yield from ((status.phrase, "title") for status in HTTPStatus if status.name in names and status >= 400)


def test_every_reason_has_its_russian() -> None:
    assert not [(sentence, where) for sentence, where in said() if RU.find(sentence) is None]


def test_nothing_is_translated_that_nobody_says() -> None:
    # What status 413 is called depends on the version of Python.
    used = {"Request Entity Too Large", "Content Too Large"}
    used |= {found.template for sentence, _ in said() if (found := RU.find(sentence))}

    assert used == RU.sentences.keys()


@pytest.mark.parametrize("why", [*whys()])
def test_why_a_notice_went_where_it_did_is_all_russian(why: str) -> None:
    assert not {*re.findall("[A-Za-z]+", RU.translated(why))} - {"Telegram"}


def test_what_is_known_only_when_run_is_still_in_the_sources() -> None:
    open_ones = {
        (reason.file, reason.source)
        for reason in reasons("schemas", "infra", "actors", "gateway")
        if None in reason.sentences and reason.file not in ELSEWHERE
    }

    assert open_ones == ONLY_WHEN_RUN.keys()


def test_each_kind_of_fault_has_an_example() -> None:
    for expression in plain._PREDICATES:
        assert any(re.fullmatch(expression, fault, re.DOTALL) for fault in FAULTS), expression


ENGLISH = {"a", "an", "be", "is", "list", "moment", "must", "not", "number", "object", "or", "text", "whole"}
WRONG = (None, True, 5, -1, 1.5, 10**30, "", " ", "x" * 30_000, "ё\0", [], [0] * 500, ["x"], {}, {"x": 1})


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.body or route.query], ids=lambda route: route.name
)
def test_whatever_somebody_fills_in_wrongly_they_are_told_in_russian(route: Any) -> None:
    kind = route.body or route.query
    bodies = [{}, {"titel": 1}, *({name: value} for name in kind.__struct_fields__ for value in WRONG)]

    for body in bodies:
        try:
            msgspec.convert(body, kind)
        except msgspec.ValidationError as error:
            sentence = plain.fault(error).sentence
            _, colon, predicate = translated(sentence, Language.RU).partition(": ")
            assert colon, sentence
            assert not ENGLISH & {*re.findall("[a-z]+", predicate)}, predicate


def test_every_word_that_stands_in_a_sentence_is_one_of_its_list() -> None:
    fields = {name for route in ROUTES for kind in (route.body, route.query) if kind for name in kind.__struct_fields__}
    kinds = {*map(plain._kinds, plain._NAMES)}

    assert RU.words["role"].keys() == {*MemberRole}
    assert RU.words["field"].keys() <= fields | {"the request"}
    assert kinds <= RU.words["kind"].keys() <= kinds | {f"{kind} or null" for kind in kinds}
    assert RU.words["event"].keys() == {*not_undone()}


def not_undone() -> Iterator[str]:
    """What a person can do last, and nobody can take back for them."""
    for kind in leaves(TeamEvent):
        if kind.__mro__[1] is TeamEvent and kind.tag().split(".")[0] in ("team", "member"):
            yield kind.summary()
