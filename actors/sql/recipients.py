"""Who is told."""

from typing import NamedTuple

from schemas.ids import ChatId, UserId


class Recipient(NamedTuple):
    """A person by their id, or a group by that of its chat, which is below zero, and of its topic, which may be 0."""

    address: int
    thread: int = 0

    @property
    def user(self) -> UserId | None:
        return UserId(self.address) if self.address > 0 else None

    @property
    def chat(self) -> ChatId | None:
        return ChatId(self.address) if self.address < 0 else None
