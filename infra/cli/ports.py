"""TCP ports: which are free, and who has the others."""

import socket
from typing import NamedTuple

import psutil

from infra.config import ConfigError, Settings


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
    if (port := _try(host, wanted)) is None:
        raise ConfigError(f"port {wanted} on {host} is taken{holder(wanted)}: choose another with --port, or --port 0")
    return port


def claim_near(host: str, wanted: int) -> int:
    """`wanted` if it is free, otherwise any that is."""
    return _try(host, wanted) or claim_port(host, 0)


def is_free(host: str, port: int) -> bool:
    return _try(host, port) is not None


def _try(host: str, port: int) -> int | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return None
        found: int = listener.getsockname()[1]
        return found


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
