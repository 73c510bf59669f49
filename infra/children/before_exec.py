"""What a child does between fork and exec: becomes who it shall be, and asks to die with its parent."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

from infra.children.program import Account

_PR_SET_PDEATHSIG = 1


def before_exec(account: Account | None, stop_signal: signal.Signals) -> Callable[[], None]:
    """What `preexec_fn` shall be. `account` None means that the child runs as we do.

    `subprocess` could change the user itself, but uvloop's cannot. The order matters: changing the user clears the
    request to be stopped when the thread that forks ends, which only Linux knows.
    """
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None
    parent = os.getpid()

    def prepare() -> None:
        if account is not None:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
        if prctl is not None:  # pyright: ignore[reportUnnecessaryComparison] - depends on the system
            prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
            if os.getppid() != parent:  # it died before we asked
                os.kill(os.getpid(), stop_signal)

    return prepare
