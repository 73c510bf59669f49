"""What is wrong with a request is said in a problem document that names the field; nothing of it is done."""

import gzip
import io
import json
from typing import Any

import pytest

from tests.gateway.browser import Browser
from tests.gateway.conftest import Crew

JSON = {"Content-Type": "application/json"}
ZIPPED = {"Content-Encoding": "gzip"}

BAD_TASKS: dict[str, tuple[dict[str, Any], str]] = {
    "no title": ({}, "title"),
    "an empty title": ({"title": ""}, "title"),
    "a blank title": ({"title": " \t "}, "title"),
    "a title of 201 letters": ({"title": "x" * 201}, "title"),
    "a title with NUL": ({"title": "a\0b"}, "title"),
    "a title of two lines": ({"title": "a\nb"}, "title"),
    "a title that ends in a newline": ({"title": "a\n"}, "title"),
    "a title that nobody sees": ({"title": "\u200b\u00ad\u3164"}, "title"),
    "a title that is a number": ({"title": 5}, "title"),
    "a title that is null": ({"title": None}, "title"),
    "a title that is a list": ({"title": ["a"]}, "title"),
    "a description with NUL": ({"title": "a", "description": "\0"}, "description"),
    "a description of 20,001 letters": ({"title": "a", "description": "x" * 20_001}, "description"),
    "a list that is text": ({"title": "a", "list": "one"}, "list"),
    "a list that is a fraction": ({"title": "a", "list": 1.5}, "list"),
    "list 0": ({"title": "a", "list": 0}, "list"),
    "a list below zero": ({"title": "a", "list": -1}, "list"),
    "a list beyond what a browser counts": ({"title": "a", "list": 2**53}, "list"),
    "a list beyond 64 bits": ({"title": "a", "list": 10**30}, "list"),
    "true for a list": ({"title": "a", "list": True}, "list"),
    "a moment without a zone": ({"title": "a", "due_at": "2026-01-01T00:00:00"}, "due_at"),
    "a day": ({"title": "a", "due_at": "2026-01-01"}, "due_at"),
    "a day that does not exist": ({"title": "a", "due_at": "2026-02-30T00:00:00Z"}, "due_at"),
    "a moment that is no moment": ({"title": "a", "due_at": "tomorrow"}, "due_at"),
    "a moment in the year 10000": ({"title": "a", "due_at": "10000-01-01T00:00:00Z"}, "due_at"),
    "a moment before the year 1": ({"title": "a", "due_at": "0001-01-01T00:00:00+14:00"}, "due_at"),
    "a moment that is a number": ({"title": "a", "due_at": 1_700_000_000}, "due_at"),
    "an unknown field": ({"title": "a", "titel": "a"}, "titel"),
    "a field that is not the caller's": ({"title": "a", "by": 1}, "by"),
}


@pytest.mark.parametrize(("more", "field"), BAD_TASKS.values(), ids=BAD_TASKS.keys())
async def test_a_bad_task_is_refused_and_the_field_named(crew: Crew, more: dict[str, Any], field: str) -> None:
    answer = await crew.ann.post("/api/tasks/", {"list": crew.todo, **more})

    assert answer.refused == (400, field)
    assert (await crew.ann.get(f"/api/tasks/?team={crew.team}")).body["count"] == 0


async def test_a_change_with_parameters_that_nobody_reads_is_refused(crew: Crew) -> None:
    task = await crew.task()

    answer = await crew.ann.patch(f"/api/tasks/{task}/?version=999", {"title": "Other"})

    assert answer.refused == (400, "version")
    assert (await crew.ann.get(f"/api/tasks/{task}/")).body["title"] == "Buy paper"


