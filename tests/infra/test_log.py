import subprocess
import sys
from pathlib import Path

import pytest

_FAIL = """
import logging, sys
from infra.config import Settings
from infra.log import get_logger, setup_logging
from infra.telemetry import start_trace

setup_logging(Settings(log_format=sys.argv[1]))
start_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

def check(password):
    raise ValueError("no")

try:
    check("open " + "sesame")
except ValueError:
    get_logger("ours").exception("it failed", user=7)
    logging.getLogger("theirs").exception("it failed too")
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_failure_is_logged_with_its_trace_and_without_what_the_variables_held(form: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", _FAIL, form], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )

    assert said.stdout == ""
    assert said.stderr.count("ValueError: no") == 2
    assert said.stderr.count("0af7651916cd43dd8448eb211c80319c") == 2
    assert "it failed too" in said.stderr
    assert "open sesame" not in said.stderr
