"""Notices over HTTP: the inbox, preferences, reminders, groups and what administrators see of deliveries."""

from typing import Any

import pytest

from infra.bus import Bus
from schemas.notices import Kind
from tests.gateway.browser import Browser
from tests.gateway.conftest import Crew, NewBrowser
from tests.gateway.telling import add_to_a_team, bind_group, give_up, in_hours, notice_about
from tests.waiting import wait_for

NOTICES = "/api/notices/"
PREFERENCES = "/api/notices/preferences/"


async def test_whoever_a_task_is_assigned_to_finds_it_in_the_inbox_and_why_it_went_no_further(crew: Crew) -> None:
    task = await crew.task("Buy paper", assignee=crew.ben.user.id)

    notice = await notice_about(crew.ben, "task", task)

    assert (notice["kind"], notice["title"], notice["by_name"]) == ("assigned", "Buy paper", "Ann")
    assert (notice["team"], notice["read_at"]) == (crew.team, None)
    (attempt,) = (await wait_for(lambda: told(crew.ben, notice["id"])))["attempts"]
    assert attempt["state"] == "cancelled"
    assert "Telegram is not linked" in attempt["reason"]
    russian = (await crew.ben.get(NOTICES, headers={"Accept-Language": "ru"})).body["notices"][0]
    assert russian["attempts"][0]["reason"] == "страница не открыта; Telegram не привязан"
    assert (await crew.ann.get(NOTICES)).body == {"unread": 0, "notices": [], "before": None}


async def told(reader: Browser, notice: int) -> Any:
    """The notice, once it is decided where it goes."""
    found = await notice_about(reader, "id", notice)
    return found if found["attempts"] else None


async def test_the_inbox_comes_in_pages_and_counts_what_is_unread(ann: Browser, new_browser: NewBrowser) -> None:
    ben = await new_browser("Ben")
    ids = [(await add_to_a_team(ben, ann))["id"] for _ in range(3)]

    first = (await ben.get(f"{NOTICES}?limit=2")).body
    second = (await ben.get(f"{NOTICES}?limit=2&before={first['before']}")).body

    assert [notice["id"] for notice in (*first["notices"], *second["notices"])] == ids[::-1]
    assert (first["unread"], second["before"]) == (3, None)

    assert (await ben.post(f"{NOTICES}read/", {"notices": [ids[0]]})).body == {"unread": 2}
    left = (await ben.get(f"{NOTICES}?unread=true")).body
    assert [notice["id"] for notice in left["notices"]] == ids[:0:-1]
    assert (await ben.post(f"{NOTICES}read/", {"all": True})).body == {"unread": 0}
    assert (await ben.get(f"{NOTICES}?unread=true")).body["notices"] == []


async def test_all_about_a_task_is_read_at_once(crew: Crew) -> None:
    paper = await crew.task("Buy paper", assignee=crew.ben.user.id)
    await crew.ann.post(f"/api/tasks/{paper}/comments/", {"text": "White, @" + crew.ben.user.username})
    ink = await crew.task("Buy ink", assignee=crew.ben.user.id)
    await notice_about(crew.ben, "kind", "mentioned")
    await notice_about(crew.ben, "task", ink)

    await crew.ben.post(f"{NOTICES}read/", {"task": paper})

    unread = (await crew.ben.get(f"{NOTICES}?unread=true")).body["notices"]
    assert paper not in {notice["task"] for notice in unread}
    assert ink in {notice["task"] for notice in unread}


async def test_nobody_reads_or_snoozes_the_notices_of_others(ann: Browser, new_browser: NewBrowser) -> None:
    ben = await new_browser("Ben")
    notice = (await add_to_a_team(ben, ann))["id"]

    assert (await ann.post(f"{NOTICES}read/", {"notices": [notice]})).refused == (404, None)
    assert (await ann.post(f"{NOTICES}{notice}/snooze/", {"until": in_hours(1)})).refused == (404, None)
    assert (await ben.get(NOTICES)).body["unread"] == 1


async def test_a_notice_is_snoozed_for_a_year_at_most(ann: Browser, new_browser: NewBrowser) -> None:
    ben = await new_browser("Ben")
    path = f"{NOTICES}{(await add_to_a_team(ben, ann))['id']}/snooze/"

    for hours in (-1, 367 * 24):
        assert (await ben.post(path, {"until": in_hours(hours)})).refused == (400, "until")
    snoozed = (await ben.post(path, {"until": in_hours(1)})).body

    assert snoozed["snoozed_until"] is not None
    assert (await ben.get(NOTICES)).body["notices"][0]["snoozed_until"] == snoozed["snoozed_until"]


