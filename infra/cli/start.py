"""The start of everything, in order: servers, schema, then all of our own processes at once."""

import sys
from collections.abc import Mapping
from pathlib import Path

from infra.children import Children, Program
from infra.children.program import ready_at_once
from infra.cli.parts import ACTORS, PARTS, find_part
from infra.cli.ports import Ports
from infra.cli.probes import gateway_url, probe_of
from infra.cli.ready import DemoUser, Ready
from infra.cli.screen import Screen
from infra.config import ConfigError, Settings
from infra.embedded import Folder, start_servers
from infra.embedded.folder import new_secret, write_env
from schemas.base import Role

_PARTS_SECONDS = 60.0


class Start:
    """One start of the product as children of this process."""

    def __init__(
        self,
        children: Children,
        folder: Folder,
        screen: Screen,
        environ: Mapping[str, str],
        ports: Ports,
        *,
        apart: bool = False,
    ) -> None:
        """`apart` gives each actor a process of its own."""
        self._children = children
        self._folder = folder
        self._screen = screen
        self._environ = dict(environ)
        self._ports = ports
        self._apart = apart
        self._simulates = not environ.get("BOT_TOKEN")

    async def everything(self, *, demo: bool, data: Path) -> Ready:
        """Returns when people can use it. Raises ConfigError, ChildFailed and BusError."""
        with self._screen.busy("starting NATS, Postgres and Redis"):
            found = await start_servers(self._children, self._folder, self._environ)
        settings = self._settle(found)
        with self._screen.busy("bringing the database up to date"):
            await _migrate(settings)
        with self._screen.busy("starting the actors, the gateway and the bot"):
            await self._start_parts(settings)
        users: list[DemoUser] = []
        if demo:
            with self._screen.busy("filling in the demo"):
                users = await _fill(settings, self._folder)
        return self._ready(settings, users, data)

    def _settle(self, found: Mapping[str, str]) -> Settings:
        """All settings of this start, written down for other terminals. Raises ConfigError."""
        ours = {**found, "GATEWAY_PORT": str(self._ports.gateway)}
        if not self._environ.get("SERVICE_TOKEN"):
            ours["SERVICE_TOKEN"] = self._folder.secrets()["SERVICE_TOKEN"]
        if self._simulates:
            first = Settings.read(self._environ)
            ours |= {
                "SIMULATOR_PORT": str(self._ports.simulator),
                "TELEGRAM_API_BASE": f"http://{first.simulator_host}:{self._ports.simulator}",
                "BOT_TOKEN": self._simulated_token(),
                "SIMULATOR_FILE": first.simulator_file or str(self._folder.root / "simulator.jsonl"),
            }
        settings = Settings.read(self._environ | ours)
        for name in self._names():
            part, _ = find_part([name])
            settings.require(*part.needs)
            settings.refuse_examples(*part.secrets)
        write_env(self._folder.running, settings.variables())
        return settings

    def _simulated_token(self) -> str:
        """A token of the form that Telegram gives out, for the simulator only."""
        if not (token := self._folder.secrets().get("SIMULATOR_BOT_TOKEN")):
            token = f"1000000000:{new_secret()[:35]}"
            self._folder.keep_secrets({"SIMULATOR_BOT_TOKEN": token})
        return token

    def _names(self) -> list[str]:
        names = [name for name in PARTS if name != "simulator" or self._simulates]
        return [one for name in names for one in (ACTORS if name == "actors" and self._apart else (name,))]

    async def _start_parts(self, settings: Settings) -> None:
        await self._children.launch(*(self._program(name, settings) for name in self._names()))
        await self._children.ready(_PARTS_SECONDS)

    def _program(self, name: str, settings: Settings) -> Program:
        return Program(
            role=name,
            argv=[sys.executable, "-P", "-m", "infra.cli", "run", name],
            environ=self._environ_of(name, settings),
            log_file=self._folder.log(name),
            folder=self._folder.root,
            # Telegram itself may be out of reach; that must not keep everything else from starting.
            probe=probe_of(name, settings) if self._simulates or name != "bot" else ready_at_once,
        )

    def _environ_of(self, name: str, settings: Settings) -> dict[str, str]:
        """A part gets the secrets that it needs and no others."""
        part, _ = find_part([name])
        secret = ("nats_password_", "database_url", "redis_url", "service_token", "webhook_secret")
        withheld = {field.upper() for field in settings.__struct_fields__ if field.startswith(secret)}
        granted = {name.upper() for name in part.needs + part.secrets}
        everything = self._environ | settings.variables() | {"PYTHONUNBUFFERED": "1"}
        if name == "bot" and self._simulates and not settings.public_url:
            # The simulator's people sit at this machine, so its links may lead here.
            everything["PUBLIC_URL"] = gateway_url(settings)
        return {variable: value for variable, value in everything.items() if variable not in withheld - granted}

    def _ready(self, settings: Settings, users: list[DemoUser], data: Path) -> Ready:
        return Ready(
            url=gateway_url(settings),
            nats_url=settings.nats_url,
            operator_password=settings.nats_password(Role.OPERATOR),
            simulator_url=settings.telegram_api_base if self._simulates else None,
            users=users,
            processes=self._children.running(),
            logs=str(self._folder.root / "log"),
            data_option="" if data == Path(".ttm") else f" --data {data}",
        )


async def _migrate(settings: Settings) -> None:
    from infra.migrate import SchemaError, migrate

    try:
        await migrate(settings)
    except SchemaError as error:
        raise ConfigError(str(error)) from error


async def _fill(settings: Settings, folder: Folder) -> list[DemoUser]:
    from infra.cli.demo import fill

    return await fill(settings, folder)
