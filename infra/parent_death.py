"""Lets the kernel stop a child whose parent was killed and could not do it itself (Linux only)."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent(signum: signal.Signals) -> Callable[[], None] | None:
    """What `preexec_fn` shall be: asks for `signum` when the thread that forks ends; None where there is no such thing.

    It runs between fork and exec, after the child has changed its user (which would clear the request).
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signum)

    return ask_the_kernel
