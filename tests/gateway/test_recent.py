"""What is remembered for a second, and what is not."""

import asyncio

import pytest

from gateway.access.recent import Recent


class Looks:
    """Something that can be looked up, slowly, and how often it was."""

    def __init__(self) -> None:
        self.value: str | None = "here"
        self.count = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.now = 0.0
        self.recent = Recent(self._look, lambda: self.now)

    async def _look(self, key: str) -> str | None:
        self.count += 1
        value = self.value
        await self.may_answer.wait()
        if value == "broken":
            raise ValueError(key)
        return value


@pytest.fixture
async def looks() -> Looks:
    return Looks()


async def test_what_was_found_is_remembered_for_a_second(looks: Looks) -> None:
    assert await looks.recent.find("key") == "here"
    looks.value = "elsewhere"

    looks.now = 0.9
    assert await looks.recent.find("key") == "here"
    looks.now = 1.1
    assert await looks.recent.find("key") == "elsewhere"
    assert looks.count == 2


async def test_many_who_ask_at_once_share_one_look_and_one_who_gives_up_takes_nobody_along(looks: Looks) -> None:
    looks.may_answer.clear()
    asking = [asyncio.ensure_future(looks.recent.find("key")) for _ in range(10)]
    await asyncio.sleep(0)
    asking[0].cancel()
    looks.may_answer.set()

    assert await asyncio.gather(*asking[1:]) == ["here"] * 9
    assert looks.count == 1


async def test_what_is_not_there_is_looked_for_again(looks: Looks) -> None:
    looks.value = None
    assert await looks.recent.find("key") is None

    looks.value = "here"
    assert await looks.recent.find("key") == "here"


@pytest.mark.parametrize("by", ["key", "value"])
async def test_what_was_being_looked_up_when_it_was_to_be_forgotten_is_not_remembered(looks: Looks, by: str) -> None:
    looks.may_answer.clear()
    asking = asyncio.ensure_future(looks.recent.find("key"))
    await asyncio.sleep(0)

    looks.value = None
    if by == "value":
        looks.recent.forget_where(lambda value: value == "here")
    else:
        looks.recent.forget("key")
    looks.may_answer.set()
    await asking

    assert await looks.recent.find("key") is None


async def test_a_look_that_failed_is_tried_again(looks: Looks) -> None:
    looks.value = "broken"
    with pytest.raises(ValueError, match="key"):
        await looks.recent.find("key")

    looks.value = "mended"
    assert await looks.recent.find("key") == "mended"
