"""Passwords: made into hashes, and compared with them."""

import asyncio
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

HASHES_AT_ONCE = 2
HASHES_WAITING = 10
"""Of one command. More would wait longer than those who ask do: they are better told at once to come again."""


class Passwords:
    """A hash takes some 50 ms of a core and 64 MB, by design; so there are few at once, and none in the loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self.nobodys = ""
        """A hash that no password fits, once `prepare` has been called."""

    async def prepare(self) -> None:
        self.nobodys = await self.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, _typed(password))

    async def fits(self, password_hash: str, password: str) -> bool:
        async with self._hashing:
            try:
                return await asyncio.to_thread(self._hasher.verify, password_hash, _typed(password))
            except VerifyMismatchError:
                return False

    def is_weak(self, password_hash: str) -> bool:
        """Whether it was made as an older version made them."""
        return self._hasher.check_needs_rehash(password_hash)


def _typed(password: str) -> str:
    """One form for what looks alike: keyboards differ in how they compose an accented letter."""
    return unicodedata.normalize("NFKC", password)
