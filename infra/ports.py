"""Free TCP ports."""

import random
import socket

from infra.config import ConfigError

_LISTENERS = range(20_000, 32_768)
"""Below what systems give to outgoing connections: one of those could take a port between its choice and its use."""

_TRIES = 100


def is_free(host: str, port: int) -> bool:
    """Whether somebody could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


def any_free_port(host: str) -> int:
    """One that is free and likely stays so until its server listens there. Raises ConfigError when there is none."""
    for port in random.sample(_LISTENERS, _TRIES):
        if is_free(host, port):
            return port
    raise ConfigError(f"no TCP port is free on {host}")
