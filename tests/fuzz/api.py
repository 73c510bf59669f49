"""One run of Schemathesis over a running product, as its own process."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.fuzz.effort import SEED

HOOKS = Path(__file__).with_name("hooks.py")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
)
PHASES = ("examples", "coverage", "fuzzing", "stateful")

_IDS = [*range(1, 13)]
"""The first ids of each kind: those of the demo."""
_OFTEN = 0.6


class Who(NamedTuple):
    """Who calls: nobody when there is no username."""

    username: str = ""
    password: str = ""
    user: int = 0


class Run(NamedTuple):
    """How it ended, what it said to people, and its report."""

    code: int | None
    said: str
    report: Mapping[str, Any]

    @property
    def accepted(self) -> Mapping[str, int]:
        """How many calls of each operation were answered with what they asked for."""
        rates: Mapping[str, Mapping[str, Mapping[str, int]]] = self.report["valid_rates"]
        return {label: sum(rate["accepted"] for rate in phases.values()) for label, phases in rates.items()}


async def schemathesis(url: str, who: Who, service_token: str, folder: Path, seconds: int) -> Run:
    """Call the API for that long, with whatever its document allows, and with what it does not."""
    config, report = folder / "schemathesis.toml", folder / "report.json"
    config.write_text(_config(who, service_token))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "--no-color", "run"),
        *(f"{url}/api/openapi.json", "--phases", ",".join(PHASES), "--checks", ",".join(CHECKS)),
        *("--max-time", str(seconds), "--seed", str(SEED), "--generation-database", "none", "--warnings", "off"),
        *("--max-failures", "20", "--continue-on-failure", "--request-timeout", "10"),
        *("--report", "json", "--report-json-path", str(report)),
        cwd=folder,
        env=os.environ | {"FUZZ_USER": str(who.user), "FUZZ_USERNAME": who.username},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return Run(process.returncode, said.decode(), json.loads(report.read_bytes()) if report.exists() else {})


def _config(who: Who, service_token: str) -> str:
    lines = [
        f"hooks = {json.dumps(str(HOOKS))}",
        f"[dictionaries]\nids = {{ values = {_IDS} }}",
        f'[generation.dictionaries]\ninteger = {{ dictionary = "ids", probability = {_OFTEN} }}',
        f"[auth.openapi.service]\nbearer = {json.dumps(service_token)}",
    ]
    if who.username:
        sign_in = {"username": who.username, "password": who.password}
        payload = ", ".join(f"{name} = {json.dumps(value)}" for name, value in sign_in.items())
        lines += [
            '[auth.dynamic.openapi.session]\npath = "/api/auth/login/"',
            f"payload = {{ {payload} }}",
            'extract_from = "cookie"\nextract_selector = "ttm_session"',
        ]
    return "\n".join(lines) + "\n"
