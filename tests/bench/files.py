"""How many files, which sockets are too, this process and its children may have open."""

import resource


def raise_limit() -> None:
    """As many as are allowed; most systems begin with 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
