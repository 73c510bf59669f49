"""What people type behind a command."""

import re

from aiogram.enums import ChatType
from aiogram.filters import CommandObject
from aiogram.types import Chat, Message

from schemas.ids import TaskId, ThreadId

_TASK = re.compile(r"#?([0-9]{1,16})")
_LARGEST = 2**53 - 1


def words(command: CommandObject) -> list[str]:
    return (command.args or "").split()


def task_number(word: str) -> TaskId | None:
    """`42` or `#42`."""
    match = _TASK.fullmatch(word)
    return TaskId(int(match[1])) if match and 0 < int(match[1]) <= _LARGEST else None


def is_private(chat: Chat) -> bool:
    return chat.type == ChatType.PRIVATE


def thread_of(message: Message) -> ThreadId | None:
    """The topic that a message is in, where a group has topics."""
    return ThreadId(message.message_thread_id) if message.is_topic_message and message.message_thread_id else None