async def test_preferences_name_all_kinds_and_change_one_by_one(ann: Browser) -> None:
    before = (await ann.get(PREFERENCES)).body
    assert before["kinds"].keys() == {*Kind}
    assert all(kind == {"web": True, "telegram": "now"} for kind in before["kinds"].values())

    changes = {"kinds": {"commented": {"web": False, "telegram": "digest"}}, "remind": None}
    changed = (await ann.patch(PREFERENCES, changes)).body

    assert changed == before | {"kinds": before["kinds"] | changes["kinds"], "remind": None}
    hours = {"start": "22:00", "until": "07:30"}
    assert (await ann.patch(PREFERENCES, {"quiet_hours": hours})).body == changed | {"quiet_hours": hours}
    assert (await ann.patch(PREFERENCES, {"quiet_hours": None})).body == (await ann.get(PREFERENCES)).body == changed


BAD_PREFERENCES: dict[str, tuple[dict[str, Any], str]] = {
    "a kind of nobody's": ({"kinds": {"shouted": {}}}, "kinds"),
    "a way of nobody's": ({"kinds": {"assigned": {"telegram": "soon"}}}, "kinds"),
    "an hour too many": ({"digest_at": "24:00"}, "digest_at"),
    "a moment for a time of day": ({"digest_at": "2030-01-01T09:00:00Z"}, "digest_at"),
    "quiet hours without an end": ({"quiet_hours": {"start": "22:00"}}, "quiet_hours"),
    "quiet hours of no length": ({"quiet_hours": {"start": "22:00", "until": "22:00"}}, "quiet_hours"),
    "a lead of seven minutes": ({"remind": 7}, "remind"),
}


@pytest.mark.parametrize(("changes", "field"), BAD_PREFERENCES.values(), ids=BAD_PREFERENCES.keys())
async def test_what_cannot_be_preferred_is_refused(ann: Browser, changes: dict[str, Any], field: str) -> None:
    before = (await ann.get(PREFERENCES)).body

    status, named = (await ann.patch(PREFERENCES, changes)).refused

    assert status == 400
    assert named is not None
    assert field in named
    assert (await ann.get(PREFERENCES)).body == before


async def test_a_task_has_a_reminder_of_its_own_until_that_is_taken_back(crew: Crew) -> None:
    task = await crew.task()
    path = f"/api/tasks/{task}/reminder/"
    usual = {"task": task, "remind": 60, "own": False}

    assert (await crew.ben.get(path)).body == usual
    assert (await crew.ben.send("PUT", path, {"remind": None})).body == {"task": task, "remind": None, "own": True}
    assert (await crew.ann.get(path)).body == usual, "it is for Ben alone"
    assert (await crew.ben.send("PUT", path, {})).body == usual
    assert (await crew.olga.send("PUT", path, {"remind": 10})).refused == (404, None)


async def test_admins_choose_what_a_group_and_a_topic_of_it_hear(crew: Crew, messenger: Bus) -> None:
    group = await bind_group(crew.ann, crew.team, messenger)
    topic = await bind_group(crew.ann, crew.team, messenger, thread=17)

    chosen = await crew.adam.patch(f"/api/groups/{topic}/", {"kinds": ["overdue"]})

    assert (chosen.body["kinds"], chosen.body["thread"]) == (["overdue"], 17)
    assert (await crew.adam.delete(f"/api/groups/{group}/")).status == 204
    left = (await crew.vera.get(f"/api/teams/{crew.team}/groups/")).body
    assert [(one["thread"], one["kinds"]) for one in left] == [(17, ["overdue"])]


@pytest.mark.parametrize("address", ["7", "-7", "-0", "x", "-1_", "-1_x", "-" + "9" * 16, "-100_0"])
async def test_a_group_of_nobodys_is_not_there(ann: Browser, address: str) -> None:
    assert (await ann.delete(f"/api/groups/{address}/")).refused == (404, None)


async def test_what_was_given_up_is_seen_and_sent_again_by_administrators(
    ann: Browser, new_browser: NewBrowser, new_user: Any, bus: Bus, messenger: Bus
) -> None:
    boss = await new_browser(user=await new_user("Boss", is_admin=True))
    delivery = await give_up(await new_browser("Ben"), ann, bus, messenger)

    (row,) = [row for row in (await boss.get("/api/admin/deliveries/")).body["deliveries"] if row["id"] == delivery]
    assert (row["state"], row["notices"]) == ("failed", 1)
    again = await boss.post(f"/api/admin/deliveries/{delivery}/retry/")

    assert (again.body["id"], again.body["state"]) == (delivery, "waiting")
    waiting = (await boss.get("/api/admin/deliveries/?state=waiting")).body["deliveries"]
    assert delivery in [row["id"] for row in waiting]
    assert (await ann.get("/api/admin/deliveries/")).refused == (403, None)
