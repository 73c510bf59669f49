"""How many changes one person may make in a minute."""

import asyncio

import pytest

from gateway.access.writes import Writes
from gateway.errors import HttpProblem
from infra.redis import Redis
from schemas.errors import BusError
from schemas.ids import UserId
from tests.gateway.conftest import Crew, NewBrowser, NewGateway
from tests.waiting import wait_for

MINUTE = 60
ANN, BEN = UserId(1), UserId(2)


class Hands:
    """A clock that is moved by hand, in seconds; each test has a minute of its own."""

    minutes = 1000

    def __init__(self) -> None:
        Hands.minutes += 10
        self.now = Hands.minutes * MINUTE + 15.0

    def __call__(self) -> float:
        return self.now


def take(writes: Writes, user: UserId, times: int) -> int:
    """How many of so many changes pass."""
    passed = 0
    for _ in range(times):
        try:
            writes.take(user)
        except HttpProblem:
            break
        passed += 1
    return passed


async def test_each_person_may_make_so_many_in_a_minute_and_again_in_the_next(redis: Redis) -> None:
    clock = Hands()
    writes = Writes(redis, 5, clock)

    assert take(writes, ANN, 9) == 5
    assert take(writes, BEN, 3) == 3
    with pytest.raises(HttpProblem) as refusal:
        writes.take(ANN)
    assert refusal.value.headers["Retry-After"] == "45"

    clock.now += MINUTE
    assert take(writes, ANN, 9) == 5


async def test_several_gateways_count_together(redis: Redis) -> None:
    clock = Hands()
    here, there = Writes(redis, 10, clock), Writes(redis, 10, clock)
    take(here, ANN, 6)
    take(there, ANN, 1)

    await here.tell()
    await there.tell()

    assert take(there, ANN, 9) == 3
    assert take(here, ANN, 9) == 4, "it learns with what it tells next"
    await here.tell()
    assert take(here, ANN, 1) == 0


async def test_what_is_counted_while_it_is_being_told_is_not_lost(redis: Redis) -> None:
    clock = Hands()
    writes = Writes(redis, 10, clock)
    take(writes, ANN, 4)
    telling = asyncio.ensure_future(writes.tell())
    await asyncio.sleep(0)
    assert writes._untold == {}, "it waits for Redis"
    take(writes, ANN, 2)
    await telling

    assert take(writes, ANN, 9) == 4


async def test_without_redis_a_gateway_counts_alone_and_tells_later(redis: Redis) -> None:
    clock = Hands()
    writes = Writes(Redis.from_url("unix:///nowhere/redis.sock", driver_info=None), 5, clock)
    take(writes, ANN, 3)

    with pytest.raises(BusError):
        await writes.tell()

    assert take(writes, ANN, 9) == 2
    assert writes._untold == {ANN: 5}


async def test_too_many_changes_are_refused_until_the_minute_is_over_and_reading_goes_on(
    new_gateway: NewGateway, new_browser: NewBrowser
) -> None:
    strict = await new_gateway(write_limit=3)
    ann, ben = await new_browser("Ann", at=strict), await new_browser("Ben", at=strict)

    # Seven, because the minute may turn once in between.
    made = [await ann.post("/api/teams/", {"name": "Crew"}) for _ in range(7)]

    assert [answer.status for answer in made[:3]] == [201] * 3
    late = next(answer for answer in made if answer.status != 201)
    assert late.refused == (429, None)
    assert 0 < int(late.headers["Retry-After"]) <= MINUTE
    assert (await ann.get("/api/teams/")).status == 200
    assert (await ben.post("/api/teams/", {"name": "Crew"})).status == 201


async def test_each_task_of_a_bulk_counts(new_gateway: NewGateway, crew: Crew, new_browser: NewBrowser) -> None:
    strict = await new_gateway(write_limit=5)
    ben = await new_browser(user=crew.ben.user, at=strict)
    tasks = [await crew.task() for _ in range(3)]
    body = {"team": crew.team, "tasks": tasks, "fields": {"priority": "low"}}

    # Four, because the minute may turn once in between.
    answers = [await ben.post("/api/tasks/bulk/", body) for _ in range(4)]

    assert [answer.status for answer in answers].count(200) <= 2
    late = next(answer for answer in answers if answer.status != 200)
    assert late.refused == (429, None)


async def test_what_a_gateway_counts_gets_to_the_others_by_itself(
    new_gateway: NewGateway, new_browser: NewBrowser, redis: Redis
) -> None:
    gateway = await new_gateway(write_limit=100)
    ann = await new_browser("Ann", at=gateway)
    await ann.post("/api/teams/", {"name": "Crew"})

    async def told() -> bool:
        keys = await redis.execute_command("KEYS", f"writes:*:{ann.user.id}")
        return bool(keys)

    await wait_for(told)
