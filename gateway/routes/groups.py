"""The groups in Telegram that hear of a team.

A group has an address of its chat's id, `-1001234567890`, and a topic of one has the topic's behind it:
`-1001234567890_17`.
"""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from gateway.api import Ask, route
from gateway.auth import Caller
from schemas.base import Record
from schemas.deliveries import GROUP_KINDS, ChangeGroup, Group, Kinds, ListGroups, UnbindGroup
from schemas.ids import ChatId, TeamId, ThreadId

GroupAddress = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^-?[1-9][0-9]{0,14}(_[1-9][0-9]{0,14})?$(?!\n)",
        description="The chat's id; behind `_` the topic's, if it is one.",
    ),
]


class GroupChanges(Record, forbid_unknown_fields=True):
    kinds: Kinds | UnsetType = UNSET
    """What the group hears of."""


@route("GET", "/api/teams/{team}/groups/")
async def list_groups(ask: Ask, caller: Caller, team: TeamId) -> list[Group]:
    """The groups in Telegram that hear of a team."""
    return await ask(ListGroups(by=caller.id, team=team))


@route("PATCH", "/api/groups/{group}/", example=GroupChanges(kinds=GROUP_KINDS))
async def change_group(ask: Ask, caller: Caller, group: GroupAddress, body: GroupChanges) -> Group:
    """Choose what a group hears of."""
    chat, thread = _meant(group)
    return await ask(ChangeGroup(by=caller.id, chat=chat, thread=thread, kinds=body.kinds))


@route("DELETE", "/api/groups/{group}/", status=204)
async def unbind_group(ask: Ask, caller: Caller, group: GroupAddress) -> None:
    """Let a group hear of its team no more."""
    chat, thread = _meant(group)
    await ask(UnbindGroup(by=caller.id, chat=chat, thread=thread))


def _meant(group: str) -> tuple[ChatId, ThreadId | None]:
    chat, _, thread = group.partition("_")
    return ChatId(int(chat)), ThreadId(int(thread)) if thread else None