BAD_TEXTS = {
    "nothing": b"",
    "half an object": b'{"title": "a"',
    "an array": b"[1]",
    "a bare word": b"hello",
    "NaN": b'{"title": "a", "list": NaN}',
    "two objects": b'{"title":"a","list":1}{}',
    "bytes that are not UTF-8": b'{"title":"\xff\xfe","list":1}',
    "a surrogate in UTF-8": b'{"title":"\xed\xa0\x80","list":1}',
    "half a surrogate pair": b'{"title":"\\ud800","list":1}',
    "a second half alone": b'{"title":"\\udc00","list":1}',
    "UTF-16": '{"title":"a","list":1}'.encode("utf-16"),
    "a very deep array": b"[" * 100_000,
    "a very deep title": b'{"title":' + b"[" * 100_000,
    "a very deep unknown field": b'{"x":' + b'{"x":' * 100_000,
}


@pytest.mark.parametrize("body", BAD_TEXTS.values(), ids=BAD_TEXTS.keys())
async def test_what_is_not_json_of_the_right_form_is_refused(ann: Browser, body: bytes) -> None:
    answer = await ann.post("/api/tasks/", data=body, headers=JSON)

    assert answer.refused[0] == 400


async def test_a_body_of_more_than_a_megabyte_is_too_large(ann: Browser) -> None:
    body = io.BytesIO(json.dumps({"title": "a", "list": 1, "description": "x" * 1_100_000}).encode())

    assert (await ann.post("/api/tasks/", data=body, headers=JSON)).refused == (413, None)


async def test_a_body_that_swells_when_it_is_unpacked_is_too_large(ann: Browser) -> None:
    body = gzip.compress(b'{"name":"' + b" " * 20_000_000)

    assert (await ann.post("/api/teams/", data=body, headers={**JSON, **ZIPPED})).refused == (413, None)


async def test_a_body_may_be_packed_and_one_that_is_not_what_it_says_is_refused(ann: Browser) -> None:
    good = await ann.post("/api/teams/", data=gzip.compress(b'{"name":"Crew"}'), headers={**JSON, **ZIPPED})
    bad = await ann.post("/api/teams/", data=b'{"name":"Crew"}', headers={**JSON, **ZIPPED})

    assert good.status == 201
    assert bad.refused == (400, None)


@pytest.mark.parametrize("host", ["[", "a b", "x:y"])
async def test_a_host_that_cannot_be_one_gets_pages_without_it(crew: Crew, host: str) -> None:
    await crew.list_("Third")

    answer = await crew.ann.get(f"/api/lists/?team={crew.team}&limit=2", headers={"Host": host})

    assert answer.status == 200
    assert answer.body["next"].endswith(f"/api/lists/?team={crew.team}&limit=2&offset=2")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
async def test_a_body_of_a_type_that_a_foreign_form_can_send_is_refused(ann: Browser, kind: str) -> None:
    answer = await ann.post("/api/teams/", data=b'{"name":"Crew"}', headers={"Content-Type": kind})

    assert answer.refused == (415, None)


async def test_the_type_of_a_body_may_name_its_charset(ann: Browser) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}

    assert (await ann.post("/api/teams/", data=b'{"name":"Crew"}', headers=headers)).status == 201


BAD_QUERIES = {
    "limit=0": "limit",
    "limit=501": "limit",
    "limit=many": "limit",
    "offset=-1": "offset",
    "team=x": "team",
    "team=0": "team",
    "list=1&list=2": "list",
    "filter=mine": "filter",
    "q=%00": "q",
    "colour=red": "colour",
    "due_from=0001-01-01T00:00:00%2B14:00": "due_from",
    "due_from=1969-12-31T23:59:59Z": "due_from",
    "due_before=9999-12-31T23:59:59-12:00": "due_before",
    "due_before=9999-01-01T00:00:00Z": "due_before",
}


@pytest.mark.parametrize(("query", "field"), BAD_QUERIES.items())
async def test_a_bad_query_is_refused_and_the_parameter_named(ann: Browser, query: str, field: str) -> None:
    assert (await ann.get(f"/api/tasks/?{query}")).refused == (400, field)


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B23:59"])
async def test_a_board_of_a_moment_that_no_clock_shows_is_refused(crew: Crew, moment: str) -> None:
    assert (await crew.ann.get(f"/api/teams/{crew.team}/board/?at={moment}")).refused == (400, "at")


