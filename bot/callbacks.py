"""What the buttons carry. Telegram takes 64 bytes of it; the tests fill each with the largest ids."""

from enum import StrEnum
from typing import Annotated, Self

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from schemas.accounts import Language
from schemas.ids import NoticeId, TaskId, TeamId, UserId
from schemas.notices import Kind

_LATEST = 253_370_764_799
"""The last second of the year 9998."""

Version = Annotated[int, Field(ge=1, le=2**31 - 1)]

NOBODY = UserId(0)
NO_NOTICE = NoticeId(0)
"""The buttons stand below something else than a notice."""


class Done(CallbackData, prefix="d"):
    """Complete a task, and say so in the message."""

    task: TaskId
    notice: NoticeId = NO_NOTICE


class Until(StrEnum):
    HOUR = "h"
    TOMORROW = "t"


class Snooze(CallbackData, prefix="z"):
    """Tell of it again later."""

    task: TaskId
    notice: NoticeId
    until: Until


class Members(CallbackData, prefix="m"):
    """Show whom a task can be given to."""

    task: TaskId
    notice: NoticeId = NO_NOTICE
    page: int = 0


class Give(CallbackData, prefix="g"):
    """Give a task to somebody, or to NOBODY."""

    task: TaskId
    notice: NoticeId
    to: UserId


class Keep(CallbackData, prefix="k"):
    """Leave a task with whom it is with: show the first buttons again."""

    task: TaskId
    notice: NoticeId


class Act(StrEnum):
    """What can be taken back, by what it was."""

    DONE = "d"
    GIVEN = "g"
    DATED = "t"
    CREATED = "n"


class Undo(CallbackData, prefix="u"):
    """Take back what made a task's `version`, and nothing else.

    `previous` is what it was before: whom it was with, or its deadline in seconds since 1970; 0 is none.
    """

    act: Act
    task: TaskId
    version: Version
    previous: Annotated[int, Field(ge=0, le=_LATEST)] = 0
    notice: NoticeId = NO_NOTICE

    @classmethod
    def unpack(cls, value: str) -> Self:
        """Buttons that were sent before they knew their notice still work."""
        is_whole = value.count(cls.__separator__) == len(cls.model_fields)
        return super().unpack(value if is_whole else f"{value}{cls.__separator__}{NO_NOTICE}")


class Page(CallbackData, prefix="p"):
    """Turn to a page of one's tasks."""

    page: int


class Tick(CallbackData, prefix="t"):
    """Complete a task of a list, and show the list again."""

    task: TaskId
    page: int


class Untick(CallbackData, prefix="x"):
    """Take that back."""

    task: TaskId
    version: Version
    page: int


class NewIn(CallbackData, prefix="n"):
    """Make the message that this answers a task of a team."""

    team: TeamId


class Forget(CallbackData, prefix="f"):
    """Make nothing of it."""


class Say(CallbackData, prefix="c"):
    """Make the message that this answers a comment on a task."""

    task: TaskId


class Mute(CallbackData, prefix="q"):
    """Send nothing for so many hours; 0 is to send again, and -1 until tomorrow morning."""

    hours: Annotated[int, Field(ge=-1, le=24)]


class Speak(CallbackData, prefix="l"):
    """Speak a language."""

    language: Language


class Bind(CallbackData, prefix="b"):
    """Tell this group of a team."""

    team: TeamId


class Toggle(CallbackData, prefix="y"):
    """Tell this group of a kind, or no longer."""

    kind: Kind
