"""`docker-compose.yml` and the Dockerfile, read as text: what they promise about safety and health."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.cli.parts import PARTS, find_part
from infra.config import Settings
from infra.nats_conf import password_variable
from schemas.base import Role

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
SERVERS = {"nats", "postgres", "redis"}
ONE_SHOT = {"migrate"}


def test_every_part_has_a_container() -> None:
    assert SERVICES.keys() == SERVERS | ONE_SHOT | PARTS.keys()


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONE_SHOT))
def test_a_service_that_stays_is_watched_and_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(SERVERS | {"actors", "bot", "migrate"}))
def test_only_the_edges_publish_ports(name: str) -> None:
    assert "ports" not in SERVICES[name]


@pytest.mark.parametrize("name", sorted(SERVERS | {"actors", "migrate"}))
def test_what_serves_nobody_outside_cannot_reach_outside(name: str) -> None:
    assert SERVICES[name]["networks"] == ["inside"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_the_file(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        if "PASSWORD" in variable or "TOKEN" in variable:
            assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{variable} has a default or a literal"
        elif "_URL" in variable and "@" in value:
            assert re.search(r":\$\{\w+:\?[^}]+\}@", value), f"{variable} has a default or a literal"


@pytest.mark.parametrize("name", PARTS)
def test_a_container_gets_the_secrets_that_it_needs_and_no_others(name: str) -> None:
    part, _ = find_part([name])
    given = {variable.lower() for variable in SERVICES[name]["environment"]}

    assert set(part.needs) <= given
    assert {variable for variable in given if "password" in variable} == {
        need for need in part.needs if "password" in need
    }
    assert given & {"service_token", "webhook_secret"} == {*part.secrets}
    assert given <= set(Settings.__struct_fields__)


@pytest.mark.parametrize("name", PARTS)
def test_a_container_runs_its_part_and_asks_for_its_health(name: str) -> None:
    assert SERVICES[name]["command"] == ["run", name]
    assert SERVICES[name]["healthcheck"]["test"] == ["CMD", "ttm", "answers", name]


def test_the_bus_knows_every_role() -> None:
    assert {password_variable(role) for role in Role} <= SERVICES["nats"]["environment"].keys()


def test_our_containers_may_do_little() -> None:
    for name in {*PARTS, *ONE_SHOT}:
        service = SERVICES[name]
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_last_stage_of_the_image_installs_nothing_and_is_not_root() -> None:
    last = (ROOT / "Dockerfile").read_text().split("\nFROM ")[-1]

    assert "\nUSER ttm\n" in last
    assert "pip install" not in last
    assert "apt-get" not in last
