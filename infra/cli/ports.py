"""TCP ports: which are free, and who has the others."""

from typing import NamedTuple

import psutil

from infra.config import ConfigError, Settings
from infra.ports import any_free_port, is_free


class Ports(NamedTuple):
    """Where one start listens for browsers."""

    gateway: int
    simulator: int


def claim_ports(settings: Settings, wanted: int) -> Ports:
    """`wanted` is the gateway's; who wants any free port gets any free port for the simulator too."""
    gateway = claim_port(settings.gateway_host, wanted)
    return Ports(gateway, claim_near(settings.simulator_host, settings.simulator_port if wanted else 0))


def claim_port(host: str, wanted: int) -> int:
    """`wanted` if it is free, any free one for 0. Raises ConfigError that says who has it."""
    if not wanted:
        return any_free_port(host)
    if is_free(host, wanted):
        return wanted
    raise ConfigError(f"port {wanted} on {host} is taken{holder(wanted)}: choose another with --port, or --port 0")


def claim_near(host: str, wanted: int) -> int:
    """`wanted` if it is free, otherwise any that is."""
    return wanted if wanted and is_free(host, wanted) else any_free_port(host)


def holder(port: int) -> str:
    """` by NAME (process PID)`, or nothing where the system does not tell."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and getattr(connection.laddr, "port", None) == port
            if listens and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return ""
