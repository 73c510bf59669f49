"""Labels: a team's own words for its tasks."""

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from schemas.base import Record, TeamEvent, UtcTime
from schemas.boards import BoardChange, Version
from schemas.ids import LabelId, TeamId
from schemas.text import Name

Colour = Annotated[str, msgspec.Meta(pattern=r"^#[0-9a-f]{6}$(?!\n)", description="`#rrggbb`, in small letters.")]


class Label(Record):
    id: LabelId
    team: TeamId
    name: Name
    colour: Colour
    version: Version
    deleted_at: UtcTime | None = None


class CreateLabel(BoardChange[Label], tag="label.create"):
    """Create a label; CONFLICT when the team has one of that name."""

    team: TeamId
    name: Name
    colour: Colour


class UpdateLabel(BoardChange[Label], tag="label.update"):
    """Change a label's name or colour."""

    label: LabelId
    name: Name | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET
    version: Version | None = None


class DeleteLabel(BoardChange[Label], tag="label.delete"):
    """Delete a label; tasks that bore it bear it no longer."""

    label: LabelId
    version: Version | None = None


class LabelCreated(TeamEvent, tag="label.created"):
    """A label exists that did not before."""

    label: Label


class LabelUpdated(TeamEvent, tag="label.updated"):
    """A label has another name or colour."""

    label: Label


class LabelDeleted(TeamEvent, tag="label.deleted"):
    """A label exists no longer."""

    label: Label


class LabelRestored(TeamEvent, tag="label.restored"):
    """A deleted label is back; the tasks that bore it bear it again."""

    label: Label
