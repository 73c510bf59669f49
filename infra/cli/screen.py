"""What `ttm` shows: words on standard error; on standard output only the line of JSON that was asked for."""

import json
import sys
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from infra.children import ChildFailed
from infra.cli.ready import Finding, Ready
from infra.config import ConfigError
from schemas.errors import BusError

_console = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """One line for a person."""
    _console.print(text, markup=False, soft_wrap=True)


@contextmanager
def refusals() -> Generator[None]:
    """Turn what may go wrong by the user's or the machine's doing into one message and exit status 1."""
    try:
        yield
    except (ConfigError, ChildFailed) as error:
        say(f"ttm: {error}")
        raise typer.Exit(code=1) from None
    except BusError as error:
        say(f"ttm: {error.detail}")
        raise typer.Exit(code=1) from None


class Screen:
    """The progress of a start and its outcome."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def busy(self, text: str) -> AbstractContextManager[Any]:
        """Show `text` while something takes its time."""
        if _console.is_terminal:
            return _console.status(text)
        say(text)
        return nullcontext()

    def show(self, ready: Ready) -> None:
        """Say that the product can be used, and how."""
        if self._as_json:
            _write_json(ready.as_json())
        else:
            _console.print(_summary(ready))


def _write_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _summary(ready: Ready) -> Panel:
    table = Table.grid(padding=(0, 2))
    table.add_row("Web", f"[bold]{ready.url}[/bold]")
    if ready.simulator_url:
        table.add_row("Telegram simulator", ready.simulator_url)
    for user in ready.users:
        table.add_row("Sign in as", f"[bold]{user.username}[/bold]  {user.password}  ({user.role})")
    if not ready.users:
        table.add_row("First user", "ttm createsuperuser" + ready.data_option)
    table.add_row("Logs", ready.logs)
    table.add_row("Stop", "Ctrl-C")
    return Panel(table, title="Team Task Manager is ready", expand=False)


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """What `ttm doctor` found out."""
    if as_json:
        _write_json([finding._asdict() for finding in findings])
        return
    for finding in findings:
        word = "[green]ok[/green]     " if finding.ok else "[red]problem[/red]"
        _console.print(f"{word}  [bold]{finding.name}[/bold]: ", end="")
        say(finding.text if finding.ok else f"{finding.text}. {finding.remedy}")
