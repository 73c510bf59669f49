"""Linking a Telegram account, and what a bot may do with the service's token."""

from itertools import count
from typing import Any

import pytest

from gateway.main import main
from infra.config import ConfigError, Settings
from tests.gateway.browser import Browser
from tests.gateway.conftest import SERVICE_TOKEN, Crew, NewBrowser, NewGateway

_accounts = count(70_001)
BEARER = {"Authorization": f"Bearer {SERVICE_TOKEN}"}


def speaking_for(telegram: object) -> dict[str, str]:
    return {**BEARER, "X-TG-USER": str(telegram)}


async def link(person: Browser, bot: Browser) -> int:
    """Link a person to a Telegram account that nobody else has; gives its id."""
    telegram = next(_accounts)
    code = await bot.post("/api/telegram/create_code/", {"tg_user_id": telegram}, headers=BEARER)
    assert code.status == 200, code
    assert (await person.post("/api/telegram/confirm/", {"code": code.body["code"]})).status == 200
    return telegram


@pytest.fixture
async def bot(new_browser: NewBrowser) -> Browser:
    """A program that nobody has signed in to."""
    return await new_browser("Bot", signed_in=False)


async def test_a_code_links_the_account_that_it_was_given_to(ann: Browser, bot: Browser) -> None:
    assert (await ann.get("/api/telegram/link/")).body is None
    code = (await bot.post("/api/telegram/create_code/", {"tg_user_id": 4711}, headers=BEARER)).body["code"]

    confirmed = await ann.post("/api/telegram/confirm_link/", {"code": code})

    assert (confirmed.status, confirmed.body["status"], confirmed.body["telegram"]) == (200, "ok", 4711)
    linked = (await ann.get("/api/telegram/link/")).body
    assert confirmed.body == {"status": "ok", **linked}
    assert (await ann.post("/api/telegram/confirm/", {"code": code})).status != 200

    assert (await ann.delete("/api/telegram/link/")).status == 204
    assert (await ann.get("/api/telegram/link/")).body is None


async def test_a_bot_sees_and_finishes_the_tasks_of_whom_it_speaks_for(crew: Crew, bot: Browser) -> None:
    headers = speaking_for(await link(crew.ben, bot))
    task = await crew.task("Buy paper", assignee=crew.ben.user.id)
    await crew.task("Not Ben's")

    mine = await bot.get("/api/tg/tasks/", headers=headers)
    assert [(one["id"], one["title"], one["is_done"]) for one in mine.body] == [(task, "Buy paper", False)]

    done = await bot.post(f"/api/tg/tasks/{task}/done/", headers=headers)
    assert (done.status, done.body) == (200, {"status": "ok"})
    assert (await bot.get("/api/tg/tasks/", headers=headers)).body == []


async def test_a_bot_may_no_more_than_the_person(crew: Crew, bot: Browser) -> None:
    task = await crew.task("Buy paper")

    olgas = speaking_for(await link(crew.olga, bot))
    veras = speaking_for(await link(crew.vera, bot))

    assert (await bot.post(f"/api/tg/tasks/{task}/done/", headers=olgas)).refused == (404, None)
    assert (await bot.post(f"/api/tg/tasks/{task}/done/", headers=veras)).refused == (403, None)


REFUSED: dict[str, tuple[dict[str, str], tuple[int, str | None]]] = {
    "nobody": ({}, (401, None)),
    "no token": ({"X-TG-USER": "1"}, (401, None)),
    "another token": ({"Authorization": "Bearer something-else", "X-TG-USER": "1"}, (401, None)),
    "half of it": ({"Authorization": f"Bearer {SERVICE_TOKEN[:-1]}", "X-TG-USER": "1"}, (401, None)),
    "another alphabet": ({"Authorization": "Bearer ключ", "X-TG-USER": "1"}, (401, None)),
    "nobody to speak for": (BEARER, (400, "X-TG-USER")),
    "no id": (speaking_for("ben"), (400, "X-TG-USER")),
    "an id that is none": (speaking_for(0), (400, "X-TG-USER")),
    "somebody who has linked nothing": (speaking_for(987_654_321), (404, None)),
}


@pytest.mark.parametrize(("headers", "refusal"), REFUSED.values(), ids=REFUSED.keys())
async def test_others_are_refused(
    bot: Browser, ann: Browser, headers: dict[str, str], refusal: tuple[int, str | None]
) -> None:
    for browser in (bot, ann):
        assert (await browser.get("/api/tg/tasks/", headers=headers)).refused == refusal


async def test_without_a_service_token_there_are_no_services(new_gateway: NewGateway, new_browser: NewBrowser) -> None:
    bot = await new_browser("Bot", signed_in=False, at=await new_gateway(service_token=""))

    for shown in ({}, {"Authorization": "Bearer "}, BEARER):
        assert (await bot.get("/api/tg/tasks/", headers={"X-TG-USER": "1", **shown})).refused == (503, None)


def test_a_gateway_with_the_token_of_the_example_does_not_start() -> None:
    settings: dict[str, Any] = {"nats_url": "nats://nowhere", "redis_url": "redis://nowhere"}

    with pytest.raises(ConfigError, match="SERVICE_TOKEN"):
        main(Settings(**settings, service_token="change-me"))
