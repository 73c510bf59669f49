"""Administrators of the site: accounts says who they are, and puts on record what they do here."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from infra.bus import Bus
from infra.mailbox import Envelope
from schemas.accounts import ActAsAdmin
from schemas.base import Record
from schemas.boards import BoardChange, BoardCommand
from schemas.errors import BusError
from schemas.members import Person
from schemas.search import ListTasks

_SECONDS = 2.0
"""Others wait in the same queue: rather refuse an administrator than keep them longer."""

_THINGS = ("list", "task", "label", "comment", "invite", "user", "to")
_LONGEST = 200
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\s]+")


async def check_admin(bus: Bus, command: BoardCommand[Any]) -> None:
    """Have it put on record that they do this; raises FORBIDDEN unless the asker is an administrator of the site."""
    asked = command.filter if isinstance(command, ListTasks) else command
    team = getattr(asked, "team", None)
    act = ActAsAdmin(by=command.by, act=command.tag(), team=team, about=about(asked))
    await bus.request(act, timeout=_SECONDS)


async def check_admins(bus: Bus, changes: Sequence[Envelope[BoardChange[Any]]]) -> list[BusError | None]:
    """The refusal of each command, or None; those that are not asked as an administrator need no leave."""
    return await asyncio.gather(*(_refusal(bus, change.message) for change in changes))


async def _refusal(bus: Bus, command: BoardChange[Any]) -> BusError | None:
    if not command.as_admin:
        return None
    try:
        await check_admin(bus, command)
    except BusError as error:
        return error
    return None


def about(asked: Record) -> str | None:
    """What is asked for besides a team, on one line."""
    given = {name: getattr(asked, name, None) for name in (*_THINGS, "person", "name", "q")}
    words = [f"{name} {value}" for name, value in given.items() if isinstance(value, int)]
    words += [value.username for value in given.values() if isinstance(value, Person)]
    words += [f'"{value}"' for value in given.values() if isinstance(value, str) and value]
    return _UNSEEN.sub(" ", ", ".join(words))[:_LONGEST] or None
