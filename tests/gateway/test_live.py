"""Live updates over `/ws/team/<id>/`."""

import asyncio
from typing import Any

import pytest
from aiohttp import WSMsgType

from gateway.app import PARTS, build
from gateway.live.feed import Feed
from gateway.main import Server
from infra.bus import Bus
from infra.config import Settings
from infra.process import supervised
from infra.redis import Redis
from schemas.base import team_subjects
from schemas.ids import ListId, TeamId
from schemas.tasks import CreateTask
from tests.gateway.browser import Browser, Ear
from tests.gateway.conftest import Crew, Gateway, NewBrowser
from tests.waiting import wait_for


def numbers(frames: list[dict[str, Any]]) -> list[int]:
    return [frame["seq"] for frame in frames]


async def test_a_socket_is_told_where_it_stands_and_then_every_event_with_its_action_in_front(crew: Crew) -> None:
    here = await crew.position()
    ear = await crew.ann.listen(crew.team, after=here)

    assert await ear.frame() == {"type": "ready", "seq": here}

    task = await crew.task("Buy paper")
    await crew.ann.patch(f"/api/tasks/{task}/", {"assignee": crew.ben.user.id})
    await crew.ann.delete(f"/api/tasks/{task}/")
    created, assigned, deleted = await ear.frames(3)

    assert next(iter(created)) == "action"
    assert (created["action"], created["type"], created["seq"]) == ("created", "task.created", here + 1)
    assert created["task"]["title"] == "Buy paper"
    assert (assigned["action"], assigned["type"], assigned["previous"]) == ("updated", "task.assigned", None)
    assert (deleted["action"], deleted["type"], deleted["seq"]) == ("deleted", "task.deleted", here + 3)
    await ear.close()


async def test_a_socket_that_comes_back_gets_what_it_missed_and_goes_on(crew: Crew) -> None:
    here = await crew.position()
    for title in ("One", "Two"):
        await crew.task(title)

    ear = await crew.ann.listen(crew.team, after=here)

    assert await ear.frame() == {"type": "recovered", "from": here + 1, "to": here + 2}
    assert [frame["task"]["title"] for frame in await ear.frames(2)] == ["One", "Two"]
    assert await ear.frame() == {"type": "ready", "seq": here + 2}
    await crew.task("Three")
    assert (await ear.frame())["seq"] == here + 3
    await ear.close()


async def test_a_socket_without_a_position_starts_where_the_team_stands(crew: Crew) -> None:
    await crew.task()
    ear = await crew.ann.listen(crew.team)

    assert await ear.frame() == {"type": "ready", "seq": await crew.position()}
    await ear.close()


async def test_a_socket_that_knows_more_than_the_store_starts_over(crew: Crew) -> None:
    ear = await crew.ann.listen(crew.team, after=10_000)

    assert await ear.frames(2) == [{"type": "reset"}, {"type": "ready", "seq": await crew.position()}]
    await ear.close()


async def create_tasks(bus: Bus, crew: Crew, count: int, description: str = "") -> None:
    command = CreateTask(by=crew.ann.user.id, list=ListId(crew.todo), title="One of many", description=description)
    await asyncio.gather(*(bus.request(command) for _ in range(count)))


async def test_a_socket_that_missed_too_much_starts_over(crew: Crew, bus: Bus) -> None:
    here = await crew.position()
    await create_tasks(bus, crew, 1001)

    ear = await crew.ann.listen(crew.team, after=here)

    assert await ear.frames(2) == [{"type": "reset"}, {"type": "ready", "seq": here + 1001}]
    await ear.close()


