"""What can run as a process of its own, and which variables each needs. Wiring is by name: infra imports no part."""

from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple, Protocol

from infra.config import ConfigError, Settings
from schemas.base import Role


class Main(Protocol):
    """Blocks until it is told to stop. `names` chooses among the actors; empty means all."""

    def __call__(self, settings: Settings, names: Sequence[str]) -> None: ...


class Part(NamedTuple):
    """`target` is `module:function`, a Main; `needs` are the settings without which it cannot work.

    `secrets` are those that it can do without, and that nobody else is to have.
    """

    target: str
    needs: tuple[str, ...]
    secrets: tuple[str, ...] = ()


_ACTORS = "actors.cast:main"

# Stopped in reverse order: whom somebody talks to goes after them.
PARTS = {
    "simulator": Part("bot.simulator.main:main", ("bot_token",)),
    "actors": Part(_ACTORS, ("nats_url", "database_url")),
    "gateway": Part("gateway.main:main", ("nats_url", "nats_password_gateway", "redis_url"), ("service_token",)),
    "bot": Part("bot.main:main", ("nats_url", "nats_password_bot", "bot_token"), ("webhook_secret",)),
}

_NO_ACTORS = {Role.GATEWAY, Role.BOT, Role.CONSOLE, Role.OPERATOR, Role.LOADTEST}
_USE_REDIS = {Role.ACCOUNTS, Role.PRESENCE}
ACTORS = tuple(role for role in Role if role not in _NO_ACTORS)


def find_part(names: Sequence[str]) -> tuple[Part, list[str]]:
    """The part for what somebody typed, and the actors it shall run. Raises ConfigError."""
    if len(names) == 1 and (part := PARTS.get(names[0])):
        actors = list(ACTORS) if part.target == _ACTORS else []
        return _with_needs_of(part, actors), []
    if unknown := [name for name in names if name not in ACTORS]:
        known = ", ".join([*PARTS, *ACTORS])
        raise ConfigError(f"there is no part {', '.join(unknown)}; there are: {known}")
    actors = [Role(name) for name in names]
    return _with_needs_of(PARTS["actors"], actors), [actor.value for actor in actors]


def _with_needs_of(part: Part, actors: Sequence[Role]) -> Part:
    passwords = tuple("nats_password_" + actor.replace("-", "_") for actor in actors)
    redis = ("redis_url",) if _USE_REDIS.intersection(actors) else ()
    return part._replace(needs=part.needs + redis + passwords)


def load_main(part: Part) -> Main:
    """Import the part. This is where the time goes, so check the settings first."""
    module, _, function = part.target.partition(":")
    return getattr(import_module(module), function)
