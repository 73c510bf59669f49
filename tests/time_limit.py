"""A test in the loop that takes too long is cancelled where it waits, and fails; all else in the loop lives on.

pytest-timeout alone would raise out of a signal, wherever the loop happens to be: often in an actor, which dies of it,
while the test goes on. Its signal stays for what blocks the loop, and for tests that have none.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

import pytest
import pytest_timeout

_GRACE = 5.0
"""Seconds in which a cancelled test must end."""
_PATCH = pytest.StashKey[pytest.MonkeyPatch]()

Coroutine = Callable[..., Awaitable[None]]


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Function, settings: Any) -> bool | None:
    # Hypothesis calls the coroutine once for each example, and all examples together have that time.
    owner, name = (item.obj.hypothesis, "inner_test") if hasattr(item.obj, "hypothesis") else (item, "obj")
    test = getattr(owner, name)
    if not iscoroutinefunction(test):
        return None
    item.stash[_PATCH] = patch = pytest.MonkeyPatch()
    patch.setattr(owner, name, limited(test, settings.timeout))
    return pytest_timeout.pytest_timeout_set_timer(item, settings._replace(timeout=settings.timeout + _GRACE))


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_cancel_timer(item: pytest.Function) -> None:
    if patch := item.stash.get(_PATCH, None):
        patch.undo()


def limited(test: Coroutine, seconds: float) -> Coroutine:
    """Fails `seconds` from now."""
    end = time.monotonic() + seconds

    @wraps(test)
    async def run(*arguments: Any, **fixtures: Any) -> None:
        limit = asyncio.timeout(end - time.monotonic())
        try:
            async with limit:
                await test(*arguments, **fixtures)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise pytest.fail.Exception(f"it takes longer than {seconds:g} s") from error

    return run
