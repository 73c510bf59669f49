"""What the tests of this folder measured is said at the end of the run, also when they pass."""

from pathlib import Path

import pytest

_MEASURED = pytest.StashKey[list[str]]()


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> list[str]:
    """Lines to be printed at the end."""
    return request.config.stash.setdefault(_MEASURED, [])


@pytest.fixture
def in_full(request: pytest.FixtureRequest) -> None:
    """For tests that take minutes: they run when this folder is named, as `make chaos` does."""
    here = Path(__file__).parent
    named = [Path(argument.partition("::")[0]).resolve() for argument in request.config.args]
    if not any(path == here or here in path.parents for path in named):
        pytest.skip("takes minutes: `make chaos` runs it")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in terminalreporter.config.stash.get(_MEASURED, []):
        terminalreporter.write_line(line)
