"""What is refused is said in the language that the browser asks for."""

import io
from http import HTTPStatus
from typing import Any

import pytest

from gateway.access.limits import NEW_PASSWORD
from tests.gateway.browser import Answer, Browser
from tests.gateway.conftest import Crew, NewBrowser

RUSSIAN = {"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.8"}
OTHERS = ({}, {"Accept-Language": "en-GB,en;q=0.9,ru;q=0.8"}, {"Accept-Language": "fi"})


def is_said(answer: Answer, status: int, title: str, detail: str) -> bool:
    """As in Russian; the status and what programs read are the same in every language."""
    assert answer.refused[0] == status
    assert (answer.headers["Content-Language"], answer.headers["Vary"]) == ("ru", "Accept-Language")
    return (answer.body["title"], answer.body["detail"]) == (title, detail)


async def test_what_does_not_exist(ann: Browser) -> None:
    missing = await ann.get("/api/tasks/999999999/", headers=RUSSIAN)

    assert is_said(missing, 404, "Не найдено", "Такой задачи нет.")
    nowhere = await ann.get("/api/nothing/", headers=RUSSIAN)
    assert is_said(nowhere, 404, "Не найдено", "Такого адреса нет. Пути заканчиваются косой чертой.")


async def test_what_a_role_may_not_do(crew: Crew) -> None:
    task = f"/api/tasks/{await crew.task()}/"

    answer = await crew.vera.patch(task, {"title": "Other"}, headers=RUSSIAN)

    detail = "Ваша роль здесь — «наблюдатель». Для этого нужна роль «участник» или выше."
    assert is_said(answer, 403, "Недостаточно прав", detail)


async def test_what_somebody_changed_meanwhile_with_the_thing_as_it_is_now(crew: Crew) -> None:
    task = f"/api/tasks/{await crew.task()}/"
    now = (await crew.ben.patch(task, {"title": "Buy white paper", "version": 1})).body

    answer = await crew.ann.patch(task, {"title": "Buy red paper", "version": 1}, headers=RUSSIAN)

    detail = "Тем временем это изменил кто-то другой: вам известна версия 1, а сейчас версия 2."
    assert is_said(answer, 409, "Конфликт", detail)
    assert (answer.body["field"], answer.body["current"]) == ("version", now)


FIELDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "empty": ({"title": ""}, "title", "Название: символов должно быть не меньше 1."),
    "missing": ({}, "title", "Название: нужно указать."),
    "another kind": ({"title": 5}, "title", "Название: ожидается текст, а не целое число."),
    "unknown": ({"title": "a", "titel": "b"}, "titel", "titel: такого поля здесь нет."),
    "a rule of the store": ({"title": "a", "assignee": 999_999}, "assignee", "В этой команде нет участника"),
}


@pytest.mark.parametrize(("body", "field", "detail"), FIELDS.values(), ids=FIELDS.keys())
async def test_what_is_wrong_with_a_field_whose_name_stays(
    crew: Crew, body: dict[str, Any], field: str, detail: str
) -> None:
    answer = await crew.ann.post("/api/tasks/", {"list": crew.todo, **body}, headers=RUSSIAN)

    assert answer.refused == (400, field)
    assert answer.body["title"] == "Неверный запрос"
    assert answer.body["detail"].startswith(detail)


async def test_whom_nobody_knows(new_browser: NewBrowser) -> None:
    stranger = await new_browser("Ann", signed_in=False)

    assert is_said(await stranger.get("/api/teams/", headers=RUSSIAN), 401, "Нужен вход", "Пожалуйста, войдите.")
    wrong = {"username": stranger.user.username, "password": "wrong"}
    answer = await stranger.post("/api/auth/login/", wrong, headers=RUSSIAN)
    assert is_said(answer, 401, "Нужен вход", "Неверное имя пользователя или пароль.")


async def test_what_is_tried_too_often(ann: Browser) -> None:
    wrong = {"old": "wrong", "new": "another long password"}
    for _ in range(NEW_PASSWORD.rates[0].most):
        answer = await ann.post("/api/auth/password/", wrong, headers=RUSSIAN)
        assert is_said(answer, 403, "Недостаточно прав", "Текущий пароль указан неверно.")

    answer = await ann.post("/api/auth/password/", wrong, headers=RUSSIAN)

    wait = answer.headers["Retry-After"]
    assert is_said(answer, 429, "Слишком много запросов", f"Слишком много попыток. Повторите через {wait} с.")


async def test_what_is_too_large(ann: Browser) -> None:
    headers = {**RUSSIAN, "Content-Type": "application/json"}

    answer = await ann.post("/api/teams/", data=io.BytesIO(b" " * 1_100_000), headers=headers)

    assert is_said(answer, 413, "Слишком большой запрос", "Тело запроса слишком велико.")


async def test_a_method_that_an_address_does_not_take(ann: Browser) -> None:
    answer = await ann.send("PUT", "/api/tasks/1/", {}, headers=RUSSIAN)

    detail = "Этот адрес принимает только DELETE, GET, HEAD, PATCH."
    assert is_said(answer, 405, "Метод не поддерживается", detail)
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, PATCH"


@pytest.mark.parametrize("headers", OTHERS, ids=["nothing", "English first", "a language that is not ours"])
async def test_everybody_else_is_told_in_english(ann: Browser, headers: dict[str, str]) -> None:
    answer = await ann.get("/api/tasks/999999999/", headers=headers)

    assert answer.refused == (404, None)
    assert (answer.body["title"], answer.body["detail"]) == (HTTPStatus.NOT_FOUND.phrase, "no such task")
    assert (answer.headers["Content-Language"], answer.headers["Vary"]) == ("en", "Accept-Language")


async def test_what_is_served_has_no_language(ann: Browser) -> None:
    answer = await ann.get("/api/auth/me/", headers=RUSSIAN)

    assert answer.status == 200
    assert not {"Content-Language", "Vary"} & {*answer.headers}
