"""Waiting for a condition, never for a time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_PAUSE = 0.01


async def wait_for(predicate: Callable[[], T | Awaitable[T]], timeout: float = 5.0) -> T:
    """Ask `predicate` until its answer is true, and return that answer. Fails after `timeout` seconds."""
    deadline = asyncio.get_running_loop().time() + timeout
    while True:
        said = predicate()
        answer: T = await said if isinstance(said, Awaitable) else said  # pyright: ignore[reportAssignmentType]
        if answer:
            return answer
        assert asyncio.get_running_loop().time() < deadline, f"after {timeout} s still {answer!r}"
        await asyncio.sleep(_PAUSE)
