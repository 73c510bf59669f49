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

NoticeId = NewType("NoticeId", int)
DeliveryId = NewType("DeliveryId", int)
MessageId = NewType("MessageId", int)
"""Of a message within its chat in Telegram."""
ThreadId = NewType("ThreadId", int)
"""Of a topic within a group in Telegram."""

ChatId = NewType("ChatId", int)
"""Of a chat in Telegram: a person's own id, or a negative number for groups."""

Seq = NewType("Seq", int)
"""Position in one team's history: 1, 2, 3, ... without a hole; 0 is before the first event."""

# Type checkers accept only a class below a NewType; msgspec reads the bounds from here.
_PLAIN = (UserId, TeamId, ListId, TaskId, LabelId, CommentId, FilterId, InviteId, TokenId, AuditId, TelegramId)
_OF_NOTICES = (NoticeId, DeliveryId, MessageId, ThreadId)
for _id in (*_PLAIN, *_OF_NOTICES):
    setattr(_id, "__supertype__", Id)  # noqa: B010 - a plain assignment is what the checkers refuse
setattr(ChatId, "__supertype__", Annotated[int, msgspec.Meta(ge=-(2**53) + 1, le=2**53 - 1)])  # noqa: B010 - as above
