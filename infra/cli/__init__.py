"""The `ttm` command: start the product, run one part of it, make users, find out what is wrong."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Team Task Manager: a real-time task manager for teams.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DEFAULT_DATA = Path(".ttm")

Data = Annotated[Path, typer.Option(help="Folder that holds the databases, the secrets and the logs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write one line of JSON to standard output.")]


@app.command()
def up(
    data: Data = DEFAULT_DATA,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the web page is; 0 takes any free port.")] = 8080,
    demo: Annotated[bool, typer.Option(help="Make users and a team to try things with.")] = False,
    apart: Annotated[bool, typer.Option(help="Give each actor a process of its own.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start everything on this machine, and keep it running until Ctrl-C."""
    from infra.cli.screen import Screen, refusals
    from infra.cli.up import Options, serve

    with refusals():
        serve(Options(data=data, port=port, demo=demo, apart=apart), Screen(as_json=as_json))


@app.command()
def run(
    names: Annotated[list[str], typer.Argument(help="gateway, actors, bot, simulator, or the names of actors.")],
) -> None:
    """Run one part in this process, as the environment says."""
    from infra.cli.run import run_part
    from infra.cli.screen import refusals

    with refusals():
        run_part(names)


@app.command(hidden=True)
def answers(part: Annotated[str, typer.Argument(help="gateway, actors, bot or simulator")]) -> None:
    """Exit with 0 when that part can do its work: the health check of a container."""
    from infra.cli.run import check_part
    from infra.cli.screen import refusals

    with refusals():
        check_part(part)


@app.command()
def migrate(data: Data = DEFAULT_DATA) -> None:
    """Bring the database to the schema of this version."""
    from infra.cli.database import migrate_database
    from infra.cli.screen import refusals

    with refusals():
        migrate_database(data)


@app.command()
def createsuperuser(
    username: Annotated[str, typer.Option(prompt=sys.stdin.isatty(), help="As typed at sign-in.")] = "",
    name: Annotated[str, typer.Option(help="What others see; the username if not given.")] = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Make a user who may administrate. The password is asked for, or read from TTM_PASSWORD or standard input."""
    from infra.cli.screen import refusals
    from infra.cli.users import create_administrator

    with refusals():
        create_administrator(username, name or username, data)


@app.command()
def doctor(
    data: Data = DEFAULT_DATA,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the web page is, or shall be.")] = 8080,
    as_json: AsJson = False,
) -> None:
    """Say what is missing or does not answer, and what to do about it."""
    from infra.cli.doctor import examine
    from infra.cli.screen import refusals, show_findings

    with refusals():
        findings = examine(data, port)
        show_findings(findings, as_json=as_json)
    raise typer.Exit(code=0 if all(finding.ok for finding in findings) else 1)
