"""What the tests of this folder measured is said at the end of the run, also when they pass."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

_MEASURED = "measured"


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Lines to be printed at the end. They travel with the report, for the test may run in a process of its own."""
    lines: list[str] = []
    yield lines
    request.node.user_properties.extend((_MEASURED, line) for line in lines)


@pytest.fixture
def in_full(request: pytest.FixtureRequest) -> None:
    """For tests that take minutes: they run when this folder is named, as `make chaos` does."""
    here = Path(__file__).parent
    named = [Path(argument.partition("::")[0]).resolve() for argument in request.config.args]
    if not any(path == here or here in path.parents for path in named):
        pytest.skip("takes minutes: `make chaos` runs it")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in chain(*terminalreporter.stats.values()):
        if getattr(report, "when", None) == "teardown":
            for line in (line for name, line in report.user_properties if name == _MEASURED):
                terminalreporter.write_line(line)
