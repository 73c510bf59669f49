"""What the commands find out, for people and for programs."""

from typing import Any, NamedTuple

from infra.children import Running


class DemoUser(NamedTuple):
    """Somebody to sign in as."""

    username: str
    password: str
    role: str


class Ready(NamedTuple):
    """A product that can be used."""

    url: str
    nats_url: str
    operator_password: str
    simulator_url: str | None
    users: list[DemoUser]
    processes: list[Running]
    logs: str
    data_option: str
    """What to add to `ttm` commands so that they find this data folder."""

    def as_json(self) -> dict[str, Any]:
        """The line of `ttm up --json`."""
        return {
            "url": self.url,
            "nats_url": self.nats_url,
            "operator": {"user": "operator", "password": self.operator_password},
            "simulator_url": self.simulator_url,
            "users": [user._asdict() for user in self.users],
            "processes": self.processes,
        }


class Finding(NamedTuple):
    """One thing that `ttm doctor` looked at."""

    name: str
    ok: bool
    text: str
    remedy: str = ""
