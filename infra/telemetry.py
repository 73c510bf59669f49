"""W3C trace context: the `traceparent` that goes with a request through every process it touches.

Format: https://www.w3.org/TR/trace-context/#traceparent-header
"""

import random
import re
from contextvars import ContextVar

HEADER = "traceparent"

_FORM = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str] = ContextVar("traceparent", default="")
# Trace ids must differ, not be unguessable, and are made for every request.
_random = random.Random()  # noqa: S311


def start_trace(parent: str | None = None) -> str:
    """Go on with `parent` where it is well formed, otherwise begin a trace; either becomes the current one."""
    if parent is None or not _FORM.fullmatch(parent):
        parent = f"00-{_random.getrandbits(128) | 1:032x}-{_random.getrandbits(64) | 1:016x}-01"
    _current.set(parent)
    return parent


def follow_trace(parent: str) -> None:
    """Make `parent`, or none if it is empty, the current trace; what came over the bus is trusted to be well formed."""
    _current.set(parent)


def current_trace() -> str:
    """The current traceparent, or the empty string."""
    return _current.get()


def trace_id(traceparent: str) -> str:
    """The part that all spans of a trace share; what log lines carry."""
    return traceparent[3:35]
