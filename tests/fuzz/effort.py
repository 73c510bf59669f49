"""How long the fuzzing goes on: a minute's worth in every run of the tests, much more with `make fuzz`.

FUZZ_MINUTES is how long the API is fuzzed; whatever else is fuzzed gets that many times as many examples. The short
form draws the same examples each time, the long one others each time; FUZZ_SEED repeats those of a run before.
"""

import os
import random
from collections.abc import Callable
from typing import Any

import hypothesis

MINUTES = int(os.environ.get("FUZZ_MINUTES") or 1)
SHORT = MINUTES == 1
SEED = int(os.environ.get("FUZZ_SEED") or (0 if SHORT else random.randrange(2**32)))


def fuzzed(examples: int, **more: Any) -> Callable[[Any], Any]:
    """Run a test with `examples` examples, or with as many more as there is time for."""
    settings = settings_for(examples, **more)
    return lambda test: settings(hypothesis.seed(SEED)(test))


def settings_for(examples: int, **more: Any) -> hypothesis.settings:
    # Whatever the machine is slow at, no example is wrong for it: only answers that never come are.
    return hypothesis.settings(
        max_examples=examples * MINUTES,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
        **more,
    )


def seconds(short: float) -> float:
    """The time limit of a test that takes `short` seconds at most in its short form."""
    return short * MINUTES
