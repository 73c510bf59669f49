"""The rules of labels."""

from msgspec import UNSET
from msgspec.structs import replace

from actors.sql.needs import Needs
from actors.task_store.ledger import Ledger
from actors.task_store.rules import decide, need
from schemas.errors import conflict
from schemas.ids import LabelId, TeamId
from schemas.labels import (
    CreateLabel,
    DeleteLabel,
    Label,
    LabelCreated,
    LabelDeleted,
    LabelUpdated,
    UpdateLabel,
)
from schemas.members import MemberRole

_AT_MOST = 200


@need.register
def _(_change: CreateLabel, needs: Needs) -> None:
    needs.new_labels += 1


@need.register(UpdateLabel | DeleteLabel)
def _(change: UpdateLabel | DeleteLabel, needs: Needs) -> None:
    needs.labels.add(change.label)


@decide.register
def create_label(change: CreateLabel, ledger: Ledger) -> Label:
    ledger.team(change.team, change.by, MemberRole.MEMBER)
    name = change.name.strip()
    check_name(ledger, change.team, name)
    check_room(ledger, change.team)
    label = Label(id=next(ledger.new_label_ids), team=change.team, name=name, colour=change.colour, version=1)
    ledger.labels[label.id] = label
    ledger.emit(LabelCreated, label.team, change.by, label=label)
    return label


@decide.register
def update_label(change: UpdateLabel, ledger: Ledger) -> Label:
    label = ledger.label(change.label, change.by)
    ledger.check_version(change.version, label.version, label)
    name = label.name if change.name is UNSET else change.name.strip()
    colour = label.colour if change.colour is UNSET else change.colour
    if (name, colour) == (label.name, label.colour):
        return label
    if name.lower() != label.name.lower():
        check_name(ledger, label.team, name)
    label = replace(label, name=name, colour=colour, version=label.version + 1)
    ledger.labels[label.id] = label
    ledger.emit(LabelUpdated, label.team, change.by, label=label)
    return label


@decide.register
def delete_label(change: DeleteLabel, ledger: Ledger) -> Label:
    label = ledger.label(change.label, change.by)
    ledger.check_version(change.version, label.version, label)
    label = replace(label, deleted_at=ledger.now, version=label.version + 1)
    ledger.labels[label.id] = label
    ledger.emit(LabelDeleted, label.team, change.by, label=label)
    return label


def known_labels(ledger: Ledger, team: TeamId) -> set[LabelId]:
    """The labels that a task of the team may bear."""
    return {label.id for label in _labels(ledger, team)}


def check_room(ledger: Ledger, team: TeamId) -> None:
    """CONFLICT when the team has as many labels as it may have."""
    if len(_labels(ledger, team)) >= _AT_MOST:
        raise conflict(f"a team has at most {_AT_MOST} labels")


def check_name(ledger: Ledger, team: TeamId, name: str) -> None:
    """CONFLICT when another label of the team is called so."""
    if any(label.name.lower() == name.lower() for label in _labels(ledger, team)):
        raise conflict("the team has a label of this name", field="name")


def _labels(ledger: Ledger, team: TeamId) -> list[Label]:
    return [label for label in ledger.labels.values() if label.team == team and label.deleted_at is None]