async def test_whoever_joins_in_the_middle_of_many_changes_misses_nothing_and_gets_nothing_twice(
    crew: Crew, bus: Bus
) -> None:
    here = await crew.position()
    count = 300

    async def listen() -> list[int]:
        ear = await crew.ben.listen(crew.team, after=here)
        seen: list[int] = []
        while not seen or seen[-1] < here + count:
            frame = await ear.frame()
            if "action" in frame:
                seen.append(frame["seq"])
        await ear.close()
        return seen

    async def change() -> None:
        for _ in range(count // 10):
            await create_tasks(bus, crew, 10)

    async with asyncio.TaskGroup() as group:
        group.create_task(change())
        ears = [group.create_task(listen()) for _ in range(20)]

    assert [ear.result() for ear in ears] == [[*range(here + 1, here + count + 1)]] * 20


async def deaf(gateway: Gateway, crew: Crew) -> Feed:
    """The team's feed, which the bus has stopped telling of anything."""
    feed = gateway.fanout.feeds[TeamId(crew.team)]
    assert feed.subscription is not None
    await feed.subscription.unsubscribe()
    return feed


async def test_events_that_the_bus_lost_come_before_the_next_that_it_brings(
    crew: Crew, bus: Bus, gateway: Gateway
) -> None:
    here = await crew.position()
    ear = await crew.ann.listen(crew.team, after=here)
    await ear.until("ready")

    feed = await deaf(gateway, crew)
    await create_tasks(bus, crew, 5)
    feed.subscription = await bus.listen(team_subjects(feed.team), feed.hear)
    await create_tasks(bus, crew, 1)

    assert numbers(await ear.frames(6)) == [*range(here + 1, here + 7)]
    await ear.close()


async def test_events_that_nothing_followed_come_after_a_reconnect(crew: Crew, bus: Bus, gateway: Gateway) -> None:
    here = await crew.position()
    ear = await crew.ann.listen(crew.team, after=here)
    await ear.until("ready")

    await deaf(gateway, crew)
    await create_tasks(bus, crew, 5)
    assert bus.client._transport is not None
    bus.client._transport.close()

    assert numbers(await ear.frames(5)) == [*range(here + 1, here + 6)]
    await ear.close()


async def test_too_many_lost_events_mean_a_reset_for_those_who_are_still_in_the_team(
    crew: Crew, bus: Bus, gateway: Gateway
) -> None:
    here = await crew.position()
    ann, ben = await crew.ann.listen(crew.team, after=here), await crew.ben.listen(crew.team, after=here)
    await ann.until("ready")
    await ben.until("ready")

    feed = await deaf(gateway, crew)
    await crew.ann.delete(f"/api/teams/{crew.team}/members/{crew.ben.user.id}/")
    await create_tasks(bus, crew, 1001)
    feed.subscription = await bus.listen(team_subjects(feed.team), feed.hear)
    await crew.task()

    assert await ann.frame() == {"type": "reset"}
    assert await ben.closed() == 4403
    await crew.task()
    assert (await ann.until("task.created"))["seq"] in (here + 1003, here + 1004)
    await ann.close()


@pytest.mark.parametrize("team", ["9007199254740991", "0", "x", "9" * 30])
async def test_a_team_that_does_not_exist_is_closed_as_not_found(crew: Crew, team: str) -> None:
    assert await (await crew.ann.listen(team)).closed() == 4404


async def test_an_outsider_is_told_that_there_is_no_such_team(crew: Crew) -> None:
    assert await (await crew.olga.listen(crew.team)).closed() == 4404


async def test_nobody_listens_who_is_not_signed_in(crew: Crew, new_browser: NewBrowser) -> None:
    stranger = await new_browser("Sam", signed_in=False)

    assert await (await stranger.listen(crew.team)).closed() == 4401


async def test_signing_out_closes_the_sockets_of_that_session_only(crew: Crew) -> None:
    ben, ann = await crew.ben.listen(crew.team), await crew.ann.listen(crew.team)
    await ben.until("ready")
    await ann.until("ready")

    await crew.ben.post("/api/auth/logout/")

    assert await ben.closed() == 4401
    await crew.task()
    assert (await ann.frame())["type"] == "task.created"
    await ann.close()


async def test_whoever_is_taken_out_of_a_team_hears_nothing_more(crew: Crew) -> None:
    ben, ann = await crew.ben.listen(crew.team), await crew.ann.listen(crew.team)
    await ben.until("ready")
    await ann.until("ready")

    await crew.ann.delete(f"/api/teams/{crew.team}/members/{crew.ben.user.id}/")
    await crew.task()

    assert await ben.closed() == 4403
    assert (await ann.frame())["type"] == "member.removed"
    assert await (await crew.ben.listen(crew.team)).closed() == 4404
    await ann.close()


async def test_a_socket_that_does_not_read_is_closed_and_resumes_without_loss(
    crew: Crew, bus: Bus, gateway: Gateway
) -> None:
    here = await crew.position()
    ear = await crew.ann.listen(crew.team, after=here)
    await ear.until("ready")
    (line,) = gateway.fanout.feeds[TeamId(crew.team)].lines

    written = 0
    while not line.ended.is_set():
        await create_tasks(bus, crew, 50, "ж" * 20_000)
        written += 50

    seen = await seen_until_closed(ear)
    assert ear.socket.close_code == 4408
    assert seen == [*range(here + 1, here + len(seen) + 1)]
    assert len(seen) < written

    again = await crew.ann.listen(crew.team, after=seen[-1])
    assert (await again.frame())["type"] in ("recovered", "reset")
    assert (await again.until("ready"))["seq"] == here + written
    await again.close()


async def seen_until_closed(ear: Ear) -> list[int]:
    """The numbers of the events."""
    frames = [message.json() async for message in ear.socket if message.type is WSMsgType.TEXT]
    return numbers([frame for frame in frames if "action" in frame])


async def test_a_browser_that_talks_without_end_is_closed(crew: Crew) -> None:
    ear = await crew.ann.listen(crew.team)
    for _ in range(101):
        await ear.socket.send_str("hello?")

    assert await ear.closed() == 1008


async def test_a_browser_that_says_little_is_ignored(crew: Crew) -> None:
    ear = await crew.ann.listen(crew.team)
    await ear.socket.send_str('{"type":"heartbeat"}')
    await ear.until("ready")

    await crew.task()
    assert (await ear.frame())["type"] == "task.created"
    await ear.close()


async def test_a_large_frame_from_a_browser_closes_the_socket(crew: Crew) -> None:
    ear = await crew.ann.listen(crew.team)
    await ear.socket.send_str("x" * 5000)

    assert await ear.closed() == 1009


async def test_an_address_for_sockets_asks_others_to_upgrade(ann: Browser) -> None:
    answer = await ann.get("/ws/team/1/")

    assert answer.refused == (426, None)
    assert answer.headers["Upgrade"] == "websocket"
    assert (await ann.get("/ws/team/1/?after=x")).refused == (400, "after")


async def test_a_gateway_that_stops_says_so_to_its_sockets(
    settings: Settings, bus: Bus, redis: Redis, crew: Crew
) -> None:
    app = build(bus, redis, settings)
    server = Server(app, "127.0.0.1", 0)
    async with supervised(*app[PARTS], server):
        browser = Browser(f"http://127.0.0.1:{server.port}", crew.ann.user)
        await browser.sign_in()
        ear = await browser.listen(crew.team)
        await ear.until("ready")
        closed = asyncio.ensure_future(ear.closed())

    assert await closed == 1001
    await browser.close()


async def test_one_person_does_not_take_all_sockets(
    gateway: Gateway, ann: Browser, new_browser: NewBrowser, settings: Settings
) -> None:
    ben = await new_browser("Ben")
    ears = [await ann.listen_for_oneself() for _ in range(settings.socket_limit)]

    def opened_by(person: Browser) -> int:
        return sum(line.caller.id == person.user.id for line in gateway.fanout.lines)

    await wait_for(lambda: opened_by(ann) == settings.socket_limit)
    assert await (await ann.listen_for_oneself()).closed() == 4503
    ears.append(await ben.listen_for_oneself())
    await wait_for(lambda: opened_by(ben) == 1)

    for ear in ears:
        await ear.close()
    await wait_for(lambda: opened_by(ann) == 0)
    again = await ann.listen_for_oneself()
    await wait_for(lambda: opened_by(ann) == 1)
    await again.close()


async def test_nothing_is_subscribed_to_for_those_outside_the_team(gateway: Gateway, crew: Crew) -> None:
    assert await (await crew.olga.listen(crew.team)).closed() == 4404

    assert crew.team not in gateway.fanout.feeds
