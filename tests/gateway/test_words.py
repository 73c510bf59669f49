"""What is wrong with a request is said in words for people."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from gateway.app import ROUTES
from gateway.openapi import document
from gateway.plain import PATTERNS
from tests.gateway.browser import Browser
from tests.gateway.test_bad_input import BAD_QUERIES, BAD_TASKS, JSON

SENTENCES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "title is missing"),
    "blank": ({"title": " "}, "title must be one line with something to see in it"),
    "empty": ({"title": ""}, "title must have at least 1 character"),
    "too long": ({"title": "x" * 201}, "title must have at most 200 characters"),
    "a number": ({"title": 5}, "title must be text, not a whole number"),
    "an unknown field": ({"title": "a", "titel": "b"}, "titel is not known here"),
    "no moment": ({"title": "a", "due_at": "soon"}, "due_at must be a moment such as 2026-01-31T12:00:00Z"),
    "no zone": ({"title": "a", "due_at": "2026-01-31T12:00:00"}, "due_at must say its time zone, such as Z or +03:00"),
    "no id": ({"title": "a", "list": 0}, "list must be at least 1"),
    "too many labels": ({"title": "a", "labels": [1] * 500}, "labels must have at most 20 entries"),
    "a priority that there is not": ({"title": "a", "priority": "x"}, "priority must be one of the values"),
}


@pytest.mark.parametrize(("body", "sentence"), SENTENCES.values(), ids=SENTENCES.keys())
async def test_the_sentence_names_the_field_and_what_it_must_be(
    ann: Browser, body: dict[str, Any], sentence: str
) -> None:
    answer = await ann.post("/api/tasks/", {"list": 1, **body})

    assert answer.status == 400
    assert answer.body["detail"].startswith(sentence)


@pytest.mark.parametrize("more", [more for more, _ in BAD_TASKS.values()], ids=BAD_TASKS.keys())
async def test_no_sentence_speaks_of_types_or_patterns(ann: Browser, more: dict[str, Any]) -> None:
    detail = (await ann.post("/api/tasks/", {"list": 1, **more})).body["detail"]

    assert not any(word in detail for word in ("`", "Expected", "regex", "str", "int ", "Object"))


@pytest.mark.parametrize("query", BAD_QUERIES)
async def test_neither_does_one_about_parameters(ann: Browser, query: str) -> None:
    detail = (await ann.get(f"/api/tasks/?{query}")).body["detail"]

    assert not any(word in detail for word in ("`", "Expected", "regex", "str", "int ", "Object"))


async def test_a_body_that_is_no_json_is_told_where(ann: Browser) -> None:
    answer = await ann.post("/api/tasks/", data=b'{"title": hello}', headers=JSON)

    assert answer.body["detail"] == "the request is not JSON from byte 10 on"


def patterns(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "pattern" in node:
            yield node["pattern"]
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from patterns(part)


def test_every_pattern_that_people_can_fail_has_a_sentence() -> None:
    given = [route.body for route in ROUTES if route.body] + [route.query for route in ROUTES if route.query]
    found = {*patterns([*msgspec.json.schema_components(given)]), *patterns(document(ROUTES)["paths"])}
    in_paths = {*patterns([msgspec.json.schema(parameter.type) for route in ROUTES for parameter in route.ids])}

    assert {repr(pattern) for pattern in found - in_paths} <= PATTERNS.keys()