async def test_a_filter_about_a_moment_that_no_clock_shows_is_not_kept(ann: Browser) -> None:
    wanted = {"due_before": "9999-12-31T23:59:59-12:00"}

    assert (await ann.post("/api/filters/", {"name": "Late", "filter": wanted})).refused == (400, "due_before")
    assert (await ann.get("/api/filters/")).body == []


@pytest.mark.parametrize(("query", "way_back"), [("before=9007199254740991", "cursor"), ("cursor=1", "before")])
async def test_beyond_the_last_id_is_an_empty_page_that_leads_back(crew: Crew, query: str, way_back: str) -> None:
    answer = await crew.ann.get(f"/api/tasks/?team={crew.team}&{query}")

    assert (answer.status, answer.body["results"]) == (200, [])
    assert str(answer.body[way_back]) == query.partition("=")[2]


@pytest.mark.parametrize(
    "number", ["0", "x", "-1", "1.0", "9007199254740992", "9" * 40, "%D9%A1", "%ff", "1%00", "None"]
)
async def test_what_cannot_be_an_id_does_not_exist(ann: Browser, number: str) -> None:
    assert (await ann.get(f"/api/tasks/{number}/")).refused == (404, None)


@pytest.mark.parametrize("key", ["two words", "x" * 101, "ключ"])
async def test_a_bad_idempotency_key_is_refused(ann: Browser, key: str) -> None:
    answer = await ann.post("/api/teams/", {"name": "Crew"}, headers={"Idempotency-Key": key})

    assert answer.refused == (400, "Idempotency-Key")


async def test_a_retry_with_the_same_key_gets_the_first_outcome(ann: Browser) -> None:
    headers = {"Idempotency-Key": "7d4c"}
    first = await ann.post("/api/teams/", {"name": "Crew"}, headers=headers)
    second = await ann.post("/api/teams/", {"name": "Crew"}, headers=headers)

    assert first.status == second.status == 201
    assert first.body == second.body
    assert (await ann.post("/api/teams/", {"name": "Other"}, headers=headers)).refused[0] == 409


async def test_a_stale_version_is_refused_with_the_task_as_it_is_now(crew: Crew) -> None:
    task = f"/api/tasks/{await crew.task()}/"
    now = (await crew.ben.patch(task, {"title": "Buy white paper", "version": 1})).body

    answer = await crew.ann.patch(task, {"title": "Buy red paper", "version": 1})

    assert answer.refused == (409, "version")
    assert answer.body["current"] == now
    assert (await crew.ann.get(task)).body == now


async def test_a_delete_takes_the_version_in_the_query(crew: Crew) -> None:
    task = f"/api/tasks/{await crew.task()}/"

    assert (await crew.ann.delete(f"{task}?version=2")).refused == (409, "version")
    assert (await crew.ann.delete(f"{task}?version=1")).status == 204


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_unknown_address_is_a_problem_too(ann: Browser, method: str) -> None:
    assert (await ann.send(method, "/api/nothing/")).refused == (404, None)
    assert (await ann.send(method, "/api/tasks")).refused == (404, None)


async def test_a_method_that_an_address_does_not_take_is_answered_with_those_it_does(ann: Browser) -> None:
    answer = await ann.send("PUT", "/api/tasks/1/", {})

    assert answer.refused == (405, None)
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, PATCH"
    assert (await ann.post("/board/7")).refused == (405, None)


async def test_head_answers_like_get_without_a_body(ann: Browser) -> None:
    answer = await ann.send("HEAD", "/api/auth/me/")

    assert (answer.status, answer.body) == (200, "")
    assert answer.headers["Content-Type"] == "application/json"
