import pytest
from blockbuster import BlockingError

from infra.migrate import scripts


async def test_the_tests_see_when_something_of_ours_blocks_the_loop() -> None:
    with pytest.raises(BlockingError):
        scripts()
