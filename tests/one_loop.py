"""A test that is no coroutine must use no fixture of the loop.

pytest-asyncio chooses a loop for each test that is one. With another choice, and none is another one, pytest takes down
whatever hangs on the loop, and that is everything: servers, actors, and all that the next test then starts again.
"""

from inspect import isasyncgenfunction, iscoroutinefunction

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if found := [item.nodeid for item in items if isinstance(item, pytest.Function) and _mixes(item)]:
        raise pytest.UsageError(f"these are no coroutines, and use fixtures that are: {found}")


def _mixes(item: pytest.Function) -> bool:
    # What Hypothesis calls is a function around the test.
    test = item.obj.hypothesis.inner_test if hasattr(item.obj, "hypothesis") else item.obj
    fixtures = [one for found in item._fixtureinfo.name2fixturedefs.values() for one in found]
    return not iscoroutinefunction(test) and any(
        iscoroutinefunction(one.func) or isasyncgenfunction(one.func) for one in fixtures
    )
