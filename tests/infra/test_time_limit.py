"""The clock over the tests themselves."""

import asyncio

import pytest

from tests.time_limit import limited


async def test_a_test_that_takes_too_long_is_cancelled_where_it_waits() -> None:
    stages: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stages.append("cleaned up")

    with pytest.raises(pytest.fail.Exception, match=r"longer than 0\.01 s"):
        await limited(slow, 0.01)()

    assert stages == ["cleaned up"]


async def test_all_runs_of_one_test_share_its_time() -> None:
    runs = 0

    async def quick() -> None:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0.001)

    again = limited(quick, 0.1)

    async def for_ever() -> None:
        while True:
            await again()

    with pytest.raises(pytest.fail.Exception, match=r"longer than 0\.1 s"):
        await for_ever()

    assert runs > 1


async def test_a_time_limit_that_the_test_has_set_itself_is_its_own() -> None:
    async def impatient() -> None:
        await asyncio.wait_for(asyncio.Event().wait(), 0.001)

    with pytest.raises(TimeoutError):
        await limited(impatient, 10)()
