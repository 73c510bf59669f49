"""A hash that takes until a test lets it go on."""

import threading
from typing import Literal

from argon2 import PasswordHasher


class SlowHasher(PasswordHasher):
    """Takes until it is told to go on."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.begun, self.go_on = threading.Event(), threading.Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.begun.set()
        assert self.go_on.wait(5)
        return super().verify(hash, password)
