"""The ids of the product: integers that people can read out and type."""

from typing import Annotated, NewType

import msgspec

Id = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
"""From 1 to what a browser can hold exactly."""

UserId = NewType("UserId", int)
TeamId = NewType("TeamId", int)
ListId = NewType("ListId", int)
TaskId = NewType("TaskId", int)
InviteId = NewType("InviteId", int)
TokenId = NewType("TokenId", int)
AuditId = NewType("AuditId", int)
TelegramId = NewType("TelegramId", int)
"""A person's id there; private chats with them have the same one."""
LabelId = NewType("LabelId", int)
CommentId = NewType("CommentId", int)
FilterId = NewType("FilterId", int)

Seq = NewType("Seq", int)
"""Position in one team's history: 1, 2, 3, ... without a hole; 0 is before the first event."""

# Type checkers accept only a class below a NewType; msgspec reads the bounds from here.
for _id in (UserId, TeamId, ListId, TaskId, LabelId, CommentId, FilterId, InviteId, TokenId, AuditId, TelegramId):
    setattr(_id, "__supertype__", Id)  # noqa: B010 - a plain assignment is what the checkers refuse
