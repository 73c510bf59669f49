"""Each direct dependency is explained and pinned, and the locks name no place."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = {re.split(r"[\[><=~! ]", line)[0] for line in PROJECT["dependencies"]}
DEVELOPMENT = {re.split(r"[\[><=~! ]", line)[0] for line in PROJECT["optional-dependencies"]["dev"]}


def pinned(lock: str) -> set[str]:
    return set(re.findall(r"(?m)^([a-z0-9_.-]+)==", (ROOT / lock).read_text()))


def normal(names: set[str]) -> set[str]:
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def test_each_dependency_is_explained_and_nothing_else_is() -> None:
    explained = set(re.findall(r"(?m)^\| `([^`]+)` \|", (ROOT / "docs" / "dependencies.md").read_text()))

    assert explained == RUNTIME | DEVELOPMENT


def test_each_dependency_is_pinned() -> None:
    assert normal(RUNTIME | DEVELOPMENT) <= normal(pinned("requirements.lock"))
    assert normal(RUNTIME) <= normal(pinned("requirements-runtime.lock"))


def test_the_image_gets_no_development_tools() -> None:
    assert not normal(DEVELOPMENT) & normal(pinned("requirements-runtime.lock"))


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-runtime.lock"])
def test_a_lock_has_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert "://" not in text
    assert not re.search(r"(?m)^--", text)
    assert text.count("--hash=sha256:") >= len(pinned(lock))
