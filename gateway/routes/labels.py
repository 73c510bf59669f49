"""The labels of a team."""

from msgspec import UNSET, UnsetType

from gateway.api import Ask, route
from gateway.auth import Caller
from gateway.routes.lists import Expected
from schemas.base import Record
from schemas.boards import Version
from schemas.history import GetBoard
from schemas.ids import LabelId, TeamId
from schemas.labels import Colour, CreateLabel, DeleteLabel, Label, UpdateLabel
from schemas.text import Name


class NewLabel(Record, forbid_unknown_fields=True):
    name: Name
    colour: Colour


class LabelChanges(Record, forbid_unknown_fields=True):
    """What is sent changes, the rest stays; refused with 409 when `version` is sent and no longer current."""

    name: Name | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET
    version: Version | None = None


@route("GET", "/api/teams/{team}/labels/")
async def list_labels(ask: Ask, caller: Caller, team: TeamId) -> list[Label]:
    """The labels of a team, by name."""
    return (await ask(GetBoard(by=caller.id, team=team))).labels


@route("POST", "/api/teams/{team}/labels/", status=201, example=NewLabel(name="Urgent", colour="#d33a2c"))
async def create_label(ask: Ask, caller: Caller, team: TeamId, body: NewLabel) -> Label:
    """Create a label."""
    return await ask(CreateLabel(by=caller.id, team=team, name=body.name, colour=body.colour))


@route("PATCH", "/api/labels/{label}/", example=LabelChanges(name="Very urgent"))
async def update_label(ask: Ask, caller: Caller, label: LabelId, body: LabelChanges) -> Label:
    """Change a label's name or colour."""
    change = UpdateLabel(by=caller.id, label=label, name=body.name, colour=body.colour, version=body.version)
    return await ask(change)


@route("DELETE", "/api/labels/{label}/", status=204)
async def delete_label(ask: Ask, caller: Caller, label: LabelId, query: Expected) -> None:
    """Delete a label; tasks that bore it bear it no longer."""
    await ask(DeleteLabel(by=caller.id, label=label, version=query.version))
