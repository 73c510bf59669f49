"""What all that is asked of boards has in common: who asks, versions and pages."""

from typing import Annotated, ClassVar

import msgspec

from schemas.base import Command, R, Role
from schemas.ids import UserId
from schemas.text import Key

Version = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
"""Counts the changes of one row; a writer that sends it is refused when somebody else was first."""

Limit = Annotated[int, msgspec.Meta(ge=1, le=500)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class BoardCommand(Command[R]):
    """Asked in somebody's name; the task store decides whether they may."""

    owner: ClassVar[Role] = Role.TASK_STORE

    by: UserId
    as_admin: bool = False
    """Ask as an administrator of the site, who counts as an owner of every team; that is put on record."""


class BoardChange(BoardCommand[R]):
    """Changes a board. A retry with the same `key` within a day gets the first outcome again."""

    key: Key | None = None
