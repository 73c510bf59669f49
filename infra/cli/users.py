"""`ttm createsuperuser`: makes users over the bus, as the person at this machine."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec
import typer

from infra.bus import Bus
from infra.cli.running import running_settings
from infra.cli.screen import say
from infra.config import ConfigError, Settings
from infra.log import setup_logging
from schemas.accounts import CreateUser, User
from schemas.base import Role

_PATIENCE = 10.0


def create_administrator(username: str, name: str, data: Path) -> None:
    """Raises ConfigError and BusError."""
    settings = running_settings(data)
    if not settings.nats_url:
        raise ConfigError(f"nothing runs on {data}: start `ttm up` first, or set NATS_URL and NATS_PASSWORD_CONSOLE")
    settings.require("nats_password_console")
    wanted = {"type": CreateUser.tag(), "username": username, "name": name, "is_admin": True}
    try:
        command = msgspec.convert({**wanted, "password": _read_password()}, CreateUser)
    except msgspec.ValidationError as error:
        raise ConfigError(str(error)) from error
    setup_logging(settings)
    user = asyncio.run(_create(settings, command))
    say(f"{user.username} may sign in now.")


def _read_password() -> str:
    if from_environment := os.environ.get("TTM_PASSWORD"):
        return from_environment
    if sys.stdin.isatty():
        password: str = typer.prompt("Password (10 characters or more)", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\n")


async def _create(settings: Settings, command: CreateUser) -> User:
    bus = Bus(settings, Role.CONSOLE)
    try:
        await asyncio.wait_for(bus.connect(), _PATIENCE)
        return await bus.request(command, timeout=_PATIENCE)
    except TimeoutError:
        raise ConfigError(f"NATS does not answer at {settings.nats_url}") from None
    finally:
        await bus.close()
