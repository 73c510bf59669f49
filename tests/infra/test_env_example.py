"""`.env.example` lists every variable that somebody may set, and no other."""

import re
from pathlib import Path

import yaml

from infra.config import Settings, is_example
from infra.embedded.folder import read_env

ROOT = Path(__file__).parents[2]
EXAMPLE = read_env(ROOT / ".env.example")
SETTINGS = {name.upper() for name in Settings.__struct_fields__}


def compose_variables() -> set[str]:
    return set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))


def test_every_setting_is_in_the_example() -> None:
    assert not SETTINGS - EXAMPLE.keys()


def test_every_variable_of_compose_is_in_the_example() -> None:
    assert not compose_variables() - EXAMPLE.keys()


def test_the_example_names_nothing_that_nobody_reads() -> None:
    servers = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    read_by_servers = {name for server in servers for name in server.get("environment", {})}

    assert not EXAMPLE.keys() - SETTINGS - compose_variables() - read_by_servers


def test_each_variable_of_the_example_is_explained() -> None:
    sections = (ROOT / ".env.example").read_text().split("\n\n")

    for section in sections:
        lines = section.splitlines()
        if any("=" in line and not line.startswith("#") for line in lines):
            assert lines[0].startswith("#") or lines[0].startswith("REDIS_PASSWORD"), section


def test_its_secrets_are_refused_as_they_stand() -> None:
    for name, value in EXAMPLE.items():
        if "PASSWORD" in name or name == "SERVICE_TOKEN":
            assert is_example(value), name


def test_its_other_values_are_those_of_the_settings() -> None:
    defaults = Settings()
    for name in (
        "GATEWAY_HOST",
        "GATEWAY_PORT",
        "SIMULATOR_HOST",
        "SIMULATOR_PORT",
        "LOG_LEVEL",
        "LOG_FORMAT",
        "REGISTRATION",
    ):
        assert EXAMPLE[name] == str(getattr(defaults, name.lower()))
