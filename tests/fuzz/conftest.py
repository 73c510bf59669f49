"""Says at the end how to have the same examples again."""

import pytest

from tests.fuzz.effort import MINUTES, SEED, SHORT


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not SHORT:
        terminalreporter.write_line(f"The same again: make fuzz MINUTES={MINUTES} FUZZ_SEED={SEED}")
