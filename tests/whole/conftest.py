"""One product for the tests that only look at it; those that stop or kill theirs start one each."""

from collections.abc import AsyncGenerator

import pytest

from tests.whole.product import Product, product


@pytest.fixture(scope="session")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    """With the demo in it."""
    async with product(tmp_path_factory.mktemp("whole") / "data", "--demo") as running:
        yield running
