"""Every variable that is read from the environment, in one place; `.env.example` lists the same."""

import os
from collections.abc import Mapping
from typing import Annotated, Self

import msgspec

from schemas.accounts import Registration
from schemas.base import Role

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class ConfigError(Exception):
    """The environment asks for something that cannot work; the text says which variable and why."""


def is_example(value: str) -> bool:
    """Whether somebody copied an example and left the secret in it as it was."""
    return "change-me" in value.lower() or value.lower() in {"changeme", "password", "secret", "example"}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One field a variable: `database_url` is `DATABASE_URL`."""

    nats_url: str = ""
    """Where NATS is, e.g. `nats://127.0.0.1:4222`; several servers are parted by commas."""
    nats_password_gateway: str = ""
    nats_password_bot: str = ""
    nats_password_accounts: str = ""
    nats_password_task_store: str = ""
    nats_password_presence: str = ""
    nats_password_notifier: str = ""
    nats_password_overdue: str = ""
    nats_password_console: str = ""
    nats_password_operator: str = ""
    nats_password_loadtest: str = ""
    database_url: str = ""
    """Where Postgres is, e.g. `postgresql://ttm:...@db:5432/ttm`."""
    redis_url: str = ""
    """Where Redis is, e.g. `redis://127.0.0.1:6379/0` or `unix:///run/redis.sock`."""
    gateway_host: str = "127.0.0.1"
    gateway_port: Port = 8080
    public_url: str = ""
    """The address in people's browsers, e.g. `https://tasks.example.org`; empty means whatever they used."""
    trust_proxy: bool = False
    """There is a proxy before the gateway and no way around it: believe its X-Forwarded-For."""
    write_limit: Annotated[int, msgspec.Meta(ge=0)] = 600
    """Changes that one person may make in a minute; 0 is no limit."""
    socket_limit: Annotated[int, msgspec.Meta(ge=1)] = 50
    """How many sockets one person may hold at one gateway, so that nobody takes the room of all."""
    registration: Registration = Registration.INVITE
    """Who may create an account of their own: nobody (`closed`), whoever has an `invite`, or everybody (`open`)."""
    service_token: str = ""
    """What a bot of somebody else's shows to act over HTTP for people linked to Telegram; empty lets none in."""
    bot_token: str = ""
    """From @BotFather; without one the bot does not start."""
    telegram_api_base: str = ""
    """Another Bot API server than Telegram's own, such as the simulator."""
    webhook_url: str = ""
    """Where Telegram is to send updates, e.g. `https://tasks.example.org/telegram/`; empty means that the bot asks."""
    webhook_host: str = "127.0.0.1"
    webhook_port: Port = 8091
    webhook_secret: str = ""
    """What Telegram shows with each update, so that nobody else can send any; the bot asks for one with WEBHOOK_URL."""
    simulator_host: str = "127.0.0.1"
    simulator_port: Port = 8090
    simulator_file: str = ""
    """Where the simulator remembers people, chats and messages; empty means only until it stops."""
    simulator_limits: bool = True
    """Whether the simulator refuses what is too much for Telegram: about 30 messages a second, and 1 for each chat."""
    log_level: str = "INFO"
    log_format: str = "console"
    """`console` for people, `json` for collectors."""

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Raises ConfigError where a value has the wrong form."""
        values = {name: environ[name.upper()] for name in cls.__struct_fields__ if environ.get(name.upper())}
        try:
            return msgspec.convert(values, cls, strict=False)
        except msgspec.ValidationError as error:
            raise ConfigError(str(error)) from error

    def require(self, *names: str) -> None:
        """Raises ConfigError naming each variable that is empty, or still what an example says."""
        if missing := [name.upper() for name in names if not getattr(self, name)]:
            raise ConfigError(f"not set: {', '.join(missing)}")
        if examples := [name.upper() for name in names if is_example(str(getattr(self, name)))]:
            raise ConfigError(f"still the value of an example: {', '.join(examples)}")

    def refuse_examples(self, *names: str) -> None:
        """Raises ConfigError naming each variable that is still what an example says; empty ones are fine."""
        self.require(*(name for name in names if getattr(self, name)))

    def variables(self) -> dict[str, str]:
        """What another process must have in its environment to read the same settings."""
        defaults = type(self)()
        return {
            name.upper(): str(value)
            for name in self.__struct_fields__
            if (value := getattr(self, name)) != getattr(defaults, name)
        }

    def nats_password(self, role: Role) -> str:
        """The password of one bus user."""
        return str(getattr(self, "nats_password_" + role.replace("-", "_")))
